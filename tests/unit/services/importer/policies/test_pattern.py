import pytest

from services.importer.policies.pattern import matches


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("QA12", "qa*", True),
        ("qa12", "QA??", True),
        ("qa1", "qa??", False),
        ("qa1", "qa[0-9]", True),
        ("qax", "qa[!0-9]", True),
        ("qa1", "qa[!0-9]", False),
        ("12qa", "qa", False),
        ("a.b", "a.b", True),
        ("axb", "a.b", False),
        ("line\nbreak", "line*", True),
        ("a[b", "a[b", True),
        ("MÜLLER", "mü*", True),
    ],
)
def test_patterns(value: str, pattern: str, expected: bool) -> None:
    assert matches(value, pattern) is expected


def test_many_stars_cost_no_time() -> None:
    assert not matches("a" * 64, "*a" * 31 + "*b")
