"""The page of a release: what the tables say, for people with a browser."""
