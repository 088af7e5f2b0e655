"""The interface of DIMSE operations that a node performs: the origin of a request, and the receiver of its data set."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The association on which an operation was requested."""

    node: str
    """The node's friendly name."""
    calling_ae_title: str
    called_ae_title: str
    address: str
    port: int


class Operation(Protocol):
    """An operation whose request has come and whose data set is on its way."""

    def write(self, piece: memoryview) -> None:
        """Take the next bytes of the data set; they may be used until `flush` returns."""

    def flush(self) -> None:
        """Use or copy the bytes that were taken: their memory is about to be overwritten."""

    def finish(self) -> None:
        """Perform the operation: the data set is complete."""

    def discard(self) -> None:
        """Forget the operation: the rest of its data set will not come."""
