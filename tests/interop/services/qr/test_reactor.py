"""No answer is lost to pynetdicom's reactor thread, and the thread ends with its association."""

import threading
import time
from datetime import date

import pytest
from pynetdicom.dimse_primitives import C_FIND

from services.qr.dimse.archive import SOP_CLASSES, DimseArchive
from services.qr.remote.archive import Limits
from services.qr.remote.association import associate
from services.qr.remote.find import find_studies, identifier
from services.qr.remote.peer import Peer
from services.qr.remote.windows import Window
from shared.dicom.destination import Destination
from tools.pacs.archive import Archive
from tools.pacs.quirks import Quirks
from tools.pacs.server import SimulatedPacs

pytestmark = pytest.mark.interop

DAY = date(2026, 3, 10)


def test_an_answer_that_waits_is_left_for_us_and_the_association_works_on() -> None:
    studies = Archive(count=1, first_day=DAY, kinds=("ct",))
    with SimulatedPacs(archive=studies, quirks=Quirks(), destinations={}) as pacs:
        peer = Peer("PACS", "127.0.0.1", pacs.port, ae_title="SIMPACS", calling_ae_title="DOSEWIRE")
        limits = Limits(connect=5, acse=5, idle=20, total=60)
        with associate(
            peer=peer, sop_classes=SOP_CLASSES, limits=limits, cancelled=lambda: False, stop=threading.Event()
        ) as link:
            archive = DimseArchive(link=link, destination=Destination("node", "DOSEWIRE", None, 104))
            keys = identifier(window=Window(first=DAY, last=DAY))
            for _ in range(3):
                assert len(list(find_studies(archive, keys))) == 1
                # Between two requests of ours the reactor would take what comes, within a millisecond.
                answers = link.association.dimse.msg_queue
                answers.put((1, C_FIND()))
                time.sleep(0.1)
                assert answers.qsize() == 1
                answers.get_nowait()
            reactor = link.association
        reactor.join(timeout=10)
        assert not reactor.is_alive()
