"""Series as a remote node answers them, and the answering itself, for the tests of the choice."""

from collections.abc import Sequence
from dataclasses import replace

from services.qr.choice.found import Choice, Instance, Questions, Scope, Series
from services.qr.choice.study import choose
from shared.jobs.options import JobOptions, ModalityClass

RDSR = "1.2.840.10008.5.1.4.1.1.88.67"
RRDSR = "1.2.840.10008.5.1.4.1.1.88.68"
ESR = "1.2.840.10008.5.1.4.1.1.88.22"
BASIC_SR = "1.2.840.10008.5.1.4.1.1.88.11"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
PET_IMAGE = "1.2.840.10008.5.1.4.1.1.128"
NM_IMAGE = "1.2.840.10008.5.1.4.1.1.20"


def series(
    number: int, modality: str, *sop_classes: str | None, description: str | None = None, count: int | None = None
) -> Series:
    """Return a series; its instances have these SOP classes and are told when they are asked for."""
    instances = tuple(Instance(f"1.{number}.{index}", uid, index) for index, uid in enumerate(sop_classes, 1))
    return Series(
        f"1.{number}",
        modality=modality,
        series_number=number,
        description=description,
        instance_count=len(instances) if count is None else count,
        instances=instances,
    )


def job_options(*modalities: str, **more: object) -> JobOptions:
    """Return the options of a job for these classes."""
    return JobOptions.model_validate({"modalities": [ModalityClass(name) for name in modalities], **more})


def chosen(study: Sequence[Series], options: JobOptions, *, modalities: frozenset[str] | None = None) -> Choice:
    """Return the choice, telling at IMAGE level what is asked for and nothing else."""
    asked: dict[str, Scope] = {}
    while True:
        known = [
            replace(
                one,
                instances=one.instances if one.series_instance_uid in asked else None,
                asked=asked.get(one.series_instance_uid),
            )
            for one in study
        ]
        result = choose(modalities_in_study=modalities, series=known, options=options)
        if isinstance(result, Choice):
            return result
        assert isinstance(result, Questions)
        assert result.series.items() - asked.items(), "the same question twice"
        asked |= result.series


def kept(choice: Choice) -> dict[int, tuple[str, ...] | None]:
    """Return the Series Numbers that are wanted, and which instances of them; None: all."""
    return {
        decision.series.series_number: decision.sop_instance_uids
        for decision in choice.wanted
        if decision.series.series_number is not None
    }
