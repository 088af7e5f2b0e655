"""Glob patterns: `*`, `?`, `[...]` and `[!...]`, without regard to case. Pure."""

from fnmatch import fnmatchcase


def matches(value: str, pattern: str) -> bool:
    """Tell whether the whole of `value` is what `pattern` describes."""
    return fnmatchcase(value.lower(), pattern.lower())
