"""Opening associations: whatever a peer does, however fast, the error tells what it was."""

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydicom.uid import UID

from shared.association.opening import Call, NoAnswer, NoAssociation, NothingAccepted, Rejected, associated
from tools.peers.raw_peer import A_ASSOCIATE_AC_BEGUN, RawPeer
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.interop

REJECTIONS = int(os.environ.get("DOSEWIRE_TEST_REJECTIONS", "150"))
VERIFICATION = UID("1.2.840.10008.1.1")
REJECTED = bytes((3, 0, 0, 0, 0, 4, 0, 1, 1, 7))


def call(port: int, *, seconds: float = 2.0) -> Call:
    return Call(
        host=LOOPBACK,
        port=port,
        called_ae_title="PACS",
        calling_ae_title="DOSEWIRE",
        connect=seconds,
        acse=seconds,
        answer=seconds,
    )


def refuse(error: type[NoAssociation], call: Call) -> NoAssociation:
    """Open an association that does not come about; return why."""
    with pytest.raises(error) as caught, associated(call, [VERIFICATION]):
        pass
    return caught.value


@contextmanager
def hasty_peer(*, reads: bool) -> Iterator[int]:
    """Reject each association and be gone at once; without reading the request the kernel sends a reset as well."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                if reads:
                    connection.recv(65536)
                connection.sendall(REJECTED)

    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=serve, name="hasty-peer")
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize("reads", [True, False])
def test_each_of_many_fast_rejections_is_recognised(*, reads: bool) -> None:
    outcomes: Counter[str] = Counter()
    with hasty_peer(reads=reads) as port:
        for _ in range(REJECTIONS):
            try:
                with associated(call(port), [VERIFICATION]):
                    outcomes["established"] += 1
            except Rejected as error:
                outcomes[str(error)] += 1
            except NoAssociation as error:
                outcomes[type(error).__name__] += 1
    assert outcomes == {"rejects the association: it does not know the AE title PACS as its own": REJECTIONS}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (bytes((2, 0, 0, 0, 0, 4, 0, 0, 0, 0)), NothingAccepted),
        (bytes((7, 0, 0, 0, 0, 4, 0, 0, 2, 0)), NoAnswer),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", NoAnswer),
        (b"", NoAnswer),
    ],
    ids=["accepts nothing", "aborts", "is no DICOM", "is silent"],
)
def test_what_the_error_tells(answer: bytes, error: type[NoAssociation]) -> None:
    with RawPeer(answer=answer) as peer:
        refuse(error, call(peer.port, seconds=0.5 if not answer else 5.0))


@pytest.mark.parametrize("drip", [b"", b"\0"], ids=["stops", "trickles"])
def test_a_pdu_that_does_not_go_on_holds_nobody(drip: bytes) -> None:
    began = time.monotonic()
    with RawPeer(answer=A_ASSOCIATE_AC_BEGUN, drip=drip) as peer:
        refuse(NoAssociation, call(peer.port, seconds=1.5))
    assert time.monotonic() - began < 5


def test_a_pdu_of_absurd_length_is_not_collected() -> None:
    began = time.monotonic()
    with RawPeer(answer=bytes((2, 0, 0xFF, 0xFF, 0xFF, 0xFF)), drip=bytes(1000)) as peer:
        refuse(NoAnswer, call(peer.port))
    assert time.monotonic() - began < 2
