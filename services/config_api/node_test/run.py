"""The five steps, against the node itself."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from services.config_api.echo import VERIFICATION, explain_connection_error
from services.config_api.node_test import keys
from services.config_api.node_test.explain import CANCELLED, SUCCESS, MoveAnswer, describe, judge_move
from services.config_api.node_test.link import (
    FIND,
    MOVE,
    Link,
    NoLink,
    linked,
)
from services.config_api.node_test.outcome import STEPS, Outcome, Plan, Step, Verdict
from shared.dicom.destination import Destination

LOOK_AGAIN = 0.2
MOST_SERIES = 50

Arrived = Callable[[str], str | None]
"""Says what has become of a SOP Instance UID since the test began, None: it has not been received."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An instance that the node has named."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str


def run_test(plan: Plan, *, today: date, arrived: Arrived | None) -> list[Outcome]:
    """Take all steps; what an earlier failure makes impossible is skipped.

    Args:
        plan: what to test.
        today: the last day for which a study is looked for.
        arrived: looks for what was sent; None: the destination is not ours, so nobody can tell.
    """
    outcomes = list(_steps(plan, today, arrived))
    tried = {outcome.step for outcome in outcomes}
    left = [step for step in STEPS if step not in tried]
    return outcomes + [Outcome(step, Verdict.SKIPPED, "not tried: a step before it failed") for step in left]


def _steps(plan: Plan, today: date, arrived: Arrived | None) -> Iterator[Outcome]:
    connected = _timed(Step.TCP, lambda: _connect(plan))
    yield connected
    if connected.verdict is not Verdict.PASSED:
        return
    start, sample = time.monotonic(), None
    try:
        with linked(plan, (VERIFICATION, FIND, MOVE)) as link:
            secured = ", with TLS" if plan.target.server is not None else ""
            titles = f"from {plan.target.calling_ae_title} to {plan.target.called_ae_title}"
            text = f"accepts an association {titles}{secured}"
            yield Outcome(Step.ASSOCIATION, Verdict.PASSED, text, _since(start))
            yield _timed(Step.ECHO, lambda: _echo(link, plan))
            start = time.monotonic()
            verdict, text, sample = _find(link, plan, today)
            yield Outcome(Step.FIND, verdict, text, _since(start))
    except NoLink as error:
        yield Outcome(Step.ASSOCIATION, Verdict.FAILED, str(error), _since(start))
        return
    if verdict is Verdict.PASSED:
        yield _timed(Step.MOVE, lambda: _move(plan, sample, arrived))


def _timed(step: Step, take: Callable[[], tuple[Verdict, str]]) -> Outcome:
    start = time.monotonic()
    verdict, detail = take()
    return Outcome(step, verdict, detail, _since(start))


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)


def _connect(plan: Plan) -> tuple[Verdict, str]:
    target = plan.target
    try:
        socket.create_connection((target.host, target.port), timeout=plan.connect).close()
    except OSError as error:
        return Verdict.FAILED, explain_connection_error(error, target, plan.connect)
    return Verdict.PASSED, f"{target.host}:{target.port} accepts a connection"


def _echo(link: Link, plan: Plan) -> tuple[Verdict, str]:
    if not link.accepts(VERIFICATION):
        return (
            Verdict.FAILED,
            "does not accept C-ECHO (Verification SOP Class), which every node has to; jobs go without",
        )
    status = link.echo()
    if status is None:
        return Verdict.FAILED, f"does not answer the C-ECHO within {plan.answers:g} s, or drops the association"
    if status != SUCCESS:
        return Verdict.FAILED, f"answers the C-ECHO with {describe(status)}"
    return Verdict.PASSED, "answers C-ECHO"


