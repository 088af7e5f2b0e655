"""The supervisor's C-ECHO against a real node, and against other servers."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.store_scp.supervisor.nodes.echo import ProbeResult, echo
from tools.measure.store_node import RunningNode

pytestmark = pytest.mark.interop


def look(node: RunningNode, *, port: int | None = None, ae_title: str = "") -> ProbeResult:
    return echo(
        bind=node.host,
        port=port or node.port,
        ae_title=ae_title or node.ae_title,
        calling_ae_title="STRANGER" if ae_title else node.child.probe_ae_title,
    )


def test_a_node_that_answers_has_no_problem(node: RunningNode) -> None:
    assert look(node) == ProbeResult(problem=None, is_rejected=False)


def test_a_rejection_is_told_from_a_node_that_does_not_answer(node: RunningNode) -> None:
    words = "rejects the association: it does not know the AE title OTHER as its own"
    assert look(node, ae_title="OTHER") == ProbeResult(words, is_rejected=True)
    with socket.create_server((node.host, 0)) as unused:
        port = unused.getsockname()[1]
    assert look(node, port=port) == ProbeResult("no connection: Connection refused")


def test_a_peer_that_closes_without_a_word_does_not_answer(node: RunningNode) -> None:
    with socket.create_server((node.host, 0)) as listening, ThreadPoolExecutor(1) as caller:
        listening.settimeout(10)
        result = caller.submit(look, node, port=listening.getsockname()[1])
        connection, _ = listening.accept()
        connection.close()
        assert result.result(20) == ProbeResult("closes the connection without a word")
