"""The one error of the scripts: what went wrong and what to do about it."""


class StackError(Exception):
    """A server, a service or a tool cannot do its part. `str` tells what happened and what to do."""