def _find(link: Link, plan: Plan, today: date) -> tuple[Verdict, str, Sample | None]:
    if not link.accepts(FIND):
        return Verdict.FAILED, "does not accept C-FIND (Study Root); it cannot be queried, or not by us", None
    uid = plan.study_instance_uid
    for days in (0,) if uid else keys.SOME_DAYS:
        answers, status = link.first_answers(keys.study_keys(today=today, days=days, study_instance_uid=uid), most=1)
        if answers:
            return _judge_answer(link, answers[0])
        if status is None:
            return (
                Verdict.FAILED,
                f"does not answer the C-FIND within {plan.answers:g} s, or drops the association",
                None,
            )
        if status not in (SUCCESS, CANCELLED):
            return Verdict.FAILED, f"ends the C-FIND with {describe(status)}", None
    if uid:
        return Verdict.FAILED, "answers C-FIND, but does not have this study, or does not show it to us", None
    return Verdict.PASSED, f"answers C-FIND; it shows us no study of the last {keys.SOME_DAYS[-1]} days", None


def _judge_answer(link: Link, answer: Dataset) -> tuple[Verdict, str, Sample | None]:
    study = keys.read_uid(answer, "Study")
    if study is None:
        return Verdict.FAILED, "answers the C-FIND without a Study Instance UID", None
    series = keys.small_series(link.first_answers(keys.series_keys(study), most=MOST_SERIES)[0])
    if series is None:
        return Verdict.FAILED, "answers C-FIND for studies, but names no series of one (SERIES level)", None
    for instance in link.first_answers(keys.instance_keys(study, series), most=1)[0]:
        if uid := keys.read_uid(instance, "SOP"):
            return Verdict.PASSED, "answers C-FIND for studies, series and instances", Sample(study, series, uid)
    return Verdict.PASSED, "answers C-FIND for studies and series, but names no instance (IMAGE level)", None


def _move(plan: Plan, sample: Sample | None, arrived: Arrived | None) -> tuple[Verdict, str]:
    if plan.by_get or plan.destination is None:
        by_get = "jobs fetch from it by C-GET (retrieve_by), so it need not send anywhere"
        return Verdict.SKIPPED, f"not tried: {by_get if plan.by_get else 'name a store_node that it shall send to'}"
    try:
        with linked(plan, (MOVE,)) as link:
            if not link.accepts(MOVE):
                return Verdict.FAILED, "does not accept C-MOVE (Study Root); nothing can be retrieved from it"
            answer = _ask(link, plan.destination, sample)
    except NoLink as error:
        return Verdict.FAILED, f"no second association: {error}"
    verdict, detail = judge_move(answer, plan.destination)
    if verdict is not Verdict.PASSED or sample is None:
        return verdict, detail
    if arrived is None:
        return verdict, f"{detail}; whether it has come, {plan.destination.name} knows alone"
    return _look_for(sample, plan, plan.destination, arrived)


def _ask(link: Link, destination: Destination, sample: Sample | None) -> MoveAnswer:
    if sample is None:
        identifier = keys.study_to_move(generate_uid(prefix=None))
    else:
        identifier = keys.instance_to_move(
            sample.study_instance_uid, sample.series_instance_uid, sample.sop_instance_uid
        )
    response = link.move(identifier, destination=destination.ae_title)
    if response is None:
        return MoveAnswer(status=None, completed=None, failed=None, for_an_object=sample is not None)
    completed, warning = (response.get(f"NumberOf{kind}Suboperations") for kind in ("Completed", "Warning"))
    return MoveAnswer(
        status=response.Status,
        completed=None if completed is None and warning is None else (completed or 0) + (warning or 0),
        failed=response.get("NumberOfFailedSuboperations"),
        for_an_object=sample is not None,
    )


def _look_for(sample: Sample, plan: Plan, destination: Destination, arrived: Arrived) -> tuple[Verdict, str]:
    deadline = time.monotonic() + plan.arrival
    while (state := arrived(sample.sop_instance_uid)) is None:
        if time.monotonic() >= deadline:
            return Verdict.FAILED, (
                f"says that it has sent an object, but {destination.name} has not received it: does another machine "
                f"stand there under the AE title {destination.ae_title}? It has to be {destination}"
            )
        time.sleep(LOOK_AGAIN)
    return Verdict.PASSED, f"has sent an object, and {destination.name} has received it: {state}"
