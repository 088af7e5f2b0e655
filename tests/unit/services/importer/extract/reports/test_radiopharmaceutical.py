"""Radiopharmaceutical dose reports from content items to the document."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.helpers.objects.content_items import coded, container, moment, num, report, text, uid
from tests.unit.services.importer.extract.conftest import Extract


def radiopharmaceutical_report(*items: Dataset) -> Dataset:
    dataset = report(*items, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.68")
    dataset.ConceptNameCodeSequence[0].CodeValue = "113500"
    return dataset


def administration(*items: Dataset) -> Dataset:
    agent = coded(
        "349358000",
        "Radiopharmaceutical agent",
        "C-B1031",
        "Fluorodeoxyglucose F^18^",
        coded("89457008", "Radionuclide", "C-111A1", "^18^Fluorine"),
        num("R-42806", "Radionuclide Half Life", "6586.2", "s"),
    )
    return container(
        "113502",
        "Radiopharmaceutical Administration",
        agent,
        uid("113503", "Radiopharmaceutical Administration Event UID", "1.2.3"),
        moment("123003", "Radiopharmaceutical Start DateTime", "20260314104030"),
        num("113507", "Administered activity", "394", "MBq"),
        *items,
    )


def nm_of(document: dict[str, Any]) -> dict[str, Any]:
    assert document["outcome"]["accepted"]
    assert document["outcome"]["object_kind"] == "radiopharmaceutical_dose_sr"
    assert document["study"]["modality"] == "NM"
    nm: dict[str, Any] = document["nm"]
    return nm


def test_an_administration(document: Extract) -> None:
    nm = nm_of(document(radiopharmaceutical_report(administration())))
    assert nm["administrations_count"] == 1
    assert nm["administrations"] == [
        {
            "radiopharmaceutical": "Fluorodeoxyglucose F^18^",
            "radiopharmaceutical_code": "C-B1031",
            "radionuclide": "^18^Fluorine",
            "radionuclide_code": "C-111A1",
            "half_life_s": 6586.2,
            "event_uid": "1.2.3",
            "started_at": "2026-03-14T10:40:30",
            "activity_mbq": 394,
        }
    ]


def test_activities_measured_before_and_after_and_the_devices_that_did(document: Extract) -> None:
    def device(meaning: str) -> Dataset:
        return coded("113540", "Activity Measurement Device", "113541", meaning)

    [found] = nm_of(
        document(
            radiopharmaceutical_report(
                administration(
                    num("113508", "Pre-Administration Measured Activity", "400", "MBq", device("Dose Calibrator")),
                    num("113509", "Post-Administration Measured Activity", "6", "MBq", device("Infusion System")),
                    coded("113505", "Intravenous Extravasation Symptoms", "95372005", "Injection site burning"),
                    coded("113505", "Intravenous Extravasation Symptoms", "95376008", "Injection site edema"),
                    num("113506", "Estimated Extravasation Activity", "5", "%"),
                )
            )
        )
    )["administrations"]
    assert found["pre_administration_activity_mbq"] == 400
    assert found["post_administration_activity_mbq"] == 6
    assert found["activity_measurement_device"] == "Dose Calibrator | Infusion System"
    assert found["pre_administration_measurement_device"] == "Dose Calibrator"
    assert found["post_administration_measurement_device"] == "Infusion System"
    assert found["extravasation_symptoms"] == "Injection site burning | Injection site edema"
    assert found["extravasation_activity_percent"] == 5


def test_organ_doses_with_authority_as_text_or_code(document: Extract) -> None:
    def organ(site: str, dose: str, authority: Dataset) -> Dataset:
        return container(
            "113517",
            "Organ Dose Information",
            coded("363698007", "Finding Site", "T-1", site),
            num("113518", "Organ Dose", dose, "mGy", authority),
        )

    [found] = nm_of(
        document(
            radiopharmaceutical_report(
                administration(
                    organ("Lung", "7.88", text("121406", "Reference Authority", "ICRP Publication 128")),
                    organ("Brain", "0.015", coded("121406", "Reference Authority", "113523", "ICRP Publication 106")),
                    num("113839", "Effective Dose", "7.486", "mSv"),
                )
            )
        )
    )["administrations"]
    assert found["organ_doses_count"] == 2
    assert [organ["reference_authority"] for organ in found["organ_doses"]] == [
        "ICRP Publication 128",
        "ICRP Publication 106",
    ]
    assert [organ["dose_mgy"] for organ in found["organ_doses"]] == [7.88, 0.015]
    assert found["effective_dose_msv"] == 7.486


def test_patient_characteristics(document: Extract) -> None:
    characteristics = container(
        "121118",
        "Patient Characteristics",
        num("121033", "Subject Age", "63", "a"),
        coded("121032", "Subject Sex", "M", "Male"),
        num("8302-2", "Patient Height", "178", "cm", scheme="LN"),
        num("29463-7", "Patient Weight", "110", "kg", scheme="LN"),
    )
    assert nm_of(document(radiopharmaceutical_report(administration(), characteristics)))["patient"] == {
        "age_years": 63,
        "sex": "Male",
        "sex_code": "M",
        "height_m": 1.78,
        "weight_kg": 110,
        "raw": {"height_m": {"value": 178, "unit": "cm"}},
    }


@pytest.mark.parametrize(
    ("item", "name", "value"),
    [
        (num("60621009", "Body Mass Index", "34.7", "kg/m2", scheme="SCT"), "body_mass_index_kg_m2", 34.7),
        (num("F-01860", "BMI", "34.7", "kg/m2", scheme="SRT"), "body_mass_index_kg_m2", 34.7),
        (
            num("80274001", "GFR", "80", "ml/min/{1.73_m2}", scheme="SCT"),
            "glomerular_filtration_rate_ml_min_1_73m2",
            80,
        ),
        (
            num("F-70210", "GFR", "80", "mL/min/1.73m2", scheme="SRT"),
            "glomerular_filtration_rate_ml_min_1_73m2",
            80,
        ),
        (num("14749-6", "Glucose", "90", "mg/dL", scheme="LN"), "glucose_mmol_l", pytest.approx(4.995)),
        (num("2160-0", "Serum Creatinine", "1", "mg/dl", scheme="LN"), "serum_creatinine_umol_l", 88.42),
        (coded("109054", "Patient State", "1", "Fasting"), "patient_state", "Fasting"),
    ],
)
def test_characteristics_by_the_codes_of_old_and_new_editions(
    document: Extract, item: Dataset, name: str, value: object
) -> None:
    characteristics = container("121118", "Patient Characteristics", item)
    assert nm_of(document(radiopharmaceutical_report(administration(), characteristics)))["patient"][name] == value


@pytest.mark.parametrize("code", ["363589002", "G-C2D0"])
def test_the_associated_procedure_with_its_intent(document: Extract, code: str) -> None:
    intent = coded("363703001", "Has Intent", "261004008", "Diagnostic Intent")
    procedure = coded(code, "Procedure", "44139004", "PET whole body", intent)
    found = document(radiopharmaceutical_report(procedure, administration()))
    assert found["sr"]["associated_procedure"] == "PET whole body"
    assert found["sr"]["has_intent"] == "Diagnostic Intent"


def test_a_value_type_that_does_not_exist_is_no_matter(document: Extract) -> None:
    language = coded("121049", "Language of Content Item and Descendants", "eng", "English")
    language.ValueType = "HAS CONCEPT MOD"
    found = document(radiopharmaceutical_report(language, administration()))
    assert found["sr"]["language"] == "English"


def test_ct_and_radiopharmaceutical_of_one_report_are_both_read(document: Extract) -> None:
    ct = container("113811", "CT Accumulated Dose Data", num("113813", "CT DLP", "100", "mGy.cm"))
    found = document(radiopharmaceutical_report(administration(), ct))
    assert found["nm"]["administrations_count"] == 1
    assert found["ct"]["total_dlp_mgy_cm"] == 100
