"""Rules for equipment whose objects are ignored."""

import pytest

from services.importer.policies.ignore import Rule, why_ignored

STUDY = {
    "manufacturer": "Example Medical",
    "model": "Spiral One",
    "station_name": "CT01",
    "software_versions": "VA10A | VA11B",
    "device_serial_number": "100234",
}


@pytest.mark.parametrize(
    ("patterns", "applies"),
    [
        ({"manufacturer": "example*"}, True),
        ({"manufacturer": "example*", "model": "Angio*"}, False),
        ({"manufacturer": "example*", "model": "spiral one", "station_name": "CT0[1-3]"}, True),
        ({"software_versions": "VA11?"}, True),
        ({"software_versions": "VA10A | *"}, True),
        ({"software_versions": "VA1"}, False),
        ({"device_serial_number": "1002*"}, True),
        ({}, False),
    ],
)
def test_all_patterns_must_match(patterns: dict[str, str], applies: bool) -> None:
    assert Rule("rule", patterns).applies_to(STUDY) is applies


def test_what_an_object_does_not_say_matches_nothing() -> None:
    assert not Rule("rule", {"station_name": "*"}).applies_to({"model": "Spiral One"})
    assert not Rule("rule", {"station_name": "*"}).applies_to({"station_name": None})


def test_the_reason_names_the_first_rule_that_applies() -> None:
    rules = [Rule("no", {"model": "x"}), Rule("Old scanner", {"model": "Spiral*", "station_name": "CT01"})]
    assert why_ignored(STUDY, rules) == "the ignore rule 'Old scanner' applies: model Spiral*, station name CT01"
    assert why_ignored(STUDY, rules[:1]) is None
    assert why_ignored(STUDY, []) is None
