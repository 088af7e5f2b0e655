"""Tables of the store nodes as SCP: Storage and Verification, as the negotiator of the node itself answers."""

import ssl
from collections.abc import Callable, Iterator

from pydicom.uid import UID, AllTransferSyntaxes
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE, ImplementationClassUIDNotification, MaximumLengthNotification
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import _STORAGE_CLASSES

from services.store_scp.common.rejection import Cause, reject
from services.store_scp.common.settings import StoreNodeSettings
from services.store_scp.node.protocol.negotiation import Negotiator
from services.store_scp.node.protocol.pdu import MAXIMUM_LENGTH, MAXIMUM_LENGTH_RECEIVED, AbortReason
from services.store_scp.node.receive.operations import SERVICES
from shared.dicom.dose_object import NoDose, classify
from shared.dicom.header import Code, ObjectHeader
from shared.dicom.status import (
    CANNOT_UNDERSTAND,
    OUT_OF_RESOURCES,
    SOP_CLASS_NOT_SUPPORTED,
    SUCCESS,
    UNRECOGNIZED_OPERATION,
)
from shared.dicom.uid import APPLICATION_CONTEXT, IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from shared.tls.profile import CIPHERS_OF_TLS_1_2
from tools.conformance.markdown import status, table

_A_STORAGE_CLASS = "1.2.840.10008.5.1.4.1.1.88.67"
_STRANGE = "2.25.1"
"""A private SOP class or transfer syntax that nobody knows."""
_TITLES = (None, Code("113701", "DCM", ""), Code("113500", "DCM", ""), Code("C-10", "99SMS_RADSUM", ""))
_MODALITIES = ((None, None, ()), ("MG", None, ("ORIGINAL",)), (None, "Dose Info", ()))


def services() -> str:
    """SOP classes beside those of storage, with the transfer syntaxes that are accepted for each."""
    rows = [(UID(uid).name, uid, ", ".join(UID(syntax).name for syntax in _accepted_syntaxes(uid))) for uid in SERVICES]
    return table(("SOP class", "UID", "transfer syntaxes"), rows)


def storage_classes() -> str:
    """Every storage SOP class of the standard's list that is accepted, and whether dose is read from it."""
    rows = [(UID(uid).name, uid, _read_as(uid)) for uid in sorted(_STORAGE_CLASSES.values(), key=_numbers)]
    rows.append(("private and later SOP classes", "any other that is no other service of the standard", "no"))
    for _, uid, _ in rows[:-1]:
        _insist(uid, UID("1.2.840.10008.1.2"))
    _insist(_STRANGE, UID("1.2.840.10008.1.2"))
    return table(("SOP class", "UID", "read for dose"), rows)


def transfer_syntaxes() -> str:
    """Every transfer syntax of the standard's list that is accepted for storage."""
    rows = [(syntax.name, str(syntax)) for syntax in AllTransferSyntaxes if _accepts(_A_STORAGE_CLASS, syntax)]
    _insist(_A_STORAGE_CLASS, UID(_STRANGE))
    return table(("transfer syntax", "UID"), [*rows, ("private and later ones", "any")])


def association_policy() -> str:
    """The accepted services of a node, and its limits."""
    default = {name: field.default for name, field in StoreNodeSettings.model_fields.items()}
    silence = f"{default['network_timeout_seconds']:g} s"
    rows = (
        ("application context name", APPLICATION_CONTEXT),
        ("implementation class UID", IMPLEMENTATION_CLASS_UID),
        ("implementation version name", IMPLEMENTATION_VERSION_NAME),
        ("maximum PDU length offered", f"{MAXIMUM_LENGTH_RECEIVED} bytes"),
        ("longest PDU taken", f"{MAXIMUM_LENGTH} bytes; a longer one ends the association (A-ABORT)"),
        ("simultaneous associations of a node", f"{default['maximum_associations']}, configurable up to 1000"),
        ("outstanding asynchronous operations", "1: the asynchronous operations window is not negotiated"),
        ("SCP/SCU role selection", "answered for the services; storage as SCP"),
        ("user identity, extended negotiation", "not answered"),
        ("time for the association request (ARTIM)", "30 s, or less where the time-out for silence is shorter"),
        ("silence within a message, and between messages", f"{silence}, configurable; then A-ABORT"),
    )
    return table(("parameter", "value"), rows)


