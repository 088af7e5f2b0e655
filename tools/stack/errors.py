"""The error of these tools: its text says what went wrong and what to do about it."""


class StackError(Exception):
    """A server, a service or a tool cannot do its part. `str` tells what happened and what to do."""
