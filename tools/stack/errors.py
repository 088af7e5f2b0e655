"""The error of these tools; its text has the fault and advice."""


class StackError(Exception):
    """A server, a service or a tool failed. `str` gives the fault and advice."""
