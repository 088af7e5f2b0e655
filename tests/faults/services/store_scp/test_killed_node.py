"""A store node that is killed at any instant of its traffic: every object that got Success is there, whole, once."""

import hashlib
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pydicom.filereader import read_file_meta_info

from tools.measure.store_node import RunningNode, data_set_bytes, wait_until
from tools.peers.raw_pdus import A_RELEASE_RQ, associate_rq, receive_pdu, status_of, store_message
from tools.stack.ports import free_port

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]

KILLS = int(os.environ.get("DOSEWIRE_TEST_KILLS", "8"))
SENDERS = 4
SIZES = (900, 20_000, 150_000, 700_000)


class Sender(threading.Thread):
    """Sends objects without end, some of them one an association, and notes which got Success."""

    def __init__(self, *, number: int, port: int) -> None:
        super().__init__(daemon=True)
        self.sent: dict[str, str] = {}
        """The hash of each object's data set, by its SOP Instance UID."""
        self.succeeded: list[str] = []
        self.stop = threading.Event()
        self._number = number
        self._port = port
        self._chance = random.Random(number)

    def run(self) -> None:
        while not self.stop.is_set():
            with suppress(OSError):
                self._associate()
            time.sleep(0.01)

    def _associate(self) -> None:
        with socket.create_connection((RunningNode.host, self._port), timeout=10) as connection:
            connection.sendall(associate_rq())
            if receive_pdu(connection)[0] != 0x02:
                return
            for _ in range(self._chance.choice((1, 1, 20))):
                if not self._store(connection):
                    return
            connection.sendall(A_RELEASE_RQ)
            receive_pdu(connection)

    def _store(self, connection: socket.socket) -> bool:
        uid = f"2.25.{self._number}.{len(self.sent) + 1}"
        data_set = self._chance.randbytes(self._chance.choice(SIZES))
        self.sent[uid] = hashlib.sha256(data_set).hexdigest()
        connection.sendall(store_message(data_set, sop_instance_uid=uid, fragment_size=60_000))
        kind, body = receive_pdu(connection)
        if kind != 0x04:
            return False
        assert status_of(body) == 0x0000
        self.succeeded.append(uid)
        return True


@pytest.fixture
def senders() -> Iterator[list[Sender]]:
    port = free_port()
    senders = [Sender(number=number, port=port) for number in range(1, SENDERS + 1)]
    for sender in senders:
        sender.start()
    yield senders
    for sender in senders:
        sender.stop.set()
    for sender in senders:
        sender.join(20)


def test_what_got_success_is_there_whole_and_once(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path, senders: list[Sender]
) -> None:
    monkeypatch.setenv("DOSEWIRE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("DOSEWIRE_DICOM_BIND", RunningNode.host)
    monkeypatch.setenv("DOSEWIRE_LOG_LEVEL", "error")
    chance = random.Random(20261122)
    node = RunningNode(port=senders[0]._port, data_dir=data_dir)
    for _ in range(KILLS):
        with node:
            before = _succeeded(senders)
            wait_until(lambda before=before: _succeeded(senders) > before, what="traffic")  # type: ignore[misc]
            time.sleep(chance.uniform(0.0, 0.7))
            os.killpg(node.child.pid, signal.SIGKILL)
            assert node.child.wait(10.0)
    for sender in senders:
        sender.stop.set()
        sender.join(20)
    sent = {uid: digest for sender in senders for uid, digest in sender.sent.items()}
    stored: Counter[str] = Counter()
    for path in node.stored():
        uid = str(read_file_meta_info(path).MediaStorageSOPInstanceUID)
        assert hashlib.sha256(data_set_bytes(path)).hexdigest() == sent[uid], "what is there is whole"
        stored[uid] += 1
    assert {uid for sender in senders for uid in sender.succeeded} <= set(stored)
    assert max(stored.values()) == 1
    assert node.partial() == []


def _succeeded(senders: list[Sender]) -> int:
    return sum(len(sender.succeeded) for sender in senders)
