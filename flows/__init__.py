"""When things run, and the only door to the outside: sources in, a published version out."""
