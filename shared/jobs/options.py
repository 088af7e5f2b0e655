"""The options of a query/retrieve job: stored with the job, given by page, REST and command line."""

from collections.abc import Iterable
from datetime import time
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class ModalityClass(StrEnum):
    """A kind of examination, as people ask for it. In the order in which remote nodes are asked."""

    CT = "CT"
    MG = "MG"
    FL = "FL"
    """Fluoroscopy and angiography."""
    DX = "DX"
    """Digital, computed and panoramic radiography."""
    NM = "NM"
    """Nuclear medicine and PET."""
    SR = "SR"
    """Studies that hold structured reports and nothing else; not together with another class."""


MODALITIES: dict[ModalityClass, tuple[str, ...]] = {
    ModalityClass.CT: ("CT",),
    ModalityClass.MG: ("MG",),
    ModalityClass.FL: ("RF", "XA"),
    ModalityClass.DX: ("DX", "CR", "PX"),
    ModalityClass.NM: ("NM", "PT"),
    ModalityClass.SR: ("SR",),
}
"""The values of Modality (0008,0060) that make a study belong to a class. PS3.3 section C.7.3.1.1.1."""


def split_terms(text: str) -> tuple[str, ...]:
    """Return the terms of a comma-separated list, without surrounding blanks, in lower case; empty ones dropped."""
    return _terms(text.split(","))


def _terms(terms: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stripped for term in terms if (stripped := term.strip().lower())))


Terms = Annotated[tuple[str, ...], AfterValidator(_terms)]


class JobOptions(BaseModel):
    """The choice among the studies that are found, and within them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    modalities: tuple[ModalityClass, ...] = ()
    """The classes that are wanted; none: everything, of studies of any kind."""
    time_from: time | None = None
    """The first Study Time; only where the job is about one day."""
    time_until: time | None = None
    description_include: Terms = ()
    """A study is kept where its Study Description contains one of these terms, or is not told."""
    description_exclude: Terms = ()
    station_name_include: Terms = ()
    station_name_exclude: Terms = ()
    station_name_at_study_level: bool = False
    """Compare the study's Station Name; otherwise that of each series."""
    include_known: bool = False
    """Also what has been received before."""
    empty_sr: bool = False
    """SR series for which the remote node answers nothing at image level."""
    legacy_ct: bool = Field(default=False)
    """CT without a dose report: the first image of each series, and secondary captures (Toshiba, GE)."""
    review: bool = False
    """Stop after the query, until a person says that what was chosen shall be retrieved."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if ModalityClass.SR in self.modalities and len(self.modalities) > 1:
            raise ValueError("SR means studies of structured reports only: ask for it alone")
        if self.time_from and self.time_until and self.time_from > self.time_until:
            raise ValueError(f"the first time, {self.time_from:%H:%M}, comes after the last, {self.time_until:%H:%M}")
        return self

    @property
    def chooses(self) -> bool:
        """Whether the rules of classes choose among series and instances; otherwise everything is wanted."""
        return bool(self.modalities)
