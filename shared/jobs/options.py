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
    """The choice of studies, and of series and instances in them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    modalities: tuple[ModalityClass, ...] = ()
    """The classes that are wanted; none: everything, of studies of any kind."""
    time_from: time | None = None
    """The first Study Time; only for a job of one day."""
    time_until: time | None = None
    description_include: Terms = ()
    """A study is kept if its Study Description contains one of these terms, or is missing."""
    description_exclude: Terms = ()
    station_name_include: Terms = ()
    station_name_exclude: Terms = ()
    station_name_at_study_level: bool = False
    """True: the study's Station Name is compared; False: that of each series."""
    include_known: bool = False
    """True: also objects that were received before."""
    empty_sr: bool = False
    """True: also SR series for which the remote node answers nothing at image level."""
    legacy_ct: bool = Field(default=False)
    """True: for CT without a dose report, the first image of each series, and secondary captures (Toshiba, GE)."""
    review: bool = False
    """True: stop after the query, until a person has confirmed the choice."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if ModalityClass.SR in self.modalities and len(self.modalities) > 1:
            raise ValueError("SR means studies of structured reports only: ask for it alone")
        if self.time_from and self.time_until and self.time_from > self.time_until:
            raise ValueError(f"the first time, {self.time_from:%H:%M}, comes after the last, {self.time_until:%H:%M}")
        return self

    @property
    def chooses(self) -> bool:
        """True if the rules of classes choose series and instances; otherwise everything is wanted."""
        return bool(self.modalities)
