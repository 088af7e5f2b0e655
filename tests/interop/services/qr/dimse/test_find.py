"""A cancelled C-FIND: the peer gets a C-CANCEL, and has some seconds to end by itself."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.qr.dimse import find as module
from services.qr.dimse.archive import SOP_CLASSES
from services.qr.dimse.find import find
from services.qr.remote.archive import Limits
from services.qr.remote.association import Link, associate
from services.qr.remote.errors import JobCancelled, NodeAway
from services.qr.remote.find import identifier
from services.qr.remote.peer import Peer
from shared.dicom.status import CANCELLED
from tools.pacs.request import Request
from tools.pacs.scripts import Script
from tools.pacs.server import SimulatedPacs
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.interop

KEYS = identifier(study_instance_uid="")
CANCELS = threading.Event()


def answers_until_cancelled(request: Request) -> None:
    """Answer a study at a time, until a C-CANCEL comes."""
    while request.alive:
        if request.cancelled:
            CANCELS.set()
            request.respond(CANCELLED)
            return
        request.answer(identifier(study_instance_uid="1.2.3"))
        request.wait(0.05)


def answers_whatever_comes(request: Request) -> None:
    """Answer a study at a time, for ever."""
    while request.alive:
        if request.cancelled:
            CANCELS.set()
        request.answer(identifier(study_instance_uid="1.2.3"))
        request.wait(0.05)


@contextmanager
def linked(pacs: SimulatedPacs, *, cancelled: threading.Event | None = None) -> Iterator[Link]:
    CANCELS.clear()
    peer = Peer(name="Archive", address=LOOPBACK, port=pacs.port, ae_title="PACS", calling_ae_title="DOSEWIRE")
    with associate(
        peer=peer,
        sop_classes=SOP_CLASSES,
        limits=Limits(connect=1, acse=1, idle=5, total=30),
        cancelled=(cancelled or threading.Event()).is_set,
        stop=threading.Event(),
    ) as link:
        yield link


@pytest.mark.parametrize("script", [answers_until_cancelled, answers_whatever_comes])
def test_a_job_that_is_cancelled_sends_c_cancel(monkeypatch: pytest.MonkeyPatch, script: Script) -> None:
    monkeypatch.setattr("services.qr.remote.watchdog.CANCEL_GRACE", 0.5)
    cancelled = threading.Event()
    with SimulatedPacs(find=script) as pacs:
        begun = time.monotonic()
        with linked(pacs, cancelled=cancelled) as link:
            answers = find(link, KEYS)
            assert next(answers) is not None
            cancelled.set()
            with pytest.raises(JobCancelled):
                list(answers)
        assert CANCELS.is_set()
        assert time.monotonic() - begun < 4


def test_whoever_has_enough_leaves_the_association_as_it_was() -> None:
    with SimulatedPacs(find=answers_until_cancelled) as pacs, linked(pacs) as link:
        for _ in range(2):
            CANCELS.clear()
            answers = find(link, KEYS)
            assert next(answers) is not None
            answers.close()  # type: ignore[attr-defined]
            assert CANCELS.is_set()
            assert link.watchdog.on_cancel is None
        assert link.association.is_established
        assert pacs.requests == ["C_FIND", "C_FIND"]


def test_a_peer_that_does_not_stop_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CANCEL_GRACE", 0.3)
    with SimulatedPacs(find=answers_whatever_comes) as pacs, linked(pacs) as link:
        answers = find(link, KEYS)
        assert next(answers) is not None
        answers.close()  # type: ignore[attr-defined]
        assert CANCELS.is_set()
        assert not link.association.is_established
        with pytest.raises((NodeAway, RuntimeError)):
            next(find(link, KEYS))
