"""docs/policies.md names every plausibility flag, with the words that stand in the code."""

import re
from pathlib import Path

from shared.dose_document.flags import Flag

DOCUMENT = Path(__file__).parents[3] / "docs" / "policies.md"


def test_every_flag_is_explained() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").partition("## Plausibility flags")[2]
    assert re.findall(r"^\| `(\w+)` \| (.*?) \|$", section, re.MULTILINE) == [(flag.value, flag.words) for flag in Flag]
