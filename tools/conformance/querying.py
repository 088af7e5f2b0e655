"""Tables of the services as SCU: Query/Retrieve and Verification, with the keys that are really sent."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, time
from functools import partial
from typing import TYPE_CHECKING, cast

from pydicom.charset import python_encoding
from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import DEFAULT_TRANSFER_SYNTAXES
from pynetdicom.presentation import build_context

from services.qr.choice.found import Scope, Series
from services.qr.dimse.archive import SOP_CLASSES
from services.qr.dimse.find import FIND
from services.qr.query import find_content
from services.qr.remote import find
from services.qr.remote.echo import VERIFICATION
from services.qr.remote.errors import RemoteError
from services.qr.remote.retrieve_keys import retrieve_keys
from services.qr.remote.status import MAY_PASS, MEANINGS, NOT_SUPPORTED, Counts, check_find, judge_move
from services.qr.remote.windows import Window
from services.qr.settings import QrSettings
from shared.association.entity import ClosingEntity
from shared.dicom.destination import Destination
from shared.dicom.status import CANCELLED, DESTINATION_UNKNOWN, NOT_AUTHORIZED, SUB_OPERATIONS_FAILED, SUCCESS
from shared.jobs.node_settings import NodeSettings
from tools.conformance.markdown import status, table

if TYPE_CHECKING:
    from services.qr.remote.archive import Archive

_UID = "2.25.1"
_UNIQUE_KEYS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_REFUSED, _CANNOT = 0xA900, 0xC000
_MEANINGS = {
    SUCCESS: "success",
    SUB_OPERATIONS_FAILED: "some objects were not sent",
    DESTINATION_UNKNOWN: "move destination unknown",
    NOT_AUTHORIZED: "not authorised",
    _CANNOT: "unable to process (Cxxx)",
    CANCELLED: "cancelled, by the node or on our request",
}
_DESTINATION = Destination(name="node", ae_title="DOSEWIRE", host=None, port=104)


def sop_classes() -> str:
    """What associations with remote nodes propose."""
    rows = [(uid.name, str(uid), "SCU", "qr") for uid in SOP_CLASSES]
    rows.append((VERIFICATION.name, str(VERIFICATION), "SCU", "qr"))
    return table(("SOP class", "UID", "role", "service"), rows)


def transfer_syntaxes() -> str:
    """The transfer syntaxes of each presentation context that is proposed."""
    proposed = build_context(FIND).transfer_syntax
    if [str(uid) for uid in proposed] != list(DEFAULT_TRANSFER_SYNTAXES):
        raise ValueError("pynetdicom proposes other transfer syntaxes than it says")
    return table(("transfer syntax", "UID"), [(UID(uid).name, uid) for uid in proposed])


def find_keys() -> str:
    """The keys of C-FIND requests by level, and which of them are matched."""
    rows: list[tuple[str, ...]] = []
    for level, requests in (("STUDY", _study_keys()), ("SERIES", _series_keys()), ("IMAGE", _image_keys())):
        tags = sorted({element.tag for request in requests for element in request})
        for tag in tags:
            values = {str(request[tag].value or "") for request in requests if tag in request} - {""}
            keyword = keyword_for_tag(tag)
            use = f"`{level}`" if keyword == "QueryRetrieveLevel" else _matching(keyword, values)
            rows.append((level, keyword, f"({tag.group:04X},{tag.element:04X})", use))
    return table(("level", "key", "tag", "use"), rows)


def move_keys() -> str:
    """The keys of C-MOVE requests by level."""
    requests = (retrieve_keys(_UID), retrieve_keys(_UID, _UID), retrieve_keys(_UID, _UID, _UID))
    rows = [
        (request.QueryRetrieveLevel, ", ".join(keyword for keyword in _UNIQUE_KEYS if keyword in request))
        for request in requests
    ]
    return table(("level", "unique keys"), rows)


def find_statuses() -> str:
    """What follows from the final status of a C-FIND."""
    statuses = sorted({SUCCESS, _REFUSED, _CANNOT, NOT_AUTHORIZED, *MAY_PASS, *NOT_SUPPORTED})
    rows = [(status(value), _meaning(value), _consequence(partial(check_find, value, peer=""))) for value in statuses]
    return table(("status", "taken as", "what follows"), rows)


def move_statuses() -> str:
    """What follows from the final status of a C-MOVE."""
    statuses = {SUCCESS, SUB_OPERATIONS_FAILED, DESTINATION_UNKNOWN, _REFUSED, _CANNOT, NOT_AUTHORIZED}

    def judge(value: int) -> None:
        counts = Counts(completed=1, failed=1 if value == SUB_OPERATIONS_FAILED else 0)
        judge_move(value, counts, peer="", destination=_DESTINATION)

    rows = [
        (status(value), _meaning(value), _consequence(partial(judge, value)))
        for value in sorted(statuses | MAY_PASS | NOT_SUPPORTED)
    ]
    return table(("status", "taken as", "what follows"), rows)


def calling_policy() -> str:
    """How associations with remote nodes are opened, and the time limits."""
    limits = {name: field.default for name, field in QrSettings.model_fields.items()}
    node = {name: field.default for name, field in NodeSettings.model_fields.items()}
    entity = ClosingEntity(ae_title="DOSEWIRE")
    rows = (
        ("implementation class UID", entity.implementation_class_uid),
        ("implementation version name", entity.implementation_version_name),
        ("simultaneous associations with one node", f"{node['max_associations']}, configurable for each node"),
        ("maximum PDU length offered", f"{node['max_pdu_bytes']} bytes, configurable for each node"),
        ("connection", f"{limits['qr_connect_seconds']:g} s, configurable"),
        ("association and release", f"{limits['qr_acse_seconds']:g} s, configurable"),
        ("from one response to the next", f"{limits['qr_idle_seconds']:g} s, configurable"),
        ("whole association", f"{limits['qr_step_seconds']:g} s, configurable"),
        ("C-ECHO: each of connection, association and answer", f"{limits['echo_timeout']:g} s, configurable"),
        ("outstanding asynchronous operations", "1: the asynchronous operations window is not negotiated"),
    )
    return table(("parameter", "value"), rows)


def character_sets() -> str:
    """The defined terms of Specific Character Set that are decoded."""
    plain = [term for term in python_encoding if term.startswith(("ISO_IR", "GB"))]
    extended = [term for term in python_encoding if term.startswith("ISO 2022 IR")]
    rows = (("without code extensions", plain), ("with code extensions", extended))
    return table(
        ("", "defined terms"), [(kind, ", ".join(f"`{term}`" for term in sorted(terms))) for kind, terms in rows]
    )


class _Recorder:
    """Stands for a remote node: notes the keys of queries, and answers nothing."""

    def __init__(self) -> None:
        self.requests: list[Dataset] = []

    def find(self, keys: Dataset) -> Iterator[None]:
        """Note the keys."""
        self.requests.append(keys)
        return iter(())


def _study_keys() -> list[Dataset]:
    day = date(2026, 11, 22)
    return [
        find.identifier(),
        find.identifier(window=Window(first=day, last=day, start=time(8), end=time(12))),
        find.identifier(study_instance_uid=_UID),
        find.identifier(modality="CT", modality_key=True),
    ]


def _series_keys() -> list[Dataset]:
    recorder = _Recorder()
    find_content.find_series(cast("Archive", recorder), study_instance_uid=_UID)
    return recorder.requests


def _image_keys() -> list[Dataset]:
    recorder = _Recorder()
    for scope in Scope:
        find_content.find_instances(
            cast("Archive", recorder), study_instance_uid=_UID, series=Series(series_instance_uid=_UID), scope=scope
        )
    return recorder.requests


def _matching(keyword: str, values: Iterable[str]) -> str:
    if not values:
        return "universal matching: asked for"
    if keyword.endswith(("Date", "Time")):
        return "single value or range matching, else asked for"
    return "single value matching, else asked for"


def _meaning(value: int) -> str:
    return _MEANINGS.get(value) or MEANINGS.get(value) or "not supported"


def _consequence(judge: Callable[[], object]) -> str:
    try:
        judge()
    except RemoteError as error:
        if error.max_attempts > 1:
            return f"up to {error.max_attempts} attempts"
        return "the job ends, with the reason" if error.whole_job else "given up; the rest of the job goes on"
    return "done"


TABLES: dict[str, Callable[[], str]] = {
    "scu-sop-classes": sop_classes,
    "scu-transfer-syntaxes": transfer_syntaxes,
    "find-keys": find_keys,
    "move-keys": move_keys,
    "find-statuses": find_statuses,
    "move-statuses": move_statuses,
    "calling-policy": calling_policy,
    "character-sets": character_sets,
}
