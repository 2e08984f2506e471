"""python -m lockstep: the command line."""
from .cli import main

main()
