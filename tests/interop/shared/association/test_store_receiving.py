"""Data sets handed over while they come. These tests fail where pynetdicom changes the parts of it that this needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom.association import Association
from pynetdicom.dsutils import decode
from pynetdicom.presentation import build_context

from shared.association.opening import Call, associated
from shared.association.store_receiving import StoreRequest, streamed_stores
from tools.pacs.archive import CR_IMAGE, RDSR, Archive
from tools.pacs.quirks import Quirks
from tools.pacs.server import SimulatedPacs
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.interop

GET = UID("1.2.840.10008.5.1.4.1.2.2.3")
KINDS = [UID(CR_IMAGE), UID(RDSR)]
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
STUDY = Archive(count=1, first_day=date(2026, 3, 10), kinds=("cr",))


class Recorder:
    """Keeps what comes."""

    def __init__(self, *, status: int = 0x0000) -> None:
        self.status = status
        self.objects: dict[StoreRequest, bytes] = {}
        self.finished = 0

    def take(self, request: StoreRequest, data: bytes) -> None:
        self.objects[request] = self.objects.get(request, b"") + data

    def finish(self) -> int:
        self.finished += 1
        return self.status


@contextmanager
def opened() -> Iterator[Association]:
    """Open an association with a PACS that has one study, and propose to take its objects."""
    with SimulatedPacs(archive=STUDY, quirks=Quirks(), destinations={}) as pacs:
        call = Call(
            host=LOOPBACK,
            port=pacs.port,
            called_ae_title="SIMPACS",
            calling_ae_title="DOSEWIRE",
            connect=5,
            acse=5,
            answer=5,
        )
        contexts = [build_context(kind, EXPLICIT_VR_LITTLE_ENDIAN) for kind in KINDS]
        with associated(call, [GET], contexts=contexts, scp_of=KINDS) as association:
            yield association


def get(association: Association) -> Dataset:
    """Have the study sent; return the final response."""
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = STUDY.study(0).uid
    *_, (response, _) = association.send_c_get(keys, GET)
    return response


def test_each_object_comes_to_the_receiver_as_it_was_sent() -> None:
    recorder = Recorder()
    with opened() as association:
        with streamed_stores(association, recorder):
            response = get(association)
        kinds = {one.context_id: str(one.abstract_syntax) for one in association.accepted_contexts}
    assert (response.Status, response.NumberOfCompletedSuboperations) == (0x0000, 3)
    assert recorder.finished == 3
    sent = {uid: sop_class for index in range(2) for uid, sop_class in STUDY.study(0).instance_uids(index)}
    assert {one.sop_instance_uid: kinds[one.context_id] for one in recorder.objects} == sent
    for request, data in recorder.objects.items():
        data_set = decode(BytesIO(data), is_implicit_vr=False, is_little_endian=True)
        assert (data_set.SOPInstanceUID, data_set.SOPClassUID) == (
            request.sop_instance_uid,
            kinds[request.context_id],
        )


def test_the_status_of_the_receiver_is_the_answer() -> None:
    with opened() as association, streamed_stores(association, Recorder(status=0xA700)):
        response = get(association)
    assert (response.NumberOfCompletedSuboperations, response.NumberOfFailedSuboperations) == (0, 3)


def test_afterwards_the_association_is_as_before() -> None:
    recorder = Recorder()
    with opened() as association:
        before = association.dimse.receive_primitive
        with streamed_stores(association, recorder):
            pass
        assert association.dimse.receive_primitive == before
        get(association)
    assert not recorder.objects
