"""Facts about dose objects, `{"path": ..., "value": ...}`, compared with a document as the corpus describes it."""

import re
from collections.abc import Mapping
from typing import Any

Fact = Mapping[str, Any]

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d\.\d+")


def holds(fact: Fact, document: Any) -> bool:
    """Tell whether a document has the value of a fact, or one of those that it accepts."""
    found = look_up(document, fact["path"])
    return any(same(found, wanted, fact.get("tol")) for wanted in fact.get("accept", [fact["value"]]))


def look_up(document: Any, path: str) -> Any:
    """Return the value at a dotted path with [i] indexes; None where a step is missing."""
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        try:
            document = document[int(index)] if index else document[name]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def same(found: Any, wanted: Any, tolerance: float | None) -> bool:
    """Tell whether a value is the wanted one: numbers within the tolerance, text after trimming."""
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(same(f, w, tolerance) for f, w in zip(found, wanted, strict=True))
        )
    if isinstance(wanted, bool) or wanted is None or found is None or isinstance(found, bool):
        return found is wanted
    if isinstance(wanted, int | float):
        allowed = abs(wanted) * 1e-6 + 1e-12 if tolerance is None else tolerance
        return isinstance(found, int | float) and abs(found - wanted) <= allowed
    return _trimmed(str(found)) == _trimmed(str(wanted))


def _trimmed(text: str) -> str:
    return text.strip().rstrip("0").rstrip(".") if _MOMENT.fullmatch(text.strip()) else text.strip()
