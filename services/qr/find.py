"""C-FIND at study level, Study Root (PS3.4 section C.4.1)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.uid import UID

from services.qr.association import Link
from services.qr.errors import NodeTrouble
from services.qr.status import PENDING, SUCCESS, check_find
from shared.dicom.uid import is_valid_uid
from shared.logging import get_logger

FIND = UID("1.2.840.10008.5.1.4.1.2.2.1")
VERIFICATION = UID("1.2.840.10008.1.1")
SOP_CLASSES = (FIND, VERIFICATION)
MESSAGE_ID = 1
LONGEST_TEXT = 256

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StudyQuery:
    """Which studies to look for: one, or those of a range of days."""

    date_from: date | None
    date_until: date | None
    study_instance_uid: str | None

    def halves(self) -> "tuple[StudyQuery, StudyQuery] | None":
        """Return the two halves of a range of days, the earlier first; None where there is nothing to halve."""
        if self.date_from is None or self.date_until is None or self.date_from >= self.date_until:
            return None
        middle = self.date_from + (self.date_until - self.date_from) // 2
        return replace(self, date_until=middle), replace(self, date_from=middle + timedelta(days=1))

    def __str__(self) -> str:
        if self.study_instance_uid:
            return f"study {self.study_instance_uid}"
        if self.date_from == self.date_until:
            return f"studies of {self.date_from}"
        return f"studies from {self.date_from} to {self.date_until}"


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """What the remote node says of a study. None: it does not say."""

    study_instance_uid: str
    study_date: str | None
    modalities_in_study: str | None
    instances_in_study: int | None


def identifier(query: StudyQuery) -> Dataset:
    """Return the C-FIND identifier: what must match, and what we ask for."""
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyDate = ""
    if query.date_from and query.date_until:
        keys.StudyDate = f"{query.date_from:%Y%m%d}-{query.date_until:%Y%m%d}"
    keys.StudyTime = ""
    keys.StudyInstanceUID = query.study_instance_uid or ""
    keys.ModalitiesInStudy = ""
    keys.NumberOfStudyRelatedInstances = None
    return keys


def echo(link: Link) -> None:
    """Send a C-ECHO where the peer offers it (the standard says that it must; not all do).

    Raises:
        RemoteError, JobCancelled, Stopping: as `Link.status`.
    """
    if link.accepts(VERIFICATION):
        status = link.status(link.association.send_c_echo())
        if status != SUCCESS:
            log.warning("echo answered with a failure", status=f"{status:04X}")


def find_all_studies(link: Link, query: StudyQuery) -> Iterator[FoundStudy]:
    """Yield the answers as they come, halving the range of days where the peer answers it with a failure.

    Many nodes refuse what matches more studies than they like (A700); a single day they mostly answer. What has come
    before the failure comes again.

    Raises:
        RemoteError, JobCancelled, Stopping: the answers are not complete; the text says why.
    """
    try:
        yield from find_studies(link, query)
    except NodeTrouble as error:
        halves = query.halves()
        if halves is None:
            raise
        log.info("range halved", query=str(query), reason=str(error))
        for half in halves:
            yield from find_all_studies(link, half)


def find_studies(link: Link, query: StudyQuery) -> Iterator[FoundStudy]:
    """Yield the answers as they come; one study may come more than once.

    Raises:
        RemoteError, JobCancelled, Stopping: the answers are not complete; the text says why.
    """
    link.require(FIND)
    unusable = 0
    for response, answer in link.association.send_c_find(identifier(query), FIND, msg_id=MESSAGE_ID):
        status = link.status(response)
        if status in PENDING:
            study = None if answer is None else read_study(answer)
            if study is None:
                unusable += 1
            else:
                yield study
            continue
        link.check()
        check_find(status, peer=str(link.peer))
    if unusable:
        log.warning("answers without a usable Study Instance UID", answers=unusable)


def read_study(answer: Dataset) -> FoundStudy | None:
    """Read an answer to a C-FIND; None where it names no study."""
    uid = _text(answer, "StudyInstanceUID")
    if uid is None or not is_valid_uid(uid):
        return None
    study_date, modalities = _text(answer, "StudyDate"), _text(answer, "ModalitiesInStudy")
    count = _text(answer, "NumberOfStudyRelatedInstances")
    return FoundStudy(
        study_instance_uid=uid,
        study_date=study_date[:16] if study_date else None,
        modalities_in_study=modalities[:LONGEST_TEXT] if modalities else None,
        instances_in_study=int(count) if count and count.isascii() and count.isdigit() and len(count) < 9 else None,
    )


def _text(answer: Dataset, keyword: str) -> str | None:
    try:
        with disable_value_validation():  # its warnings quote the value
            value = answer.get(keyword)
    except Exception:  # noqa: BLE001 (a peer's element can be wrong in any way; it costs this element alone)
        return None
    values = value if isinstance(value, MultiValue | list) else [value]
    return "\\".join(str(part).strip(" \0") for part in values if part is not None) or None
