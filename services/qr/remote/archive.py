"""A remote node as the steps of a job see it, whatever network protocol it speaks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from pydicom.dataset import Dataset

from services.qr.remote.status import Counts


@dataclass(frozen=True, slots=True)
class Limits:
    """The time limits for a remote node, in seconds."""

    connect: float
    acse: float
    """For the answer to an association request, and to a release."""
    idle: float
    """From one response to the next."""
    total: float
    """For everything from opening to closing."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The remote node's result of a successful retrieval."""

    said: str
    note: str | None = None
    """Findings about the node from its responses, in words."""


class Queryable(Protocol):
    """The part of a remote node that answers queries."""

    def find(self, keys: Dataset) -> Iterator[Dataset | None]:
        """Yield what matches, as it comes; None: an answer that cannot be decoded.

        Args:
            keys: a C-FIND identifier with its Query/Retrieve Level, Study Root (PS3.4 section C.4.1.1.3).
        """
        ...


class Archive(Queryable, Protocol):
    """An open connection with a remote node: a PACS or a modality.

    Each method raises `RemoteError` where the node does not do what we ask for, `JobCancelled` where the job has been
    cancelled meanwhile, and `Stopping` where this worker is being stopped.
    """

    def __str__(self) -> str:
        """Return the name and address of the node, as in every reason."""
        ...

    def echo(self) -> None:
        """Check that the node answers, if its protocol has an operation for that."""
        ...

    def retrieve(self, keys: Dataset, *, progress: Callable[[Counts], None]) -> Retrieved:
        """Have objects sent to the job's store node.

        Args:
            keys: a C-MOVE identifier: the unique keys of a study, a series or an instance (PS3.4 section C.4.2.1.4).
            progress: called with the counts of objects sent, after each response, the last one included.
        """
        ...
