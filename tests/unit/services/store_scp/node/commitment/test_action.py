from pathlib import Path

import pytest

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.node.commitment import action as module
from services.store_scp.node.commitment.action import LONGEST_INFORMATION, Action
from services.store_scp.node.protocol.operation import Origin
from tests.unit.services.store_scp.node.commitment.test_information import (
    IMPLICIT,
    ONE,
    TWO,
    command,
    encoded,
    information,
)

ORIGIN = Origin(node="Main store", calling_ae_title="CT99", called_ae_title="DOSEWIRE", address="192.0.2.7", port=50000)


class Node:
    """What an action has around it: the folder, and what was answered."""

    def __init__(self, path: Path) -> None:
        self.folder = CommitmentFolder(path=path)
        self.answers: list[tuple[int, str]] = []

    def ask(self, *pieces: bytes, full: str | None = None) -> tuple[int, str]:
        """Let a request come in these pieces; returns the answer."""
        action = Action(
            request=command({}),
            transfer_syntax_uid=IMPLICIT,
            origin=ORIGIN,
            folder=self.folder,
            full=full,
            respond=lambda status, comment: self.answers.append((status, comment)),
        )
        for piece in pieces:
            buffer = bytearray(piece)
            action.write(memoryview(buffer))
            buffer[:] = bytes(len(buffer))  # the memory of a piece is used again
            action.flush()
        assert len(self.answers) == 0 or not pieces
        action.finish()
        return self.answers[-1]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path / "commitment")


def test_a_request_is_on_disk_when_it_is_answered_with_success(node: Node) -> None:
    data = encoded(information(ONE, TWO))
    assert node.ask(data[:10], data[10:]) == (0x0000, "")
    (key,) = node.folder.keys()
    request = node.folder.read(key)
    assert request is not None
    assert (request.transaction_uid, request.references) == ("2.25.99", (ONE, TWO))
    assert (request.node, request.calling_ae_title, request.called_ae_title) == ("Main store", "CT99", "DOSEWIRE")
    assert request.peer_address == "192.0.2.7"


def test_a_request_without_data_set_is_refused(node: Node) -> None:
    assert node.ask() == (0x0115, "the request has no data set")
    assert node.folder.keys() == []


def test_a_disk_below_its_watermark_refuses(node: Node) -> None:
    assert node.ask(encoded(information(ONE)), full="the disk is full") == (0x0213, "the disk is full")


def test_a_request_that_is_too_long_is_refused_without_being_held(node: Node) -> None:
    assert node.ask(*[bytes(LONGEST_INFORMATION // 2)] * 3)[0] == 0x0213


def test_more_requests_than_may_wait_are_refused(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAXIMUM_WAITING", 1)
    assert node.ask(encoded(information(ONE)))[0] == 0x0000
    node.answers.clear()
    assert node.ask(encoded(information(TWO, transaction_uid="2.25.98")))[0] == 0x0213
    assert len(node.folder.keys()) == 1


def test_a_request_that_cannot_be_stored_is_a_processing_failure(node: Node, tmp_path: Path) -> None:
    (tmp_path / "commitment").write_text("a file where the folder should be")
    assert node.ask(encoded(information(ONE)))[0] == 0x0110
