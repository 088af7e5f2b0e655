"""What a node process tells its supervisor through its standard output, one line each."""

import json
from dataclasses import dataclass

from services.store_scp.common.rejection import Cause, printable_ae_title
from shared.spool.trace import is_trace_id


@dataclass(frozen=True, slots=True)
class Listening:
    """The node has its port."""


@dataclass(frozen=True, slots=True)
class StoppedListening:
    """The node has given its port back; it may still finish objects that are on their way."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The node cannot do its work, with the reason in words; it ends."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stored:
    """An object is safe in the spool."""

    trace_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Somebody was turned away. What the peer said of itself is made printable on its way."""

    cause: Cause
    called_ae_title: str = ""
    calling_ae_title: str = ""
    peer_address: str = ""
    detail: str = ""
    """What there is to say beyond the cause, in our own words."""


@dataclass(frozen=True, slots=True)
class Open:
    """How many associations the node has now, in all of its processes."""

    associations: int


NodeOutput = Listening | StoppedListening | Failed | Stored | Rejected | Open


def encode(output: NodeOutput) -> bytes:
    """Return the line that says this, shorter than a pipe's atomic write (512 bytes at least)."""
    match output:
        case Stored(trace_id):
            text = f"stored {trace_id}"
        case Listening():
            text = "listening"
        case Open(associations):
            text = f"open {associations}"
        case StoppedListening():
            text = "stopped-listening"
        case Failed(reason):
            text = f"failed {' '.join(reason.split())}"
        case Rejected(cause, called, calling, address, detail):
            titles = printable_ae_title(called), printable_ae_title(calling)
            said = [cause, *titles, _printable(address, 64), _printable(detail, 120)]
            text = f"rejected {json.dumps(said)}"
    return text.encode()[:500] + b"\n"


def decode(line: bytes) -> NodeOutput | None:
    """Return what the line says; None for a line that says nothing (output of a library, a line cut short)."""
    word, _, rest = line.decode(errors="replace").strip().partition(" ")
    if word == "stored" and is_trace_id(rest):
        return Stored(rest)
    if word == "open" and rest.isdecimal():
        return Open(int(rest))
    if word == "failed":
        return Failed(rest)
    if word == "rejected":
        return _rejected(rest)
    if word == "listening":
        return Listening()
    return StoppedListening() if word == "stopped-listening" else None


def _rejected(text: str) -> Rejected | None:
    try:
        cause, called, calling, address, detail = json.loads(text)
        titles = printable_ae_title(called), printable_ae_title(calling)
        return Rejected(Cause(cause), *titles, _printable(address, 64), _printable(detail, 120))
    except (ValueError, TypeError):
        return None


def _printable(text: str, length: int) -> str:
    return "".join(character for character in text[:length] if " " <= character <= "~")
