"""The failures of a web service, by kind; a caller decides what each means for its work."""

from enum import Enum, auto

from shared.errors import DosewireError


class Trouble(Enum):
    """Kinds of failures, by what can be done about them."""

    AWAY = auto()
    """It cannot be reached, or broke off."""
    LATER = auto()
    """It asks to be left alone for a while (429, 503)."""
    FAILED = auto()
    """It failed, or answered nonsense; that may pass."""
    TOO_MUCH = auto()
    """The answer would be, or is, too long (413)."""
    REFUSED_US = auto()
    """A person has to change something there or here: credentials, certificates, the URL."""
    MISSING = auto()
    """It does not have what was asked for (404, 410)."""
    NOT_ACCEPTABLE = auto()
    """It has it, but not as we want it (406)."""
    REFUSED_REQUEST = auto()
    """It does not understand this request (400 and others)."""


class WebError(DosewireError):
    """A web service did not do what we asked for. The text says what, and what to do, after the name of the node.

    Args:
        trouble: of which kind it is.
        text: what happened, as it follows the name of the node; never what the service itself wrote.
        retry_after: for how many seconds the service asks to be left alone; None: it does not say.
    """

    def __init__(self, trouble: Trouble, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.trouble = trouble
        self.retry_after = retry_after
