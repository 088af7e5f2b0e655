"""The messages of a node process to its supervisor, each a line on its standard output."""

import json
from dataclasses import dataclass
from enum import StrEnum

from services.store_scp.common.rejection import Cause, printable_ae_title
from shared.spool.trace import is_trace_id


@dataclass(frozen=True, slots=True)
class Listening:
    """The node listens on its port."""


@dataclass(frozen=True, slots=True)
class StoppedListening:
    """The node has given its port back; it may still finish objects that are on their way."""


@dataclass(frozen=True, slots=True)
class ListeningFailed:
    """The node cannot listen, with the reason in words; its process ends."""

    cause: "ListeningFailure"
    reason: str


@dataclass(frozen=True, slots=True)
class ObjectStored:
    """An object is safe in the spool."""

    trace_id: str


@dataclass(frozen=True, slots=True)
class CallerRejected:
    """A caller was rejected. Its AE titles and address are made printable by `encode` and `decode`."""

    cause: Cause
    called_ae_title: str = ""
    calling_ae_title: str = ""
    peer_address: str = ""
    detail: str = ""
    """More about this case than its cause says, in our own words."""


@dataclass(frozen=True, slots=True)
class OpenAssociations:
    """The number of associations that the node has open now."""

    associations: int


NodeOutput = Listening | StoppedListening | ListeningFailed | ObjectStored | CallerRejected | OpenAssociations


class ListeningFailure(StrEnum):
    """The causes for which a node cannot listen, as its supervisor distinguishes them."""

    PORT_IN_USE = "port-in-use"
    """The supervisor may be able to find the process that uses the port; the node cannot."""
    OTHER = "other"


def port_in_use(port: int, *, by: str = "another program") -> str:
    """Return the reason of `ListeningFailure.PORT_IN_USE` in words.

    Args:
        port: the node's.
        by: who uses it, where that is known.
    """
    return f"port {port} is in use by {by}; choose another port or stop it"


def encode(output: NodeOutput) -> bytes:
    """Return the line that says this, shorter than a pipe's atomic write (512 bytes at least)."""
    match output:
        case ObjectStored(trace_id):
            text = f"stored {trace_id}"
        case Listening():
            text = "listening"
        case OpenAssociations(associations):
            text = f"open {associations}"
        case StoppedListening():
            text = "stopped-listening"
        case ListeningFailed(cause, reason):
            text = f"failed {cause} {' '.join(reason.split())}"
        case CallerRejected(cause, called, calling, address, detail):
            titles = printable_ae_title(called), printable_ae_title(calling)
            said = [cause, *titles, _printable(address, 64), _printable(detail, 120)]
            text = f"rejected {json.dumps(said)}"
    return text.encode()[:500] + b"\n"


def decode(line: bytes) -> NodeOutput | None:
    """Return the message of a line; None for other lines (output of a library, a line cut short)."""
    word, _, rest = line.decode(errors="replace").strip().partition(" ")
    if word == "stored" and is_trace_id(rest):
        return ObjectStored(rest)
    if word == "open" and rest.isdecimal():
        return OpenAssociations(int(rest))
    if word == "failed":
        return _listening_failed(rest)
    if word == "rejected":
        return _rejected(rest)
    if word == "listening":
        return Listening()
    return StoppedListening() if word == "stopped-listening" else None


def _listening_failed(text: str) -> ListeningFailed | None:
    cause, _, reason = text.partition(" ")
    return ListeningFailed(ListeningFailure(cause), reason) if cause in set(ListeningFailure) else None


def _rejected(text: str) -> CallerRejected | None:
    try:
        cause, called, calling, address, detail = json.loads(text)
        titles = printable_ae_title(called), printable_ae_title(calling)
        return CallerRejected(Cause(cause), *titles, _printable(address, 64), _printable(detail, 120))
    except (ValueError, TypeError):
        return None


def _printable(text: str, length: int) -> str:
    return "".join(character for character in text[:length] if " " <= character <= "~")
