"""What each table of the warehouse must be: columns once, tables as lists of them, and the release gate."""
