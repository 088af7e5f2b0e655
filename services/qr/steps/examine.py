"""The examination of a study: query its series, and the instances that the rules need; then choose."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from services.qr.choice.found import Choice, Questions, Scope, Series
from services.qr.choice.known import without_known
from services.qr.choice.study import choose, reports_first
from services.qr.jobs.contents import Contents
from services.qr.query.find_content import find_instances, find_series
from services.qr.remote.archive import Archive
from shared.database.models.qr import QrStudy
from shared.jobs.options import JobOptions


def examine(
    archive: Archive,
    study: QrStudy,
    *,
    options: JobOptions,
    contents: Contents,
    we_receive: bool,
    ours: Collection[str] = (),
) -> Choice:
    """Return the wanted parts of a study, with a reason for every series.

    Some nodes never return the SOP Class UID of a report, but a received report has it. So such reports are retrieved
    first, and the rest is decided afterwards.

    Args:
        archive: the node.
        study: which study.
        options: what the job wants.
        contents: what has been received.
        we_receive: whether the store node is ours.
        ours: the SOP Instance UIDs that this job has retrieved: they do not count as known before.

    Raises:
        RemoteError, JobCancelled, Stopping: as `Archive.find`.
        Unavailable: the database is away.
    """
    uid = study.study_instance_uid
    series = {one.series_instance_uid: one for one in find_series(archive, study_instance_uid=uid)}
    modalities = frozenset(study.modalities_in_study.split("\\")) if study.modalities_in_study else None
    if not series:
        return Choice((), (), "the node names no series of this study")
    received = contents.received_classes(uid)
    while True:
        told = [_with_classes(one, received) for one in series.values()]
        result = choose(modalities_in_study=modalities, series=told, options=options)
        if isinstance(result, Choice):
            break
        _answer(archive, uid, series, result)
    choice = reports_first(result) if we_receive and options.chooses else result
    choice = _with_instances(archive, uid, choice)
    choice = replace(choice, reason="; ".join([choice.reason, *_notes(series.values())]))
    return choice if options.include_known else without_known(choice, contents.known(uid) - set(ours))


def _with_classes(series: Series, received: Mapping[str, str]) -> Series:
    """Return the series with the SOP classes that the node does not tell, as far as we have received the objects."""
    if not series.instances:
        return series
    instances = tuple(
        one if one.sop_class_uid else replace(one, sop_class_uid=received.get(one.sop_instance_uid))
        for one in series.instances
    )
    return replace(series, instances=instances)


def _notes(series: Iterable[Series]) -> list[str]:
    """Return the findings about the node from its answers, in words."""
    instances = [instance for one in series for instance in one.instances or ()]
    notes = []
    if not any(one.description for one in series):
        notes.append("the node tells no series descriptions")
    if instances and all(one.instance_number is None for one in instances):
        notes.append("the node tells no Instance Number")
    if instances and all(one.sop_class_uid is None for one in instances):
        notes.append("the node tells no SOP Class UID")
    return notes


def _answer(archive: Archive, study_instance_uid: str, series: dict[str, Series], questions: Questions) -> None:
    for uid, scope in questions.series.items():
        series[uid] = find_instances(archive, study_instance_uid=study_instance_uid, series=series[uid], scope=scope)


def _with_instances(archive: Archive, study_instance_uid: str, choice: Choice) -> Choice:
    """Query the instances of series that are wanted as a whole, so that each can be compared and retrieved."""
    decisions = []
    for decision in choice.decisions:
        if decision.wanted and decision.sop_instance_uids is None and decision.series.asked is not Scope.ALL:
            series = find_instances(
                archive, study_instance_uid=study_instance_uid, series=decision.series, scope=Scope.ALL
            )
            decision = replace(decision, series=series)  # noqa: PLW2901
        decisions.append(decision)
    return replace(choice, decisions=tuple(decisions))
