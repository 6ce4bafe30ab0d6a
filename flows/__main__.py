"""`python -m flows` is `aicompute`."""

from flows.cli import main

main()
