"""The search for one object of a remote node with which a retrieval can be tried, by the queries of a job."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta

from pydicom.dataset import Dataset

from services.qr.checks.steps.plan import CheckPlan
from services.qr.choice.found import Scope
from services.qr.query.find_content import find_instances, find_series
from services.qr.remote.archive import Queryable
from services.qr.remote.errors import RemoteError
from services.qr.remote.find import identifier, read_study
from services.qr.remote.retrieve_keys import retrieve_keys
from services.qr.remote.windows import Window
from shared.database.models.node_check import CheckVerdict

SOME_DAYS = (2, 30)
"""The ranges of days in which a study is looked for, one after the other, counted back from today."""
SOME_SERIES = 3
"""The most series that are queried for an instance."""
NOTHING = object()


@dataclass(frozen=True, slots=True)
class Sample:
    """An instance that the node has named."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str

    @property
    def keys(self) -> Dataset:
        """The identifier of its retrieval."""
        return retrieve_keys(self.study_instance_uid, self.series_instance_uid, self.sop_instance_uid)


def find_sample(node: Queryable, plan: CheckPlan, *, by: str) -> tuple[CheckVerdict, str, Sample | None]:
    """Query for a study, for its series and for an instance; judge the answers.

    Args:
        node: the node.
        plan: which study.
        by: what a person calls such a query.

    Raises:
        Stopping: this worker is being stopped.
    """
    try:
        return _find(node, plan, by)
    except RemoteError as error:
        return CheckVerdict.FAILED, error.words, None


def _find(node: Queryable, plan: CheckPlan, by: str) -> tuple[CheckVerdict, str, Sample | None]:
    uid, today = plan.study_instance_uid, plan.today
    windows = [Window(first=today - timedelta(days=days), last=today) for days in SOME_DAYS]
    for window in [None] if uid else windows:
        keys = identifier(window=window, study_instance_uid=uid, modality_key=plan.modality_key)
        answer = _first(node, keys)
        if answer is not NOTHING:
            study = read_study(answer) if isinstance(answer, Dataset) else None
            if study is None:
                return CheckVerdict.FAILED, f"answers {by} without a Study Instance UID", None
            return _look_into(node, study.study_instance_uid, by)
    if uid:
        return CheckVerdict.FAILED, f"answers {by}, but does not have this study, or does not show it to us", None
    return CheckVerdict.PASSED, f"answers {by}; it shows us no study of the last {SOME_DAYS[-1]} days", None


def _first(node: Queryable, keys: Dataset) -> object:
    """Return the first answer, and want no further ones: None where it cannot be decoded, `NOTHING` without any."""
    answers = node.find(keys)
    answer = next(answers, NOTHING)
    if isinstance(answers, Generator):
        answers.close()  # the query is cancelled
    return answer


def _look_into(node: Queryable, study_instance_uid: str, by: str) -> tuple[CheckVerdict, str, Sample | None]:
    found = find_series(node, study_instance_uid=study_instance_uid)
    if not found:
        return CheckVerdict.FAILED, f"answers {by} for studies, but names no series of one (SERIES level)", None
    # Structured reports first, as they are small; some nodes name no instance of these.
    for series in sorted(found, key=lambda one: not one.is_report)[:SOME_SERIES]:
        told = find_instances(node, study_instance_uid=study_instance_uid, series=series, scope=Scope.FIRST)
        if told.first is not None:
            sample = Sample(study_instance_uid, told.series_instance_uid, told.first.sop_instance_uid)
            return CheckVerdict.PASSED, f"answers {by} for studies, series and instances", sample
    text = f"answers {by} for studies and series, but names no instance (IMAGE level)"
    return CheckVerdict.PASSED, text, None
