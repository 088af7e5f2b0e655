"""The errors of remote nodes: each class has its number of attempts, and says if it concerns the whole job.

The text of each is the reason that a person reads in the job.
"""

from typing import ClassVar, Self

from shared.broker.topology import MAX_ATTEMPTS
from shared.errors import DosewireError, Permanent, Retriable, Unavailable


class RemoteError(DosewireError):
    """A remote node did not do what we asked for. `words` is the text without the name of the node before it."""

    def __init__(self, text: str, *, words: str | None = None) -> None:
        super().__init__(text)
        self.words = text if words is None else words

    @classmethod
    def of(cls, node: object, words: str) -> Self:
        """Return the error whose text is the name of the node and these words."""
        return cls(f"{node} {words}", words=words)

    max_attempts: ClassVar[int]
    """The number of attempts in all, with the first, before the work is given up."""
    whole_job: ClassVar[bool] = False
    """True if every further study of the job would fail in the same way."""


class NodeAway(RemoteError, Retriable):
    """The node cannot be reached, or stopped answering; it may be back in an hour."""

    max_attempts = MAX_ATTEMPTS


class Congested(NodeAway):
    """The node rejects the association for the moment (PS3.8 table 9-21): it runs, but is busy."""


class NodeTrouble(RemoteError, Retriable):
    """The node answered with a failure that may pass."""

    max_attempts = 3


class StudyRefused(RemoteError, Permanent):
    """The node refuses this study; others may succeed."""

    max_attempts = 1


class NodeRefuses(RemoteError, Permanent):
    """The node refuses until a person changes its settings or ours."""

    max_attempts = 1
    whole_job = True


class CalledAETitleUnknown(NodeRefuses):
    """The node rejects the association because it has another AE title than the called one."""


class CallingAETitleUnknown(NodeRefuses):
    """The node rejects the association because it does not accept our AE title."""


class NotArrived(RemoteError, Retriable):
    """Requested objects have not been received; they are requested again."""

    max_attempts = 4


class NotImported(RemoteError, Permanent):
    """Objects were received but could not be imported; another retrieval would not help."""

    max_attempts = 1


class JobCancelled(DosewireError):
    """A person has cancelled the job during this step."""


class Stopping(Unavailable):
    """This worker is being stopped; another one takes the step."""


class WorkTaken(Unavailable):
    """Another worker has taken this step already, as its message came twice."""


class Busy(Unavailable):
    """The most associations that the remote node's settings allow are open; the step is tried again."""


class ImportPending(Unavailable):
    """All objects were received, but some are not imported yet; the step is tried again."""
