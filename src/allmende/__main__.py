"""`python -m allmende` is the command line."""

from allmende.cli import main

main()
