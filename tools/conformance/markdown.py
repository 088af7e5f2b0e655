"""Tables in Markdown."""

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; a bar in a cell is escaped."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def status(value: int) -> str:
    """Return a status as the standard writes it."""
    return f"{value:04X}"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
