"""The failures of a web service, by kind; each caller decides the consequence for its work."""

from enum import Enum, auto

from shared.errors import DosewireError


class Trouble(Enum):
    """Kinds of failures, by the possible remedy."""

    AWAY = auto()
    """The service cannot be reached, or the connection broke."""
    LATER = auto()
    """The service asks for a pause (429, 503)."""
    FAILED = auto()
    """The service failed, or gave an invalid answer; that may pass."""
    TOO_MUCH = auto()
    """The answer would be, or is, too long (413)."""
    REFUSED_US = auto()
    """A person has to change something at the service or here: credentials, certificates, the URL."""
    MISSING = auto()
    """The service does not have the requested object (404, 410)."""
    NOT_ACCEPTABLE = auto()
    """The service has the object, but not in a wanted form (406)."""
    REFUSED_REQUEST = auto()
    """The service does not understand this request (400 and others)."""


class WebError(DosewireError):
    """A request to a web service failed. The text has the failure and advice, and follows the name of the node.

    Args:
        trouble: the kind of failure.
        text: what happened, as it follows the name of the node; never what the service itself wrote.
        retry_after: the pause in seconds that the service asks for; None: it names none.
    """

    def __init__(self, trouble: Trouble, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.trouble = trouble
        self.retry_after = retry_after
