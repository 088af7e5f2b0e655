"""The errors of remote nodes: each class knows how many attempts it is worth, and if the whole job would meet it.

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
    """How many attempts in all, this one included, before we give up."""
    whole_job: ClassVar[bool] = False
    """Whether every further study of the job would meet the same."""


class NodeAway(RemoteError, Retriable):
    """It cannot be reached, or stopped to answer: it may be back in an hour."""

    max_attempts = MAX_ATTEMPTS


class Congested(NodeAway):
    """It rejects the association for the moment (PS3.8 table 9-21): it is there, and busy."""


class NodeTrouble(RemoteError, Retriable):
    """It answered with a failure that may pass."""

    max_attempts = 3


class StudyRefused(RemoteError, Permanent):
    """It will not give us this study; the others are another matter."""

    max_attempts = 1


class NodeRefuses(RemoteError, Permanent):
    """It refuses, and will until a person changes its settings or ours."""

    max_attempts = 1
    whole_job = True


class CalledAETitleUnknown(NodeRefuses):
    """It rejects the association because it has another AE title than the one by which we call it."""


class CallingAETitleUnknown(NodeRefuses):
    """It rejects the association because it does not let us call: it is there, but not for us."""


class NotArrived(RemoteError, Retriable):
    """Something that was asked for has not been received: it is asked for again."""

    max_attempts = 4


class NotImported(RemoteError, Permanent):
    """It was received, and could not be imported: to fetch it again would not help."""

    max_attempts = 1


class JobCancelled(DosewireError):
    """A person cancelled the job while we were at it."""


class Stopping(Unavailable):
    """This worker is being stopped; another takes the step."""


class WorkTaken(Unavailable):
    """Another worker is at this very work; its message came twice."""


class Busy(Unavailable):
    """As many associations as the remote node's settings allow are open; the step comes again."""


class ImportPending(Unavailable):
    """Everything was received, and the importers have not come to all of it yet; the step comes again."""
