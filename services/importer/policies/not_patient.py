"""The patterns that tell phantoms, tests and quality assurance from patients. Pure functions.

They are compared before the privacy policy takes names away.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.importer.policies.pattern import matches
from shared.dose_document.values import Value, Values, list_of, text_of, values_of_text


@dataclass(frozen=True, slots=True)
class NotPatientPatterns:
    """The patterns, by the attribute that they are compared with."""

    ids: Sequence[str] = ()
    names: Sequence[str] = ()


def not_patient(study: Mapping[str, Value], patterns: NotPatientPatterns) -> Values | None:
    """Return which patterns say that the patient of a `study` part is none; None when no pattern does.

    The patterns are listed in lower case and alphabetical order: the answer does not depend on theirs.
    """
    ids = _matched(values_of_text(text_of(study, "patient_id") or ""), patterns.ids)
    names = _matched(_family_and_given(text_of(study, "patient_name") or ""), patterns.names)
    return _answer(ids, names)


def together(found: Iterable[Values | None]) -> Values | None:
    """Return the answer for a study from those for the reports that make it up: it is no patient's if one of them is.

    Its totals hold the exposures of that report. A report that a cumulative one has replaced has no say any more.
    """
    answers = [answer for answer in found if answer]
    ids = {str(pattern) for answer in answers for pattern in list_of(answer, "matched_id_patterns")}
    names = {str(pattern) for answer in answers for pattern in list_of(answer, "matched_name_patterns")}
    return _answer(sorted(ids), sorted(names))


def _answer(ids: Sequence[str], names: Sequence[str]) -> Values | None:
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
