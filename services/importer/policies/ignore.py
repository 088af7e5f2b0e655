"""The rules by which objects of some equipment are ignored. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.importer.policies.pattern import matches
from shared.dose_document.values import Value, text_of, values_of_text


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with a name, and its patterns by the field of the `study` part; all of them must match."""

    name: str
    patterns: Mapping[str, str]

    def applies_to(self, study: Mapping[str, Value]) -> bool:
        """Tell whether the object of this `study` part is to be ignored. A missing value matches no pattern."""
        return bool(self.patterns) and all(
            any(matches(value, pattern) for value in _values(text_of(study, field)))
            for field, pattern in self.patterns.items()
        )


def why_ignored(study: Mapping[str, Value], rules: Iterable[Rule]) -> str | None:
    """Return in words why an object is ignored; None when no rule applies."""
    rule = next((rule for rule in rules if rule.applies_to(study)), None)
    if rule is None:
        return None
    patterns = ", ".join(f"{field.replace('_', ' ')} {pattern}" for field, pattern in rule.patterns.items())
    return f"the ignore rule {rule.name!r} applies: {patterns}"


def _values(text: str | None) -> Iterable[str]:
    """Return a text and, where it holds several values, each of them."""
    return {text, *values_of_text(text)} if text else ()
