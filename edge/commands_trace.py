"""`sorter trace`."""


def trace() -> int:
    """."""
    return 0
