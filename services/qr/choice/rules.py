"""The rule of each class: it selects series and instances of a study.

A rule that needs answers at IMAGE level returns `Questions` instead; it is called again with the answers. Reports whose
SOP class the node does not return may be dose reports: they are retrieved in addition, never instead of other objects.
The class of reports that were received before is known.
"""

from collections.abc import Callable, Iterable, Sequence

from services.qr.choice.found import (
    ESR,
    NM_IMAGES,
    PET_IMAGES,
    RDSR,
    RRDSR,
    SECONDARY_CAPTURES,
    ClassChoice,
    Pick,
    Questions,
    Scope,
    Series,
    report_kind,
)
from shared.jobs.options import MODALITIES, JobOptions, ModalityClass

DOSE_INFO = "dose info"
FEW_INSTANCES = 5
NO_IMAGES = frozenset({"SR", "PR", "KO", "DOC", "REG", "SEG", "RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD", "AU", "ECG"})
"""Modalities of series without images, or without images that state dose."""

Rule = Callable[[Sequence[Series], JobOptions], ClassChoice | Questions]


def radiograph_rule(modality_class: ModalityClass) -> Rule:
    """Return the rule of MG or DX: a dose report if there is one, else all images."""
    modalities = MODALITIES[modality_class]

    def rule(series: Sequence[Series], options: JobOptions) -> ClassChoice:
        reports = _reports(series, RDSR) or _empty_reports(series, options)
        if reports:
            return _choice(modality_class, [*reports, *_unclassified(series)], series)
        images = [Pick(one, "image") for one in series if one.modality in modalities]
        return _choice(modality_class, [*_unclassified(series), *images], series, _no_report(series, "RDSR"))

    return rule


def fluoroscopy_rule(series: Sequence[Series], options: JobOptions) -> ClassChoice:
    """Only reports: images of fluoroscopy tell no dose."""
    reports = _reports(series, RDSR) or _reports(series, ESR) or _empty_reports(series, options)
    missing = "" if reports else _no_report(series, "RDSR or Enhanced SR")
    return _choice(ModalityClass.FL, [*reports, *_unclassified(series)], series, missing)


def ct_rule(series: Sequence[Series], options: JobOptions) -> ClassChoice | Questions:
    """Return a report if there is one, else possible images of the dose summary."""
    reports = _reports(series, RDSR) or _reports(series, ESR) or _empty_reports(series, options)
    if reports:
        return _choice(ModalityClass.CT, [*reports, *_unclassified(series)], series)
    images = [one for one in series if _may_be_ct(one)]
    dose_info = [Pick(one, "dose info") for one in images if _text(one.description) == DOSE_INFO]
    missing = _no_report(series, "RDSR or Enhanced SR")
    if not dose_info and options.legacy_ct:
        questions = _unanswered(images, Scope.FIRST)
        if questions:
            return questions
        summaries = [pick for one in images if (pick := _legacy_pick(one))]
        if summaries:
            return _choice(ModalityClass.CT, [*_unclassified(series), *summaries], series, missing)
    small = [] if any(_text(one.description) for one in series) else [one for one in images if _is_small(one)]
    picks = dose_info or [Pick(one, "small series without description") for one in small]
    return _choice(
        ModalityClass.CT,
        [*_unclassified(series), *picks],
        series,
        f"{missing}, and no series that may hold a dose summary" if not picks else missing,
    )


def nuclear_rule(series: Sequence[Series], options: JobOptions) -> ClassChoice | Questions:
    """The report and the first image of each PET series; where there is neither, the first NM image."""
    pet = [one for one in series if one.modality == "PT"]
    reports = _reports(series, RRDSR)
    questions = _unanswered(pet, Scope.FIRST)
    if questions:
        return questions
    picks = [*reports, *_first_images(pet, PET_IMAGES, "first PET image")]
    further = [*_empty_reports(series, options), *_unclassified(series)]
    if not picks:
        gamma = sorted(
            (one for one in series if one.modality == "NM"),
            key=lambda one: (one.series_number is None, one.series_number or 0, one.series_instance_uid),
        )
        questions = _unanswered(gamma, Scope.FIRST)
        if questions:
            return questions
        picks = _first_images(gamma, NM_IMAGES, "first NM image")[:1]
    missing = "" if reports else _no_report(series, "RRDSR" if picks else "RRDSR, PET or NM image")
    return _choice(ModalityClass.NM, [*picks, *further], series, missing)


def report_only_rule(series: Sequence[Series], options: JobOptions) -> ClassChoice:
    """Studies of nothing but reports: dose reports of either kind, else Enhanced SR."""
    reports = _reports(series, RDSR | RRDSR) or _reports(series, ESR) or _empty_reports(series, options)
    missing = "" if reports else _no_report(series, "RDSR, RRDSR or Enhanced SR")
    return _choice(ModalityClass.SR, [*reports, *_unclassified(series)], series, missing)


