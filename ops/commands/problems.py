class CommandProblem(Exception):  # noqa: N818 - it is what the person is told, not a fault of the program
    """Something the person at the command line can mend, said in one sentence."""
