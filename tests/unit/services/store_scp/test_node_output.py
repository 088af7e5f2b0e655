import pytest

from services.store_scp.node_output import Failed, Listening, NodeOutput, StoppedListening, Stored, decode, encode
from shared.trace import new_trace_id


@pytest.mark.parametrize(
    "output", [Listening(), StoppedListening(), Stored(new_trace_id()), Failed("port 104 is in use")], ids=type
)
def test_what_a_node_says_is_understood(output: NodeOutput) -> None:
    line = encode(output)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == output


def test_a_reason_stays_on_one_line_that_a_pipe_takes_whole() -> None:
    line = encode(Failed("first line\nsecond line " + "x" * 1000))
    assert len(line) <= 512
    assert decode(line) == Failed(("first line second line " + "x" * 1000)[: 500 - len("failed ")])


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"stored\n", b"stored ../../etc/passwd\n", b"\xff\xfe\n", b"warning: x\n"]
)
def test_anything_else_says_nothing(line: bytes) -> None:
    assert decode(line) is None