def rejections() -> str:
    """Every reason for which an association is rejected."""
    rows = []
    for cause in Cause:
        rejection = reject(cause, node="NODE", called="CALLED", calling="CALLING", address="ADDRESS")
        numbers = (rejection.result, rejection.source, rejection.reason)
        rows.append((*(("", "", "") if cause is Cause.TLS else numbers), rejection.words))
    return table(("result", "source", "reason", "when"), rows)


def aborts() -> str:
    """The reasons of our A-ABORT."""
    rows = [(2, reason.value, reason.name.lower().replace("_", " ")) for reason in AbortReason]
    return table(
        ("source", "reason", "meaning"), [(0, 0, "the peer was silent for too long, or the node stops"), *rows]
    )


def c_store_statuses() -> str:
    """What C-STORE is answered with."""
    rows = (
        (SUCCESS, "Success", "the object is on disk, synced, under its final name"),
        (OUT_OF_RESOURCES, "Failure", "the disk is full up to its watermark, or the object could not be written"),
        (CANNOT_UNDERSTAND, "Failure", "SOP Class or SOP Instance UID is missing or no UID, or there is no data set"),
        (SOP_CLASS_NOT_SUPPORTED, "Failure", "the presentation context is not one of storage"),
    )
    return table(("status", "class", "when"), [(status(value), *rest) for value, *rest in rows])


def other_statuses() -> str:
    """What other requests are answered with."""
    rows = (
        ("C-ECHO", SUCCESS, "always"),
        ("any other", UNRECOGNIZED_OPERATION, "C-FIND, C-MOVE, C-GET, N-CREATE and so on: not served"),
    )
    return table(("request", "status", "when"), [(name, status(value), words) for name, value, words in rows])


def cipher_suites() -> str:
    """The cipher suites of nodes with TLS 1.2, in OpenSSL's names, as OpenSSL takes our settings."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(CIPHERS_OF_TLS_1_2)
    names = [cipher["name"] for cipher in context.get_ciphers() if cipher["protocol"] == "TLSv1.2"]
    return table(("cipher suite of TLS 1.2, in the order of preference",), [(name,) for name in names])


def _read_as(uid: str) -> str:
    kinds = {kind.value for kind in map(classify, _headers(uid)) if not isinstance(kind, NoDose)}
    return ", ".join(sorted(f"`{kind}`" for kind in kinds)) or "no"


def _headers(uid: str) -> Iterator[ObjectHeader]:
    for title in _TITLES:
        for modality, series_description, image_type in _MODALITIES:
            yield ObjectHeader(
                sop_class_uid=uid,
                title_code=title,
                modality=modality,
                series_description=series_description,
                manufacturer="Philips",
                image_type=image_type,
            )


def _accepted_syntaxes(uid: str) -> list[str]:
    return [str(syntax) for syntax in AllTransferSyntaxes if _accepts(uid, syntax)]


def _insist(abstract_syntax: str, transfer_syntax: UID) -> None:
    if not _accepts(abstract_syntax, transfer_syntax):
        raise ValueError(f"{abstract_syntax} with {transfer_syntax} is not accepted")


def _accepts(abstract_syntax: str, transfer_syntax: UID) -> bool:
    length, class_uid = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received = 16382
    class_uid.implementation_class_uid = UID(_STRANGE)
    request = A_ASSOCIATE()
    request.application_context_name = UID(APPLICATION_CONTEXT)
    request.calling_ae_title, request.called_ae_title = "SCU", "SCP"
    context = build_context(abstract_syntax, transfer_syntax)
    context.context_id = 1
    request.presentation_context_definition_list = [context]
    request.user_information = [length, class_uid]
    pdu = A_ASSOCIATE_RQ()
    pdu.from_primitive(request)
    return 1 in Negotiator(services=SERVICES).negotiate(pdu.encode()).contexts


def _numbers(uid: str) -> list[int]:
    return [int(number) for number in uid.split(".")]


TABLES: dict[str, Callable[[], str]] = {
    "services": services,
    "storage-classes": storage_classes,
    "transfer-syntaxes": transfer_syntaxes,
    "association-policy": association_policy,
    "rejections": rejections,
    "aborts": aborts,
    "c-store-statuses": c_store_statuses,
    "other-statuses": other_statuses,
    "cipher-suites": cipher_suites,
}
