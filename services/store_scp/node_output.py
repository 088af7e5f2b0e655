"""What a node process tells its supervisor through its standard output, one line each."""

from dataclasses import dataclass

from shared.trace import is_trace_id


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


NodeOutput = Listening | StoppedListening | Failed | Stored


def encode(output: NodeOutput) -> bytes:
    """Return the line that says this, shorter than a pipe's atomic write (512 bytes at least)."""
    match output:
        case Stored(trace_id):
            text = f"stored {trace_id}"
        case Listening():
            text = "listening"
        case StoppedListening():
            text = "stopped-listening"
        case Failed(reason):
            text = f"failed {' '.join(reason.split())}"
    return text.encode()[:500] + b"\n"


def decode(line: bytes) -> NodeOutput | None:
    """Return what the line says; None for a line that says nothing (output of a library, a line cut short)."""
    word, _, rest = line.decode(errors="replace").strip().partition(" ")
    if word == "stored" and is_trace_id(rest):
        return Stored(rest)
    if word == "failed":
        return Failed(rest)
    if word == "listening":
        return Listening()
    return StoppedListening() if word == "stopped-listening" else None
