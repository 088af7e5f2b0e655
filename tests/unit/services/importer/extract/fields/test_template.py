import pytest

from services.importer.extract.fields.template import Field, Kind, Part, Repeat, Template, normalised
from shared.dicom.header import Code

TIME = Field("exposure_time_ms", "113824", "Exposure Time", Kind.NUMBER, "ms", codes=("113735",))
TABLE = Field("table_height_mm", "113753", "Table Height Position", Kind.NUMBER, "mm")
FRAMES = Field("frames", "003", "Number of Frames", Kind.COUNT, scheme="99PHI")
FILTERS = Part("113771", "X-Ray Filters", "filters", Template("filter", "", (Field("type", "113772", "Type"),)))
TEMPLATE = Template("event", "PS3.16", (TIME, TABLE, FRAMES, FILTERS), derived=("total",))


@pytest.mark.parametrize(
    ("concept", "row"),
    [
        (Code("113824", "DCM", "Exposure Time"), TIME),
        (Code("113735", "DCM", "Exposure Time"), TIME),
        (Code("113824", "DCM", ""), TIME),
        (Code("113824", "DCM", "Durée d'exposition"), TIME),
        (Code("999999", "DCM", "EXPOSURE-TIME"), TIME),
        (Code("021", "99PHI", "Table Height Position"), TABLE),
        (Code("003", "99PHI", "Anything"), FRAMES),
        (Code("113771", "DCM", "X-ray filters"), FILTERS),
    ],
)
def test_a_concept_matches_by_code_or_by_meaning(concept: Code, row: Field | Part) -> None:
    assert TEMPLATE.find(concept) is row


@pytest.mark.parametrize(
    "concept",
    [Code("003", "DCM", "Something"), Code("003", "99ACME", ""), Code("113824", "99ACME", "Else"), Code("", "", "")],
)
def test_private_codes_match_only_within_their_scheme(concept: Code) -> None:
    assert TEMPLATE.find(concept) is None


def test_where_code_and_meaning_disagree_the_meaning_is_believed() -> None:
    assert TEMPLATE.find(Code("113824", "DCM", "Table Height Position")) is TABLE


def test_a_code_cannot_stand_in_two_rows() -> None:
    with pytest.raises(ValueError, match="113824 stands in two rows"):
        Template("broken", "", (TIME, Field("other", "113824", "Other")))


def test_every_key_that_a_row_can_emit_is_named() -> None:
    template = Template(
        "event",
        "",
        (
            Field("kvp", "1", "KVP", Kind.NUMBER, "kV", repeat=Repeat.VALUES),
            Field("region", "2", "Target Region", Kind.CODE),
            FILTERS,
            Part("3", "Flattened"),
        ),
        derived=("total", "kvp"),
    )
    assert template.field_names() == ("kvp", "kvp_values", "kvp_mean", "region", "region_code", "filters", "total")


def test_normalised_meanings_have_letters_and_digits_only() -> None:
    assert normalised("Fluoro Dose(RP) Total") == normalised("fluoro dose (rp) total") == "fluorodoserptotal"
    assert normalised("DateTime Started") == normalised("Date Time Started")
    assert normalised("X-ray_Filters") == normalised("X-Ray Filters")
