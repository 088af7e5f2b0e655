"""The corpus sent to a running importer: every known fact holds in the REST interface, in every order of sending.

A key of `expected.json` names files in the order of their import, joined by `+`. Up to four files are sent in every
other order as well, more only as they stand and the other way round.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom
import pytest

from tests.helpers.importer.facts import Fact, holds, look_up
from tests.helpers.importer.running import Reception, RunningImport
from tests.helpers.services import Services

JsonObject = dict[str, Any]

pytestmark = [pytest.mark.corpus, pytest.mark.integration, pytest.mark.timeout(300)]

EVERYTHING = dict.fromkeys(("patient_name", "patient_id", "patient_birth_date", "accession_number"), "store")
OF_A_RECEPTION = {
    "object.sop_class_uid",
    "object.sop_instance_uid",
    "object.series_instance_uid",
    "object.dicom_modality",
    "study.study_instance_uid",
}
"""What is stored of an object that was refused."""
PARTS = ("ct", "xray", "mg", "nm")
_ALL_ORDERS_UP_TO = 4

_IN_ANOTHER_ORDER = {"ignored_event_subset": "replaced_by_superset"}
"""What an object does where the other one, which it added nothing to, comes after it."""


@dataclass(frozen=True, slots=True)
class Sending:
    """The files of a key in one order, and the studies and patients that no other sending of a round may share."""

    key: str
    order: tuple[str, ...]
    claims: frozenset[str]

    @property
    def files(self) -> tuple[str, ...]:
        """The files in the order that the facts speak of."""
        return tuple(self.key.split("+"))

    @property
    def as_given(self) -> bool:
        """Whether that is the order here."""
        return self.order == self.files

    def __str__(self) -> str:
        return "+".join(self.order)


@pytest.fixture
def expected(facts: Path) -> dict[str, list[Fact]]:
    return dict(json.loads((facts / "expected.json").read_text("utf-8")))


@pytest.fixture
def running(
    services: Services, database_url: str, amqp_url: str, data_dir: Path, free_port: int
) -> Iterator[RunningImport]:
    """An importer and the REST interface, as processes."""
    services.start("importer", wait=False)
    services.start("config_api", http_port=free_port)
    url = f"http://127.0.0.1:{free_port}"
    running = RunningImport(database_url=database_url, amqp_url=amqp_url, data_dir=data_dir, api_url=url)
    yield running
    running.close()


def test_what_is_stored_of_a_patient_unless_somebody_says_so(
    running: RunningImport, corpus: Path, expected: Mapping[str, Sequence[Fact]]
) -> None:
    checked = 0
    for name, facts in expected.items():
        of_privacy = [fact for fact in facts if fact["path"].startswith("privacy.default.")]
        if of_privacy:
            ((reception,),) = running.send([[corpus / "files" / name]])
            (study,) = running.studies(reception.row["study_instance_uid"])
            known = {"privacy": {"default": study["study"]}}
            assert [fact for fact in of_privacy if not holds(fact, known)] == [], name
            checked += len(of_privacy)
    assert checked >= 7


def test_every_fact_holds_in_every_order(
    running: RunningImport, corpus: Path, expected: Mapping[str, Sequence[Fact]]
) -> None:
    running.set_privacy_policy(**EVERYTHING)
    wrong: list[str] = []
    stored: dict[str, list[JsonObject]] = {}
    checked = 0
    for together in rounds(sendings(expected, corpus)):
        sequences = [[corpus / "files" / name for name in sending.order] for sending in together]
        for sending, receptions in zip(together, running.send(sequences), strict=True):
            facts = [fact for fact in expected[sending.key] if not is_of_policy(fact)]
            known = facts_of(running, sending, receptions, facts)
            wrong += [f"{sending}: {problem}" for problem in problems(facts, known)]
            if stored.setdefault(sending.key, known["stored"]) != known["stored"]:
                wrong.append(f"{sending}: other studies than in another order")
            checked += len(facts)
        running.forget()
    assert wrong == []
    assert checked > 6500


def sendings(expected: Mapping[str, Sequence[Fact]], corpus: Path) -> Iterator[Sending]:
    """Yield each key in every order, the one given first."""
    claims = {path.name: claims_of(path) for path in (corpus / "files").glob("*.dcm")}
    for key in expected:
        names = tuple(key.split("+"))
        of_files = frozenset().union(*(claims[name] for name in names))
        others = itertools.permutations(names) if len(names) <= _ALL_ORDERS_UP_TO else [names[::-1]]
        for order in dict.fromkeys([names, *others]):
            yield Sending(key, order, of_files)


def claims_of(path: Path) -> frozenset[str]:
    header = pydicom.dcmread(path, specific_tags=["StudyInstanceUID", "PatientID"])
    return frozenset((f"study {header.StudyInstanceUID}", f"patient {header.get('PatientID')}"))


def rounds(sendings: Iterable[Sending]) -> list[list[Sending]]:
    """Put together what does not touch the same study or patient, so that few rounds are needed."""
    found: list[list[Sending]] = []
    for sending in sendings:
        place = next((one for one in found if all(sending.claims.isdisjoint(other.claims) for other in one)), None)
        if place is None:
            found.append(place := [])
        place.append(sending)
    return found


def problems(facts: Iterable[Fact], known: JsonObject) -> Iterator[str]:
    for fact in facts:
        refused = not known["outcome"]["study_count"]
        if refused and not fact["path"].startswith("outcome.") and fact["path"] not in OF_A_RECEPTION:
            continue
        right = warned(fact, known) if fact["path"] == "outcome.warnings" else holds(fact, known)
        if not right:
            yield f"{fact['path']} is {look_up(known, fact['path'])!r}, should be {fact['value']!r}"


def warned(fact: Fact, known: JsonObject) -> bool:
    """Tell whether there are these warnings; ours go on with the values, and there may be others."""
    warnings: list[str] = known["outcome"]["warnings"]
    return all(any(one.startswith(wanted) for one in warnings) for wanted in fact["value"])


def is_of_policy(fact: Fact) -> bool:
    """Tell whether a fact speaks of the default privacy policy, or of the corpus itself."""
    path: str = fact["path"]
    return path.startswith("privacy.") or path == "outcome.events_in_oracle"


# ---- what the interface says, in the shape of the facts


def facts_of(
    running: RunningImport, sending: Sending, receptions: Sequence[Reception], facts: Sequence[Fact]
) -> JsonObject:
    rows = {reception.file.name: reception.row for reception in receptions}
    uids = dict.fromkeys(rows[name]["study_instance_uid"] for name in sending.files)
    studies = [study for uid in uids for study in sorted(running.studies(uid), key=part_of)]
    if not studies:
        return of_refused(receptions[-1].row)
    wanted = {fact["path"]: fact["value"] for fact in facts}
    counted = as_counted(studies, [rows[name]["sop_instance_uid"] for name in sending.files], facts)
    outcome = {
        "study_count": len(counted),
        "last_object": last_effect(sending, receptions, wanted.get("outcome.last_object")),
        "distinct_study_instance_uids": len({study["study"]["study_instance_uid"] for study in studies}),
        "distinct_event_count": len(
            {event["irradiation_event_uid"] for study in studies for event in events_of(study)}
        ),
        "sum_total_dlp_mgy_cm": sum(study.get("ct", {}).get("total_dlp_mgy_cm") or 0 for study in studies),
        "modalities": sorted(study["study"]["modality"] for study in studies),
    }
    sums = {
        f"sum_event_{name}": sum(event.get(name) or 0 for event in events_of(studies[0]))
        for name in ("dlp_mgy_cm", "dap_gy_m2", "rp_dose_gy", "agd_mgy")
    }
    return studies[0] | {
        "outcome": studies[0]["outcome"] | outcome,
        "studies": counted,
        "derived": sums,
        "stored": studies,
    }


def of_refused(row: JsonObject) -> JsonObject:
    """Return what is known of an object that was refused: its reception alone, and no study."""
    outcome = {"accepted": row["state"] != "refused", "study_count": 0, "refusal_reason": row["reason"]}
    return {"object": row | {"dicom_modality": row["modality"]}, "study": row, "outcome": outcome, "stored": []}


def as_counted(studies: list[JsonObject], sop_instance_uids: Sequence[str], facts: Iterable[Fact]) -> list[JsonObject]:
    """Return the studies as the facts count them.

    A study that was continued after it had been closed is one study of several reports here, so that no event counts
    twice. The facts count it as several, by convention: then its reports stand for them, in the order of the files.
    """
    wanted = next(
        (fact["value"] for fact in facts if fact["path"] == "outcome.study_count" and "convention" in fact), 1
    )
    if wanted == len(studies) or len(studies) > 1:
        return studies
    by_uid = {report["object"]["sop_instance_uid"]: report for report in studies[0]["reports"]}
    return [
        {**by_uid[uid], "outcome": {"processed_sop_instance_uids": [uid]}} for uid in dict.fromkeys(sop_instance_uids)
    ]


def part_of(study: JsonObject) -> str:
    return next(part for part in PARTS if part in study)


def events_of(study: JsonObject) -> list[JsonObject]:
    return [event for part in PARTS for event in study.get(part, {}).get("events", [])]


def last_effect(sending: Sending, receptions: Sequence[Reception], wanted: str | None) -> str | None:
    """Return what the last object did; in another order than the given one the wanted effect where any object has it.

    An object that added nothing to the one before it is replaced by that one where it comes first.
    """
    effects: list[str | None] = [reception.row["effect"] for reception in receptions]
    if sending.as_given:
        return effects[-1]
    return wanted if {wanted, _IN_ANOTHER_ORDER.get(wanted or "")} & set(effects) else " ".join(map(str, effects))
