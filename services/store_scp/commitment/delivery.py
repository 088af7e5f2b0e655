"""The N-EVENT-REPORT that ends a transaction, sent on an association of our own (PS3.4 section J.3.3)."""

import socket
from dataclasses import dataclass
from enum import Enum, auto

from pydicom.dataset import Dataset
from pynetdicom import AE, build_role

from services.store_scp.commitment.request import STORAGE_COMMITMENT, WELL_KNOWN_INSTANCE
from shared.dicom.entity import ClosingEntity

SUCCESS = 0x0000
PASSING_STATUSES = (0x0110, 0x0213)
"""Processing failure and resource limitation: the device may take the same report later."""
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the one who asked listens, and under which AE title."""

    host: str
    port: int
    ae_title: str


class Delivery(Enum):
    """How it went."""

    DELIVERED = auto()
    REFUSED = auto()
    """The device has the report but does not want it, and will not want it later."""
    FAILED = auto()
    """It may succeed later."""


def deliver(
    destination: Destination, *, calling_ae_title: str, event_type: int, information: Dataset
) -> tuple[Delivery, str]:
    """Send the report; returns how it went, and in words why it failed.

    Args:
        destination: the Storage Commitment SCU.
        calling_ae_title: the AE title that it has asked.
        event_type: the Event Type ID.
        information: the data set.
    """
    try:
        with ClosingEntity(ae_title=calling_ae_title) as entity:
            entity.connection_timeout = CONNECT_SECONDS
            entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = ANSWER_SECONDS
            entity.add_requested_context(STORAGE_COMMITMENT)
            return _deliver(entity, destination, event_type, information)
    except socket.gaierror:
        return Delivery.FAILED, f"the host name {destination.host} is not known here"
    except Exception as error:  # noqa: BLE001 (whatever a peer makes pynetdicom raise, reception goes on)
        return Delivery.FAILED, f"{type(error).__name__}: {error}"[:200]


def _deliver(entity: AE, destination: Destination, event_type: int, information: Dataset) -> tuple[Delivery, str]:
    association = entity.associate(
        destination.host,
        destination.port,
        ae_title=destination.ae_title,
        # Whoever opens an association is its SCU unless both agree on more. A device that does not answer the
        # proposal takes the report all the same.
        ext_neg=[build_role(STORAGE_COMMITMENT, scp_role=True)],
    )
    if association.is_rejected:
        return Delivery.FAILED, "rejects the association"
    if not association.is_established:
        return Delivery.FAILED, "no association that accepts the Storage Commitment Push Model"
    answer, _ = association.send_n_event_report(information, event_type, STORAGE_COMMITMENT, WELL_KNOWN_INSTANCE)
    association.release()
    return _judge(answer.get("Status"))


def _judge(status: int | None) -> tuple[Delivery, str]:
    if status is None:
        return Delivery.FAILED, "does not answer the N-EVENT-REPORT"
    if status == SUCCESS:
        return Delivery.DELIVERED, ""
    words = f"answers the N-EVENT-REPORT with status 0x{status:04X}"
    return Delivery.FAILED if status in PASSING_STATUSES else Delivery.REFUSED, words
