"""The shared cases of query/retrieve decisions against the functions that decide."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from services.config_api.cli.qr_arguments import InvalidArguments, read_arguments
from services.config_api.cli.qr_command import arguments_of, node_reference, qr
from services.qr.choice.filters import TextFilter, study_objection
from services.qr.choice.found import Choice, Instance, Questions, Scope, Series, SeriesDecision
from services.qr.choice.known import without_known
from services.qr.choice.modalities import ModalityEvidence, modalities_to_ask
from services.qr.choice.study import choose
from shared.jobs.options import JobOptions, ModalityClass

pytestmark = pytest.mark.corpus

Given = Mapping[str, Any]
Found = dict[str, Any]

ELSEWHERE = {
    "move": "tests/integration/services/qr/test_steps.py: it needs the database",
}

BETTER = {
    "dup-other-modality-dropped": {
        "sop_kept": ["new"],
        "because": "query-retrieve.md, query 8: known objects are dropped by SOP Instance UID, whatever their modality",
    },
}
"""Expected in place of what a case says, where docs/query-retrieve.md asks for better."""


def study_query_loop(given: Given, options: Given, corpus: Path) -> Found:
    evidence, sent, responses = ModalityEvidence(), 0, 0
    key = bool(options.get("use_modality_tag"))
    asked = modalities_to_ask([ModalityClass(name) for name in options["modalities"]])
    for modality, answers in zip(asked, given["answers_per_query"], strict=False):
        sent, responses = sent + 1, responses + len(answers)
        evidence = evidence.seen(asked=modality, answers=answers)
        if not evidence.matches(modality_key=key):
            break
    return {
        "queries_sent": sent,
        "study_responses": responses,
        "modalities_returned": evidence.returned,
        "modality_matching": evidence.matches(modality_key=key),
    }


def prune_series(given: Given, options: Given, corpus: Path) -> Found:
    choice = _choice(given["series"], given.get("modalities_in_study"), _options(options))
    return _kept(choice) | {"study_class": choice.classes[0].value if choice.classes else None}


def whole_query(given: Given, options: Given, corpus: Path) -> Found:
    study, job_options = given["study"], _options(options)
    dropped = study_objection(
        description=study.get("description"), station_name=study.get("station_name"), options=job_options
    )
    if dropped:
        return {"studies": 0, "series_kept": []}
    return _kept(_choice(given["series"], study.get("modalities_in_study"), job_options))


def filter_(given: Given, options: Given, corpus: Path) -> Found:
    text_filter = TextFilter(options["field"], **{options["mode"]: [term.lower() for term in options["terms"]]})
    objections = [text_filter.objection(study.get(options["field"])) for study in given["studies"]]
    return {"studies_kept": [number for number, objection in enumerate(objections) if objection is None]}


def duplicates(given: Given, options: Given, corpus: Path) -> Found:
    headers = [dcmread(corpus / "files" / name, stop_before_pixels=True) for name in given["in_database"]]
    study = given["responses"]["study"]
    known = {str(one.SOPInstanceUID) for one in headers if study in ("same", one.StudyInstanceUID)}
    decisions = tuple(
        SeriesDecision(
            Series(
                str(number),
                modality=one["modality"],
                instances=tuple(Instance(uid) for uid in one["sop"]),
                asked=Scope.ALL,
            ),
            wanted=True,
            reason="chosen",
        )
        for number, one in enumerate(given["responses"]["series"])
    )
    left = without_known(Choice(decisions, (), ""), known).wanted
    uids = [
        decision.sop_instance_uids or tuple(one.sop_instance_uid for one in decision.series.instances or ())
        for decision in left
    ]
    return {
        "sop_kept": [uid for group in uids for uid in group],
        "image_level_move": any(decision.sop_instance_uids is not None for decision in left),
    }


def cli(given: Given, options: Given, corpus: Path) -> Found:
    context = qr.make_context("qr", list(given["argv"]), resilient_parsing=False)
    try:
        arguments = arguments_of(context.params)
        job = read_arguments(arguments, today=date(2026, 3, 14))
    except InvalidArguments as error:
        return {"error": str(error)}
    terms = {
        "study_desc_exc": "description_exclude",
        "study_desc_inc": "description_include",
        "stationname_exc": "station_name_exclude",
        "stationname_inc": "station_name_include",
    }
    return {
        "qr_id": node_reference(context.params["qr_id"]),
        "store_id": node_reference(context.params["store_id"]),
        "modalities": job.options["modalities"],
        "dfrom": arguments.single_date or arguments.date_from,
        "duntil": arguments.date_until,
        "single_date": bool(arguments.single_date),
        "tfrom": arguments.time_from,
        "tuntil": arguments.time_until,
        "remove_duplicates": not arguments.include_known,
        "get_toshiba": arguments.legacy_ct,
        "get_empty_sr": arguments.empty_sr,
        "filters": {name: job.options[ours] or None for name, ours in terms.items()}
        | {"stationname_study": job.options["station_name_at_study_level"]},
    }


KINDS: dict[str, Callable[[Given, Given, Path], Found]] = {
    "study_query_loop": study_query_loop,
    "prune_series": prune_series,
    "whole_query": whole_query,
    "filter": filter_,
    "duplicates": duplicates,
    "cli": cli,
}
ERRORS = {
    "at least one modality": "at least one modality",
    "single date excludes from/until": "a single date (-sd) excludes from",
    "times need a single date": "need a single date",
    "time format hhmm": "the format of times is hhmm",
}
"""What the cases call the errors of the command line, and how ours begin or contain it."""


def test_every_shared_case_holds_or_the_difference_is_named(facts: Path) -> None:
    cases = json.loads((facts / "qr_cases.json").read_text())
    checked = [case for case in cases if case["kind"] not in ELSEWHERE]
    wrong = {}
    for case in checked:
        found = KINDS[case["kind"]](case["given"], case["options"], facts)
        expected = dict(case["expect"])
        expected |= {key: value for key, value in BETTER.get(case["id"], {}).items() if key in expected}
        if "error" in expected:
            expected["error"] = found.get("error") if _is_error(expected["error"], found) else expected["error"]
        if {key: found.get(key) for key in expected} != expected:
            wrong[case["id"]] = (expected, found)
    assert not wrong
    assert checked


def _is_error(named: str, found: Found) -> bool:
    """Tell whether the error is the one of the case; one that the table does not name has to be an error at all."""
    return ERRORS.get(named, "") in found.get("error", "") and "error" in found


def _options(options: Given) -> JobOptions:
    return JobOptions(
        modalities=tuple(ModalityClass(name) for name in options["modalities"]),
        empty_sr=bool(options.get("get_empty_sr")),
        legacy_ct=bool(options.get("get_toshiba_images")),
        station_name_include=tuple(options.get("station_name_include") or ()),
        station_name_exclude=tuple(options.get("station_name_exclude") or ()),
        description_include=tuple(options.get("description_include") or ()),
        description_exclude=tuple(options.get("description_exclude") or ()),
        station_name_at_study_level=options.get("station_name_level") == "study",
    )


def _choice(series: list[dict[str, Any]], modalities: list[str] | None, options: JobOptions) -> Choice:
    """Play the remote node: answer what is asked at IMAGE level from the case."""
    answers = {
        str(one["number"]): tuple(
            Instance(f"{one['number']}.{number}", answer.get("sop_class_uid"))
            for number, answer in enumerate(one.get("image_level") or (), 1)
        )
        for one in series
    }
    asked: dict[str, Scope] = {}
    in_study = frozenset(modalities) if modalities else None
    while True:
        known = [_series(one, answers, asked) for one in series]
        result = choose(modalities_in_study=in_study, series=known, options=options)
        if not isinstance(result, Questions):
            return result
        asked |= result.series


def _series(one: dict[str, Any], answers: dict[str, tuple[Instance, ...]], asked: dict[str, Scope]) -> Series:
    uid = str(one["number"])
    return Series(
        uid,
        modality=one["modality"],
        series_number=one["number"],
        description=one.get("description"),
        station_name=one.get("station_name"),
        instance_count=one.get("instances"),
        instances=answers[uid] if uid in asked else None,
        asked=asked.get(uid),
    )


def _kept(choice: Choice) -> Found:
    return {
        "studies": int(bool(choice.wanted)),
        "series_kept": [decision.series.series_number for decision in choice.wanted],
        "image_level_move": [
            decision.series.series_number for decision in choice.wanted if decision.sop_instance_uids is not None
        ],
    }
