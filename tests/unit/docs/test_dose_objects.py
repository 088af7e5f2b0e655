"""docs/dose-objects.md is what the tables say."""

from pathlib import Path

from tools.describe_dose_objects import describe

DOCUMENT = Path(__file__).parents[3] / "docs" / "dose-objects.md"


def test_the_page_is_generated_from_the_tables() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == describe(), "run python -m tools.describe_dose_objects > docs/dose-objects.md"
