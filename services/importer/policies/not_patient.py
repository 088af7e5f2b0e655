"""Patient, or phantom, test, quality assurance? Asked before the privacy policy takes names away. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.importer.policies.pattern import matches
from shared.dose_document.values import values_of_text


@dataclass(frozen=True, slots=True)
class NotPatientPatterns:
    """The patterns, by what they are compared with."""

    ids: Sequence[str] = ()
    names: Sequence[str] = ()


def not_patient(study: Mapping[str, Any], patterns: NotPatientPatterns) -> dict[str, Any] | None:
    """Return which patterns say that the patient of a `study` part is none; None when no pattern does.

    The patterns are listed in lower case and alphabetical order: the answer does not depend on theirs.
    """
    ids = _matched(values_of_text(study.get("patient_id") or ""), patterns.ids)
    names = _matched(_family_and_given(study.get("patient_name") or ""), patterns.names)
    return _answer(ids, names)


def together(found: Iterable[Mapping[str, Any] | None]) -> dict[str, Any] | None:
    """Return the answer for a study from those for the reports that make it up: it is no patient's if one of them is.

    Its totals hold the exposures of that report. A report that a cumulative one has replaced has no say any more.
    """
    answers = [answer for answer in found if answer]
    ids = {pattern for answer in answers for pattern in answer["matched_id_patterns"]}
    names = {pattern for answer in answers for pattern in answer["matched_name_patterns"]}
    return _answer(sorted(ids), sorted(names))


def _answer(ids: Sequence[str], names: Sequence[str]) -> dict[str, Any] | None:
    if not ids and not names:
        return None
    words = [f"{of}: {' '.join(found)}" for of, found in (("IDs", ids), ("Names", names)) if found]
    return {
        "matched": True,
        "text": " | ".join(words),
        "matched_id_patterns": list(ids),
        "matched_name_patterns": list(names),
    }


def _matched(values: Iterable[str], patterns: Iterable[str]) -> list[str]:
    given = [value for value in values if value]
    return sorted({pattern.lower() for pattern in patterns if any(matches(value, pattern) for value in given)})


def _family_and_given(name: str) -> Iterator[str]:
    """Yield `Family^Given` of each value of a name, and of each of its writings (PS3.5 section 6.2.1)."""
    for value in values_of_text(name):
        for writing in value.split("="):
            yield "^".join(component.strip() for component in writing.split("^")[:2]).rstrip("^")
