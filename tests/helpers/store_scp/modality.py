"""A modality that asks for storage commitment and listens for the reports, by pynetdicom."""

import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, build_role, evt
from sqlalchemy import create_engine, insert
from sqlalchemy.pool import NullPool

from shared.database.models import RemoteNode
from tools.stack.ports import LOOPBACK, free_port

STORAGE_COMMITMENT = "1.2.840.10008.1.20.1"
WELL_KNOWN_INSTANCE = "1.2.840.10008.1.20.1.1"

Reference = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """An N-EVENT-REPORT that came."""

    event_type_id: int
    transaction_uid: str
    committed: tuple[Reference, ...]
    failed: dict[Reference, int]
    """With the Failure Reason of each."""
    calling_ae_title: str
    called_ae_title: str
    implementation_class_uid: str


class Modality:
    """A Storage Commitment SCU on loopback. It listens while its context is open.

    `status` is what it answers reports with. `accept_role`: whether it takes part in role selection. `tls`: its side of
    TLS, None where it speaks without.
    """

    def __init__(self, *, ae_title: str = "CT99", accept_role: bool = True, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.ae_title = ae_title
        self.port = free_port()
        self.status = 0x0000
        self.reports: list[Report] = []
        self._came = threading.Condition()
        self._listener = AE(ae_title=ae_title)
        self._listener.add_supported_context(
            STORAGE_COMMITMENT, scu_role=True if accept_role else None, scp_role=True if accept_role else None
        )

    def __enter__(self) -> "Modality":
        handlers: list[evt.EventHandlerType] = [(evt.EVT_N_EVENT_REPORT, self._take)]
        self._server = self._listener.start_server(
            (LOOPBACK, self.port), block=False, evt_handlers=handlers, ssl_context=self._tls
        )
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._listener.shutdown()

    def ask(
        self,
        port: int,
        *references: Reference,
        transaction_uid: str | None = None,
        action_type_id: int = 1,
        sop_class_uid: str = STORAGE_COMMITMENT,
        sop_instance_uid: str = WELL_KNOWN_INSTANCE,
    ) -> tuple[int, str]:
        """Ask a store node for commitment; returns the status, and the Transaction UID."""
        information = Dataset()
        information.TransactionUID = transaction_uid or generate_uid()
        information.ReferencedSOPSequence = [_item(reference) for reference in references]
        status = self.send(
            port,
            information,
            action_type_id=action_type_id,
            sop_class_uid=sop_class_uid,
            sop_instance_uid=sop_instance_uid,
        )
        return status.Status, str(information.TransactionUID)

    def send(
        self,
        port: int,
        information: Dataset | None,
        *,
        action_type_id: int = 1,
        sop_class_uid: str = STORAGE_COMMITMENT,
        sop_instance_uid: str = WELL_KNOWN_INSTANCE,
    ) -> Dataset:
        """Send an N-ACTION request; returns the command set of the response."""
        entity = AE(ae_title=self.ae_title)
        entity.add_requested_context(STORAGE_COMMITMENT)
        entity.dimse_timeout = 20
        role = build_role(STORAGE_COMMITMENT, scu_role=True)
        association = entity.associate(LOOPBACK, port, ae_title="DOSEWIRE", ext_neg=[role])
        assert association.is_established
        response, _ = association.send_n_action(
            information, action_type_id, sop_class_uid, sop_instance_uid, meta_uid=STORAGE_COMMITMENT
        )
        association.release()
        return response

    def wait_for_reports(self, count: int, *, timeout_s: float = 20.0) -> list[Report]:
        """Wait until `count` reports have come in all."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.reports) >= count, timeout_s), f"{len(self.reports)} reports"
            return list(self.reports)

    def define(self, database_url: str, *, name: str = "", host: str = LOOPBACK) -> None:
        """Make it known as a remote node."""
        engine = create_engine(database_url, poolclass=NullPool)
        values = {"name": name or self.ae_title, "ae_title": self.ae_title, "ip_address": host, "port": self.port}
        with engine.begin() as connection:
            connection.execute(insert(RemoteNode).values(**values))

    def _take(self, event: evt.Event) -> tuple[int, None]:
        information, association_request = event.event_information, event.assoc.requestor.primitive
        assert association_request is not None
        report = Report(
            event_type_id=event.event_type or 0,
            transaction_uid=str(information.TransactionUID),
            committed=tuple(map(_reference, information.get("ReferencedSOPSequence") or ())),
            failed={_reference(item): item.FailureReason for item in information.get("FailedSOPSequence") or ()},
            calling_ae_title=event.assoc.requestor.ae_title,
            called_ae_title=str(association_request.called_ae_title),
            implementation_class_uid=str(event.assoc.requestor.implementation_class_uid),
        )
        with self._came:
            self.reports.append(report)
            self._came.notify_all()
        return self.status, None


def references_of(objects: Sequence[Dataset]) -> list[Reference]:
    """Return the references to objects, as a modality makes them."""
    return [(str(one.SOPClassUID), str(one.SOPInstanceUID)) for one in objects]


def _item(reference: Reference) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = reference
    return item


def _reference(item: Dataset) -> Reference:
    return str(item.ReferencedSOPClassUID), str(item.ReferencedSOPInstanceUID)