def everything(series: Sequence[Series]) -> ClassChoice:
    """All of each series: the rule of a job that names no classes."""
    return ClassChoice(None, tuple(Pick(one, "everything") for one in series), f"everything: {len(series)} series")


RULES: dict[ModalityClass, Rule] = {
    ModalityClass.CT: ct_rule,
    ModalityClass.MG: radiograph_rule(ModalityClass.MG),
    ModalityClass.FL: fluoroscopy_rule,
    ModalityClass.DX: radiograph_rule(ModalityClass.DX),
    ModalityClass.NM: nuclear_rule,
    ModalityClass.SR: report_only_rule,
}


def _reports(series: Iterable[Series], sop_classes: frozenset[str]) -> list[Pick]:
    """Return the reports of these SOP classes; of a series with others besides, these instances only."""
    picks = []
    for one in series:
        instances = one.instances or () if one.is_report else ()
        wanted = [instance for instance in instances if instance.sop_class_uid in sop_classes]
        if wanted:
            uids = None if len(wanted) == len(instances) else tuple(instance.sop_instance_uid for instance in wanted)
            kinds = dict.fromkeys(report_kind(instance.sop_class_uid) for instance in wanted)
            picks.append(Pick(one, " and ".join(kinds), uids))
    return picks


def _empty_reports(series: Iterable[Series], options: JobOptions) -> list[Pick]:
    """Return, where that was asked for, the SR series that answer nothing at IMAGE level."""
    if not options.empty_sr:
        return []
    return [Pick(one, "SR without answer at image level") for one in series if one.is_report and one.instances == ()]


def _unclassified(series: Iterable[Series]) -> list[Pick]:
    """Return the reports that have no SOP class in the answer: some nodes never tell it."""
    picks = []
    for one in series:
        unknown = tuple(instance.sop_instance_uid for instance in one.unclassified)
        if unknown:
            uids = None if len(unknown) == len(one.instances or ()) else unknown
            picks.append(Pick(one, "SR of unknown SOP class", uids))
    return picks


def _first_images(series: Iterable[Series], sop_classes: frozenset[str], what: str) -> list[Pick]:
    picks = []
    for one in series:
        first = one.first
        if first is not None and first.sop_class_uid in sop_classes | {None}:
            picks.append(Pick(one, what, (first.sop_instance_uid,)))
    return picks


def _legacy_pick(one: Series) -> Pick | None:
    first = one.first
    if first is None:
        return None
    known = first.sop_class_uid
    if known in SECONDARY_CAPTURES or (known is None and one.modality == "SC"):
        return Pick(one, "secondary capture")
    return Pick(one, "first image", (first.sop_instance_uid,))


def _may_be_ct(one: Series) -> bool:
    """Tell whether a series of a CT study may hold CT images, by its modality."""
    others = {modality for name, group in MODALITIES.items() if name is not ModalityClass.CT for modality in group}
    return one.modality not in NO_IMAGES | others


def _is_small(one: Series) -> bool:
    return one.instance_count is None or one.instance_count <= FEW_INSTANCES


def _text(value: str | None) -> str:
    return (value or "").strip().lower()


def _unanswered(series: Iterable[Series], scope: Scope) -> Questions | None:
    missing = {one.series_instance_uid: scope for one in series if not one.has_answered(scope)}
    return Questions(missing) if missing else None


def _no_report(series: Iterable[Series], wanted: str) -> str:
    """Return the words for a study without a report, with the choice made instead."""
    found: dict[str, None] = {}
    for one in series:
        if one.is_report and one.instances == ():
            found[f"SR {one} answers nothing at image level (the option for empty SR series fetches it)"] = None
        elif one.is_report:
            found.update(dict.fromkeys(f"{one} is {report_kind(i.sop_class_uid)}" for i in one.instances or ()))
    return f"no {wanted}" + (f" ({', '.join(found)})" if found else "")


def _choice(
    modality_class: ModalityClass, picks: Sequence[Pick], series: Sequence[Series], otherwise: str = ""
) -> ClassChoice:
    """Put a choice into words: `CT: kept RDSR series 501; 4 image series not needed`."""
    picked = {pick.series.series_instance_uid for pick in picks}
    rest = [one for one in series if one.series_instance_uid not in picked]
    parts = [f"kept {_listed(picks)}"] if picks else []
    if otherwise:
        parts.append(otherwise)
    if picks and rest:
        kinds = "image series" if not any(one.is_report for one in rest) else "other series"
        parts.append(f"{len(rest)} {kinds} not needed")
    return ClassChoice(modality_class, tuple(picks), f"{modality_class}: {'; '.join(parts) or 'nothing to keep'}")


def _listed(picks: Sequence[Pick]) -> str:
    kinds: dict[str, list[Pick]] = {}
    for pick in picks:
        kinds.setdefault(pick.what, []).append(pick)
    return ", ".join(
        f"{what} series {', '.join(pick.series.number for pick in group)}" for what, group in kinds.items()
    )
