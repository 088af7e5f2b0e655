"""How several values of one element stand in one text."""

JOINED = " | "


def values_of_text(text: str) -> list[str]:
    """Return the single values of a text that may hold several."""
    return text.split(JOINED)
