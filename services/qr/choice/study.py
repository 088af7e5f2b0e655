"""The choice for one study: filters at series level, then the rules of its classes, then their union."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.qr.choice.filters import series_objection
from services.qr.choice.found import Choice, ClassChoice, Pick, Questions, Scope, Series, SeriesDecision
from services.qr.choice.rules import RULES, everything
from shared.jobs.options import MODALITIES, JobOptions, ModalityClass


def modalities_of(series: Iterable[Series]) -> frozenset[str]:
    """Return the value that Modalities in Study (0008,0061) would have."""
    return frozenset(one.modality for one in series if one.modality)


def classes_of(modalities: frozenset[str], wanted: Sequence[ModalityClass]) -> tuple[ModalityClass, ...]:
    """Return the wanted classes that a study with these modalities has."""
    classes: list[ModalityClass] = [
        name
        for name in ModalityClass
        if name in wanted and name is not ModalityClass.SR and modalities & set(MODALITIES[name])
    ]
    if ModalityClass.SR in wanted and modalities == {"SR"}:
        classes.append(ModalityClass.SR)
    return tuple(classes)


def choose(
    *, modalities_in_study: frozenset[str] | None, series: Sequence[Series], options: JobOptions
) -> Choice | Questions:
    """Decide the retrieved parts of a study, or return the queries at IMAGE level that are needed first.

    Args:
        modalities_in_study: as the node gave them at STUDY level; None: built from the series.
        series: all series of the study; what was asked at IMAGE level stands in them.
        options: what the job wants.
    """
    objections = {
        one.series_instance_uid: objection
        for one in series
        if (objection := series_objection(station_name=one.station_name, options=options))
    }
    kept = [one for one in series if one.series_instance_uid not in objections]
    if options.chooses:
        choices = _choices((modalities_in_study or frozenset()) | modalities_of(series), series, kept, options)
        if not isinstance(choices, list):
            return choices
    else:
        choices = [everything(kept)]
    reason = "; ".join(choice.reason for choice in choices)
    if objections:
        reason += (
            f"; {len(objections)} of {len(series)} series dropped: {'; '.join(dict.fromkeys(objections.values()))}"
        )
    picks = _merged(pick for choice in choices for pick in choice.picks)
    decisions = tuple(_decide(one, picks, objections, reason) for one in series)
    classes = tuple(choice.modality_class for choice in choices if choice.modality_class is not None)
    return Choice(decisions, classes, reason)


def _choices(
    modalities: frozenset[str], series: Sequence[Series], kept: Sequence[Series], options: JobOptions
) -> list[ClassChoice] | Choice | Questions:
    """Return the wishes of each class of the study for the series that passed the filters."""
    classes = classes_of(modalities, options.modalities)
    if not classes:
        return _nothing(series, unwanted(modalities, options))
    unanswered = {one.series_instance_uid: Scope.ALL for one in kept if one.is_report and one.asked is not Scope.ALL}
    if unanswered:
        return Questions(unanswered)
    choices: list[ClassChoice] = []
    for name in classes:
        choice = RULES[name](kept, options)
        if isinstance(choice, Questions):
            return choice
        choices.append(choice)
    return choices


def reports_first(choice: Choice) -> Choice:
    """Return the choice without everything that would not be needed, were a report of unknown SOP class a dose report.

    Once these reports are there, their class is known, and the choice can be made anew.
    """
    unknown = [decision for decision in choice.wanted if decision.series.unclassified]
    if not unknown or len(unknown) == len(choice.wanted):
        return choice
    later = "decided when the SOP class of the reports is known"
    decisions = tuple(
        decision
        if not decision.wanted or decision.series.unclassified
        else replace(decision, wanted=False, sop_instance_uids=None, reason=later)
        for decision in choice.decisions
    )
    return replace(choice, decisions=decisions, reason=f"{choice.reason}; the reports come first, the rest is {later}")


def _merged(picks: Iterable[Pick]) -> dict[str, Pick]:
    """Return one pick for each series: the wishes of several classes together."""
    merged: dict[str, Pick] = {}
    for pick in picks:
        uid = pick.series.series_instance_uid
        other = merged.get(uid)
        if other is None:
            merged[uid] = pick
        elif other.sop_instance_uids is not None and pick.sop_instance_uids is not None:
            uids = tuple(dict.fromkeys((*other.sop_instance_uids, *pick.sop_instance_uids)))
            merged[uid] = Pick(pick.series, _joined(other, pick), uids)
        else:
            merged[uid] = Pick(pick.series, _joined(other, pick))
    return merged


def _joined(one: Pick, other: Pick) -> str:
    return one.what if one.what == other.what else f"{one.what}, {other.what}"


def _decide(one: Series, picks: dict[str, Pick], objections: dict[str, str], reason: str) -> SeriesDecision:
    uid = one.series_instance_uid
    if uid in picks:
        pick = picks[uid]
        return SeriesDecision(one, wanted=True, reason=pick.what, sop_instance_uids=pick.sop_instance_uids)
    return SeriesDecision(one, wanted=False, reason=objections.get(uid, f"not needed: {reason}"))


def _nothing(series: Sequence[Series], reason: str) -> Choice:
    return Choice(tuple(SeriesDecision(one, wanted=False, reason=reason) for one in series), (), reason)


def unwanted(modalities: frozenset[str], options: JobOptions) -> str:
    """Return the reason for which a study of these modalities has no class that is wanted."""
    if ModalityClass.SR in options.modalities:
        return f"not only structured reports: its modalities are {_words(modalities)}"
    return f"no modality of {', '.join(options.modalities)}: its modalities are {_words(modalities)}"


def _words(modalities: frozenset[str]) -> str:
    return ", ".join(sorted(modalities)) or "not told"
