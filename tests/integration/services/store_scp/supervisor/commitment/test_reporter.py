"""The thread that reports, turned by hand: a real spool, database and modality."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, insert, update
from sqlalchemy.pool import NullPool

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.common.commitment_request import CommitmentRequest, Reference
from services.store_scp.supervisor.commitment import reporter as module
from services.store_scp.supervisor.commitment import schedule
from services.store_scp.supervisor.commitment.found import Records, SpoolIndex
from services.store_scp.supervisor.commitment.reporter import Reporter
from services.store_scp.supervisor.commitment.requesters import Requesters
from shared.database.models import ObjectState, ReceivedObject
from shared.dicom.uid import IMPLEMENTATION_CLASS_UID
from shared.errors import Unavailable
from shared.spool.folders import Spool
from shared.spool.trace import new_trace_id
from shared.tls.client import ClientTls
from tests.helpers.store_scp.modality import Modality
from tests.unit.services.store_scp.supervisor.commitment.test_found import ONE, put, spool

pytestmark = pytest.mark.integration

__all__ = ["spool"]
DEADLINE_SECONDS = 300.0


class Desk:
    """A reporter with what it works on."""

    def __init__(self, *, spool: Spool, database_url: str) -> None:
        self.spool = spool
        self.folder = CommitmentFolder(path=spool.commitment)
        self.engine: Engine = create_engine(database_url, poolclass=NullPool)
        self.reporter = Reporter(
            folder=self.folder,
            index=SpoolIndex(spool=spool),
            records=Records(engine=self.engine, spool=spool),
            requesters=Requesters(engine=self.engine),
            tls=ClientTls(certificate=None, authorities=None),
            deadline_seconds=DEADLINE_SECONDS,
        )

    def ask(
        self, *references: Reference, seconds_ago: float = 0.0, calling: str = "CT99", called: str = "DOSEWIRE"
    ) -> CommitmentRequest:
        """Put a request where a node puts it."""
        request = CommitmentRequest(
            transaction_uid="2.25.99",
            references=references or (ONE,),
            requested_at=datetime.now(UTC) - timedelta(seconds=seconds_ago),
            node="Main store",
            calling_ae_title=calling,
            called_ae_title=called,
            peer_address="127.0.0.1",
        )
        self.folder.put(request)
        return request

    def turn(self) -> None:
        """Let the reporter do what is due."""
        self.reporter.turn(threading.Event())

    def record(self, trace_id: str, state: ObjectState, reference: Reference = ONE) -> None:
        """Write the row of a reception, as the importer does."""
        values = {
            "trace_id": trace_id,
            "source": "c_store",
            "received_at": datetime.now(UTC),
            "sop_class_uid": reference.sop_class_uid,
            "sop_instance_uid": reference.sop_instance_uid,
            "size_bytes": 1,
            "state": state,
            "attempts": 1,
        }
        with self.engine.begin() as connection:
            connection.execute(insert(ReceivedObject).values(**values))

    def change(self, trace_id: str, state: ObjectState) -> None:
        """Let the row of a reception say something else."""
        with self.engine.begin() as connection:
            connection.execute(update(ReceivedObject).where(ReceivedObject.trace_id == trace_id).values(state=state))


@pytest.fixture
def desk(spool: Spool, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(module, "PAUSES", (0.0,))
    monkeypatch.setattr(schedule, "PAUSES", (0.0,))
    monkeypatch.setattr(module, "PAUSES_OF_A_DEVICE", (0.0,))
    return Desk(spool=spool, database_url=database_url)


@pytest.fixture
def modality(database_url: str) -> Iterator[Modality]:
    with Modality() as listening:
        listening.define(database_url)
        yield listening


def test_an_imported_report_is_committed_though_its_file_is_gone(desk: Desk, modality: Modality) -> None:
    other = Reference(ONE.sop_class_uid, "2.25.2")
    desk.record(new_trace_id(), ObjectState.IMPORTED)
    desk.record(new_trace_id(), ObjectState.DUPLICATE, other)
    desk.ask(ONE, other)
    desk.turn()
    (report,) = modality.reports
    assert report.committed == (ONE, other)
    assert (report.calling_ae_title, report.called_ae_title) == ("DOSEWIRE", "CT99")
    assert report.implementation_class_uid == IMPLEMENTATION_CLASS_UID
    assert desk.folder.keys() == []


def test_an_image_is_committed_only_while_its_file_is_kept(desk: Desk, modality: Modality) -> None:
    image = Reference("1.2.840.10008.5.1.4.1.1.1.1", "2.25.7")
    trace_id = put(desk.spool, image)
    desk.record(trace_id, ObjectState.IMPORTED, image)
    desk.ask(image)
    desk.turn()
    assert modality.reports == []  # the deletion policy has not been applied yet
    desk.spool.keep(trace_id)
    desk.turn()
    assert modality.reports[0].committed == (image,)
    kept = desk.spool.find(trace_id)
    assert kept is not None
    kept.unlink()
    desk.ask(image)
    desk.turn()
    assert modality.reports[1].failed == {image: 0x0112}


def test_nothing_is_reported_before_the_import_has_decided(desk: Desk, modality: Modality) -> None:
    trace_id = put(desk.spool)
    desk.ask()
    desk.turn()
    desk.record(trace_id, ObjectState.QUEUED)
    desk.turn()
    assert modality.reports == []
    desk.change(trace_id, ObjectState.IMPORTED)
    desk.turn()
    assert modality.reports[0].committed == (ONE,)


def test_an_object_without_dose_is_committed_only_where_its_file_is_kept(desk: Desk, modality: Modality) -> None:
    trace_id = put(desk.spool)
    desk.record(trace_id, ObjectState.REFUSED)
    desk.ask()
    desk.turn()
    assert modality.reports == []  # the deletion policy has not been applied yet
    desk.spool.keep(trace_id)
    desk.turn()
    assert modality.reports[0].committed == (ONE,)
    kept = desk.spool.find(trace_id)
    assert kept is not None
    kept.unlink()
    desk.ask()
    desk.turn()
    assert modality.reports[1].failed == {ONE: 0x0112}


def test_an_object_in_quarantine_is_committed(desk: Desk, modality: Modality) -> None:
    trace_id = put(desk.spool)
    desk.spool.quarantine(trace_id, reason="a test")
    desk.ask()
    desk.turn()
    assert modality.reports[0].committed == (ONE,)


def test_an_import_that_takes_too_long_is_a_processing_failure(desk: Desk, modality: Modality) -> None:
    put(desk.spool)
    desk.ask(seconds_ago=DEADLINE_SECONDS / 3 + 1)
    desk.turn()
    assert (modality.reports[0].event_type_id, modality.reports[0].failed) == (2, {ONE: 0x0110})


def test_a_request_of_many_objects_is_one_report(desk: Desk, modality: Modality) -> None:
    many = tuple(Reference(ONE.sop_class_uid, f"2.25.{number}") for number in range(1500))
    for reference in (many[0], many[-1]):
        desk.record(new_trace_id(), ObjectState.IMPORTED, reference)
    desk.ask(*many)
    desk.turn()
    (report,) = modality.reports
    assert report.committed == (many[0], many[-1])
    assert len(report.failed) == 1498


def test_the_report_comes_when_the_device_has_become_a_remote_node(desk: Desk, database_url: str) -> None:
    desk.ask()
    with Modality() as modality:
        desk.turn()
        assert len(desk.folder.keys()) == 1
        modality.define(database_url)
        desk.turn()
        assert len(modality.reports) == 1


def test_of_two_remote_nodes_with_the_same_ae_title_the_one_at_the_callers_address_gets_it(
    desk: Desk, database_url: str
) -> None:
    desk.ask()
    with Modality() as elsewhere, Modality() as modality:
        elsewhere.define(database_url, name="elsewhere", host="192.0.2.1")
        modality.define(database_url)
        desk.turn()
        assert len(modality.reports) == 1


def test_a_device_that_does_not_listen_gets_its_report_later(desk: Desk, database_url: str) -> None:
    modality = Modality()
    modality.define(database_url)
    desk.ask()
    desk.turn()
    assert len(desk.folder.keys()) == 1
    with modality:
        desk.turn()
    assert len(modality.reports) == 1
    assert desk.folder.keys() == []


def test_a_device_that_is_away_is_not_called_for_each_of_its_requests(
    desk: Desk, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSES_OF_A_DEVICE", (60.0,))
    modality = Modality()
    modality.define(database_url)
    desk.ask()
    desk.turn()
    with modality:
        desk.folder.put(desk.ask().model_copy(update={"transaction_uid": "2.25.98"}))
        desk.turn()
    assert modality.reports == []
    assert len(desk.folder.keys()) == 2


def test_a_report_that_nobody_takes_is_given_up_after_the_deadline(desk: Desk) -> None:
    desk.ask(seconds_ago=DEADLINE_SECONDS - 5)
    desk.turn()
    assert len(desk.folder.keys()) == 1
    desk.ask(seconds_ago=DEADLINE_SECONDS + 5)
    desk.turn()
    assert desk.folder.keys() == []


def test_a_refusal_is_final_unless_it_may_pass(desk: Desk, modality: Modality) -> None:
    for status, waiting in ((0x0110, 1), (0x0213, 1), (0x0117, 0), (0x0211, 0)):
        modality.status = status
        desk.ask()
        desk.turn()
        assert len(desk.folder.keys()) == waiting, f"{status:04X}"
    assert len(modality.reports) == 4


def test_a_device_that_knows_nothing_of_role_selection_gets_its_report(desk: Desk, database_url: str) -> None:
    desk.ask()
    with Modality(accept_role=False) as modality:
        modality.define(database_url)
        desk.turn()
    assert len(modality.reports) == 1


ODD_TITLES = ("CT\0X", "CT\\99", "CT\ufffd", "")


def test_callers_that_can_be_no_remote_nodes_hold_up_nobody(desk: Desk, modality: Modality) -> None:
    for title in ODD_TITLES:
        desk.ask(calling=title)
    desk.ask()
    desk.turn()
    assert len(modality.reports) == 1
    assert len(desk.folder.keys()) == len(ODD_TITLES)


def test_a_called_ae_title_that_cannot_be_used_is_not(desk: Desk, modality: Modality) -> None:
    for title in ODD_TITLES:
        desk.ask(called=title)
        desk.turn()
    assert [report.calling_ae_title for report in modality.reports] == ["DOSEWIRE"] * len(ODD_TITLES)


def test_without_the_database_nothing_is_said(desk: Desk) -> None:
    desk.ask()
    away = create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/nothing", poolclass=NullPool)
    reporter = Reporter(
        folder=desk.folder,
        index=SpoolIndex(spool=desk.spool),
        records=Records(engine=away, spool=desk.spool),
        requesters=Requesters(engine=away),
        tls=ClientTls(certificate=None, authorities=None),
        deadline_seconds=0.001,
    )
    with pytest.raises(Unavailable):
        reporter.turn(threading.Event())
    assert len(desk.folder.keys()) == 1
