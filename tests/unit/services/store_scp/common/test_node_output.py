import pytest

from services.store_scp.common.node_output import (
    CallerRejected,
    Listening,
    ListeningFailed,
    ListeningFailure,
    NodeOutput,
    ObjectStored,
    OpenAssociations,
    StoppedListening,
    decode,
    encode,
)
from services.store_scp.common.rejection import Cause
from shared.spool.trace import new_trace_id


@pytest.mark.parametrize(
    "output",
    [
        Listening(),
        StoppedListening(),
        ObjectStored(new_trace_id()),
        OpenAssociations(17),
        ListeningFailed(ListeningFailure.PORT_IN_USE, "port 104 is in use"),
        CallerRejected(Cause.CALLING_AE_TITLE, "DOSEWIRE", 'CT "1" [B]', "2001:db8::7"),
        CallerRejected(Cause.TLS, peer_address="192.0.2.7", detail="it does not speak TLS"),
    ],
    ids=type,
)
def test_what_a_node_says_is_understood(output: NodeOutput) -> None:
    line = encode(output)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == output


def test_a_reason_stays_on_one_line_that_a_pipe_takes_whole() -> None:
    line = encode(ListeningFailed(ListeningFailure.OTHER, "first line\nsecond line " + "x" * 1000))
    assert len(line) <= 512
    assert decode(line) == ListeningFailed(
        ListeningFailure.OTHER, ("first line second line " + "x" * 1000)[: 500 - len("failed other ")]
    )


def test_what_a_rejected_peer_calls_itself_cannot_break_a_line_or_fill_the_pipe() -> None:
    line = encode(
        CallerRejected(Cause.CALLED_AE_TITLE, "A\nstored x", "\x1b[2J\0é" * 1000, "192.0.2.7\n" * 100, "x" * 999)
    )
    assert len(line) < 500
    assert line.count(b"\n") == 1
    assert decode(line) == CallerRejected(
        Cause.CALLED_AE_TITLE, "A?stored x", "?[2J???[2J???[2J", ("192.0.2.7" * 100)[:58], "x" * 120
    )


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"stored\n",
        b"stored ../../etc/passwd\n",
        b"open many\n",
        b"failed\n",
        b"failed for some reason\n",
        b"\xff\xfe\n",
        b"warning: x\n",
        b"rejected\n",
        b'rejected ["weather", "A", "B", "192.0.2.7", ""]\n',
        b'rejected ["tls", "A"]\n',
        b'rejected ["tls", 1, 2, 3, 4]\n',
        b'rejected ["calling_ae_title", "A", "B", "192.0.\n',
    ],
)
def test_anything_else_says_nothing(line: bytes) -> None:
    assert decode(line) is None
