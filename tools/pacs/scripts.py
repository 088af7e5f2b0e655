"""Ready-made scripts for a simulated PACS: each is a function that answers to one request."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tools.pacs.request import OUT_OF_RESOURCES, SUCCESS, Request

Script = Callable[[Request], None]


def silent(request: Request) -> None:
    """Never answer."""
    request.wait(60)


def finds(*study_instance_uids: str, status: int = SUCCESS) -> Script:
    """Return a script that answers every C-FIND with these studies, and ends with `status`."""

    def script(request: Request) -> None:
        for uid in study_instance_uids:
            answer = Dataset()
            answer.QueryRetrieveLevel = "STUDY"
            answer.add(DataElement("StudyInstanceUID", "UI", uid, validation_mode=IGNORE))
            answer.StudyDate = "20260310"
            request.answer(answer)
        request.respond(status)

    return script


def refuses_over(limit: int, studies: Mapping[date, Sequence[str]]) -> Script:
    """Return a script that sends `limit` of the matching studies, and A700 where there are more."""

    def script(request: Request) -> None:
        first, _, last = str(request.identifier.StudyDate).partition("-")
        uids = [uid for day, uids in studies.items() if first <= f"{day:%Y%m%d}" <= (last or first) for uid in uids]
        finds(*uids[:limit], status=SUCCESS if len(uids) <= limit else OUT_OF_RESOURCES)(request)

    return script


def ends(status: int, **suboperations: int) -> Script:
    """Return a script that answers at once with a final status."""

    def script(request: Request) -> None:
        request.respond(status, **suboperations)

    return script
