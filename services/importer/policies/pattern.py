"""Glob patterns: `*`, `?`, `[...]` and `[!...]`, without regard to case. Pure functions."""

from fnmatch import fnmatchcase


def matches(value: str, pattern: str) -> bool:
    """Tell whether `pattern` matches the whole of `value`."""
    return fnmatchcase(value.lower(), pattern.lower())
