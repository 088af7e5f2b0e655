"""The N-EVENT-REPORT that ends a transaction, sent on an association of our own (PS3.4 section J.3.3)."""

from dataclasses import dataclass
from enum import Enum, auto

from pydicom.dataset import Dataset
from pydicom.uid import UID

from shared.association.opening import Call, NoAssociation, NotConnected, NothingAccepted, NotResolved, associated
from shared.dicom.status import PROCESSING_FAILURE, RESOURCE_LIMITATION, SUCCESS
from shared.dicom.uid import STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE
from shared.tls.client import ClientTls, ServerIdentity
from shared.tls.files import TlsError

SERVICE, INSTANCE = UID(STORAGE_COMMITMENT), UID(STORAGE_COMMITMENT_INSTANCE)
PASSING_STATUSES = (PROCESSING_FAILURE, RESOURCE_LIMITATION)
"""The device may take the same report later."""
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Requester:
    """The address and AE title of a Storage Commitment SCU."""

    host: str
    port: int
    ae_title: str
    server: ServerIdentity | None = None
    """The identity that its certificate must prove; None: it is called without TLS."""


class DeliveryOutcome(Enum):
    """The outcome of an attempt to deliver a report."""

    DELIVERED = auto()
    REFUSED = auto()
    """The device has received the report and refuses it for good."""
    FAILED = auto()
    """It may succeed later."""


def deliver(
    requester: Requester, *, calling_ae_title: str, event_type: int, information: Dataset, tls: ClientTls
) -> tuple[DeliveryOutcome, str]:
    """Send the report; returns the outcome, and in words why it failed.

    Args:
        requester: the Storage Commitment SCU.
        calling_ae_title: the AE title that it has asked.
        event_type: the Event Type ID.
        information: the data set.
        tls: how it is called where it speaks TLS.
    """
    try:
        call = Call(
            host=requester.host,
            port=requester.port,
            called_ae_title=requester.ae_title,
            calling_ae_title=calling_ae_title,
            connect=CONNECT_SECONDS,
            acse=ANSWER_SECONDS,
            answer=ANSWER_SECONDS,
            handshake=tls.handshake(requester.server) if requester.server is not None else None,
        )
        # Whoever opens an association is its SCU unless both agree on more. A device that does not answer the
        # proposal takes the report all the same.
        with associated(call, [SERVICE], scp_of=[SERVICE]) as association:
            answer, _ = association.send_n_event_report(information, event_type, SERVICE, INSTANCE)
            return _judge(answer.get("Status"))
    except NoAssociation as error:
        return DeliveryOutcome.FAILED, _explain(error, requester)
    except TlsError as error:
        return DeliveryOutcome.FAILED, f"cannot be called with TLS: {error}"
    except Exception as error:  # noqa: BLE001 (a peer's bytes may make pynetdicom raise any error)
        return DeliveryOutcome.FAILED, f"{type(error).__name__}: {error}"[:200]


def _explain(error: NoAssociation, requester: Requester) -> str:
    match error:
        case NotResolved():
            return f"the host name {requester.host} is not known here"
        case NothingAccepted():
            return "no association that accepts the Storage Commitment Push Model"
        case NotConnected():
            return f"no connection: {error}"
        case _:
            return str(error)


def _judge(status: int | None) -> tuple[DeliveryOutcome, str]:
    if status is None:
        return DeliveryOutcome.FAILED, "does not answer the N-EVENT-REPORT"
    if status == SUCCESS:
        return DeliveryOutcome.DELIVERED, ""
    words = f"answers the N-EVENT-REPORT with status 0x{status:04X}"
    return DeliveryOutcome.FAILED if status in PASSING_STATUSES else DeliveryOutcome.REFUSED, words
