import pytest

from services.config_api.pages.study.labels import label, plain_items, show, split_unit, with_unit

DASH = "\N{EN DASH}"


@pytest.mark.parametrize(
    ("key", "words", "unit"),
    [
        ("total_dlp_mgy_cm", "Total DLP", "mGy·cm"),
        ("total_dap_gy_m2", "Total DAP", "Gy·cm²"),
        ("total_rp_dose_gy", "Total RP dose", "mGy"),
        ("ctdivol_mgy", "CTDIvol", "mGy"),
        ("kvp", "kVp", "kV"),
        ("kvp_mean", "kVp mean", "kV"),
        ("tube_current_ma_values", "Tube current values", "mA"),
        ("pulse_rate_per_s", "Pulse rate", "/s"),
        ("half_value_layer_mm_al", "Half value layer", "mm Al"),
        ("exposure_uas", "Exposure", "mAs"),
        ("irradiation_event_uid", "Irradiation event UID", ""),
        ("collimated_field_area_m2", "Collimated field area", "cm²"),
        ("patient_size_m", "Patient size", "m"),
        ("laterality", "Laterality", ""),
    ],
)
def test_a_key_has_words_and_a_unit(key: str, words: str, unit: str) -> None:
    assert label(key) == words
    assert split_unit(key)[1].text == unit


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("dap_gy_m2", 5e-08, "0.0005 Gy·cm²"),
        ("rp_dose_gy", 0.012722, "12.722 mGy"),
        ("exposure_uas", 1500, "1.5 mAs"),
        ("positioner_primary_angle_deg", -12.5, "-12.5°"),
        ("number_of_pulses", 7, "7"),
        ("dlp_configured", False, "no"),
        ("started_at", "2022-07-06T14:39:25", "2022-07-06 14:39:25"),
        ("comment", "A Tall 10Tesla", "A Tall 10Tesla"),
        ("comment", "<script>", "<script>"),
        ("kvp_values", [70, 81.5], "70; 81.5 kV"),
        ("region", None, DASH),
        ("dlp_mgy_cm", "", DASH),
        ("filters", [{"material": "Copper", "material_code": "C-127F9", "thickness_min_mm": 0.5}],
         "Material Copper, Thickness min 0.5 mm"),
        ("filters", [], DASH),
    ],
)  # fmt: skip
def test_a_value_with_its_unit(key: str, value: object, text: str) -> None:
    assert with_unit(key, value) == text


def test_codes_beside_their_meaning_are_left_out() -> None:
    values = {"region": "Chest", "region_code": "T-D3000", "alone_code": "X", "derived": ["pitch"], "empty": None}
    assert plain_items(values) == [("region", "Chest"), ("alone_code", "X")]


def test_numbers_that_are_no_numbers() -> None:
    assert show("dlp_mgy_cm", "n/a") == "n/a"
    assert show("number_of_pulses", 10**30) == str(10**30)
