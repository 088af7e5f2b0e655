"""Quirks of a simulated PACS: deviations of real nodes, and faults on demand; they can be combined."""

from pydantic import BaseModel, ConfigDict


class Quirks(BaseModel):
    """The deviations of a simulated PACS; without arguments there are none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ignores_modalities_in_study: bool = False
    """Answers with every study, for any modality in the query."""
    returns_no_modalities_in_study: bool = False
    needs_modality_key: bool = False
    """Matches on Modality at STUDY level, not on Modalities in Study, which it does not return either."""
    no_instance_number: bool = False
    """Neither matches on Instance Number nor returns it."""
    no_sop_class_uid: bool = False
    """Returns no SOP Class UID at IMAGE level."""
    empty_sr: bool = False
    """Answers nothing at IMAGE level for SR series."""
    duplicate_answers: bool = False
    """Every answer at STUDY level comes twice."""
    long_station_names: bool = False
    """Station names of more than the 16 characters that SH allows."""
    no_series_descriptions: bool = False
    refuses_over: int | None = None
    """Refuses (A700) a query with more matches than that, after it has sent so many."""
    cuts_off_at: int | None = None
    """Sends at most this number of answers, and then Success."""
    some_fail: int = 0
    """At the first attempt of each C-MOVE or C-GET the first so many objects are not sent; the end is 0xB000."""
    drops_in_move: int = 0
    """The first so many C-MOVEs or C-GETs end with a dropped association, after half of the objects."""
    hangs_in_retrieval: int = 0
    """The first so many C-MOVEs or C-GETs fall silent after half of the objects."""
    sends_nothing: bool = False
    """Answers a C-MOVE or C-GET with Success without sending anything."""
    pending_for_ever: bool = False
    """C-MOVE and C-GET send Pending and nothing else."""
    no_final_counters: bool = False
    """The final response to a C-MOVE or C-GET has no numbers of sub-operations."""
    delay_seconds: float = 0.0
    """Seconds before each response."""


PROFILES: dict[str, Quirks] = {
    "well-behaved": Quirks(),
    "ignores-modalities-in-study": Quirks(ignores_modalities_in_study=True),
    "returns-no-modalities-in-study": Quirks(ignores_modalities_in_study=True, returns_no_modalities_in_study=True),
    "needs-modality-key": Quirks(needs_modality_key=True),
    "no-instance-number": Quirks(no_instance_number=True),
    "no-sop-class-uid": Quirks(no_sop_class_uid=True),
    "empty-sr": Quirks(empty_sr=True),
    "duplicate-answers": Quirks(duplicate_answers=True),
    "long-station-names": Quirks(long_station_names=True),
    "no-series-descriptions": Quirks(no_series_descriptions=True),
    "refuses-over-500": Quirks(refuses_over=500),
    "cuts-off-at-500": Quirks(cuts_off_at=500),
    "some-fail": Quirks(some_fail=1),
    "drops-in-move": Quirks(drops_in_move=1),
    "hangs-in-retrieval": Quirks(hangs_in_retrieval=1),
    "sends-nothing": Quirks(sends_nothing=True),
    "pending-for-ever": Quirks(pending_for_ever=True),
    "no-final-counters": Quirks(no_final_counters=True),
    "slow": Quirks(delay_seconds=0.2),
}
