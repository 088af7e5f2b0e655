"""The translation of a C-FIND identifier into a search request of QIDO-RS (PS3.18 sections 8.3.4 and 10.6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

NOT_ATTRIBUTES = frozenset({"QueryRetrieveLevel", "SpecificCharacterSet"})
RETURNED_ANYWAY = frozenset({"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"})

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Search:
    """A search request: its path below the base URL, and its parameters, not yet quoted."""

    path: str
    parameters: Parameters

    def page(self, *, limit: int, offset: int) -> Parameters:
        """Return the parameters with those for one page of the answers."""
        paging = [("limit", str(limit))] + ([("offset", str(offset))] if offset else [])
        return [*self.parameters, *paging]

    def without_fields(self) -> "Search":
        """Return the same search without includefield: some services refuse fields that they do not know."""
        return Search(self.path, [pair for pair in self.parameters if pair[0] != "includefield"])


def search(keys: Dataset) -> Search:
    """Return the search that asks for the same as a C-FIND identifier.

    Unique keys of the levels above become the path; a key with a value becomes a parameter to match, with range
    matching as it stands (`20260101-20260131` means the same in both); a key without one is asked to be returned.

    Args:
        keys: the identifier with its Query/Retrieve Level, Study Root (PS3.4 section C.4.1.1.3).
    """
    path, in_path = _path(keys)
    parameters, fields = [], []
    for element in keys:
        keyword = element.keyword
        if keyword in NOT_ATTRIBUTES or keyword in in_path:
            continue
        if value := _value(element):
            parameters.append((keyword, value))
        if keyword not in RETURNED_ANYWAY:
            fields.append(f"{element.tag:08X}")
    if fields:
        parameters.append(("includefield", ",".join(fields)))
    return Search(path, parameters)


def _path(keys: Dataset) -> tuple[str, Sequence[str]]:
    match keys.QueryRetrieveLevel:
        case "STUDY":
            return "studies", ()
        case "SERIES":
            return f"studies/{keys.StudyInstanceUID}/series", ("StudyInstanceUID",)
        case _:
            path = f"studies/{keys.StudyInstanceUID}/series/{keys.SeriesInstanceUID}/instances"
            return path, ("StudyInstanceUID", "SeriesInstanceUID")


def _value(element: DataElement) -> str:
    if element.value is None:
        return ""
    values = element.value if isinstance(element.value, MultiValue | list) else [element.value]
    return ",".join(str(value) for value in values)


def resource(keys: Dataset) -> str:
    """Return the path of the study, series or instance that a C-MOVE identifier names."""
    path = f"studies/{keys.StudyInstanceUID}"
    if keys.QueryRetrieveLevel == "STUDY":
        return path
    path += f"/series/{keys.SeriesInstanceUID}"
    return path if keys.QueryRetrieveLevel == "SERIES" else f"{path}/instances/{keys.SOPInstanceUID}"
