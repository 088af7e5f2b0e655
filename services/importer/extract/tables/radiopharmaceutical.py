"""Radiopharmaceutical dose reports: TID 10021 with TID 10022, 10023 and 10024."""

from services.importer.extract.fields.template import Part, Template
from services.importer.extract.tables.rows import COMMENT, PERSON_PARTICIPANT, coded, joined, moment, number, text

ORGAN_DOSE = Template(
    "nm.administration.organ_dose",
    "PS3.16 TID 10023",
    (
        coded("site", "G-C0E3", "Finding Site", codes=("363698007",)),
        text("laterality", "G-C171", "Laterality", codes=("272741003",)),
        number("mass_g", "G-D701", "Mass", "g", codes=("118538004",)),
        number("dose_mgy", "113518", "Organ Dose", "mGy"),
        text("measurement_method", "G-C036", "Measurement Method", codes=("370129005",)),
        text("reference_authority", "121406", "Reference Authority"),
    ),
)

ADMINISTRATION = Template(
    "nm.administration",
    "PS3.16 TID 10022",
    (
        coded("radiopharmaceutical", "F-61FDB", "Radiopharmaceutical agent", codes=("349358000",)),
        coded("radionuclide", "C-10072", "Radionuclide", codes=("89457008",)),
        number("half_life_s", "R-42806", "Radionuclide Half Life", "s", codes=("304283002",)),
        number("specific_activity", "123007", "Radiopharmaceutical Specific Activity", None),
        text("event_uid", "113503", "Radiopharmaceutical Administration Event UID"),
        joined("extravasation_symptoms", "113505", "Intravenous Extravasation Symptoms"),
        number("extravasation_activity_percent", "113506", "Estimated Extravasation Activity", "%"),
        moment("started_at", "123003", "Radiopharmaceutical Start DateTime"),
        moment("stopped_at", "123004", "Radiopharmaceutical Stop DateTime"),
        number("activity_mbq", "113507", "Administered activity", "MBq"),
        Part("220001", "Effective Dose Information", scheme="99SHS"),
        number("effective_dose_msv", "113839", "Effective Dose", "mSv"),
        text("effective_dose_reference_authority", "121406", "Reference Authority"),
        number("volume_cm3", "123005", "Radiopharmaceutical Volume", "cm3"),
        number("pre_administration_activity_mbq", "113508", "Pre-Administration Measured Activity", "MBq"),
        number("post_administration_activity_mbq", "113509", "Post-Administration Measured Activity", "MBq"),
        joined("activity_measurement_device", "113540", "Activity Measurement Device"),
        coded("route", "G-C340", "Route of administration", codes=("410675002",)),
        coded("site", "G-C581", "Site of", codes=("272737002",)),
        text("laterality", "G-C171", "Laterality", codes=("272741003",)),
        Part("113517", "Organ Dose Information", "organ_doses", ORGAN_DOSE),
        text("brand_name", "111529", "Brand Name"),
        joined("drug_product_identifier", "113510", "Drug Product Identifier"),
        joined("dispense_unit_identifier", "113511", "Radiopharmaceutical Dispense Unit Identifier"),
        joined("lot_identifier", "113512", "Radiopharmaceutical Lot Identifier"),
        joined("reagent_vial_identifier", "113513", "Reagent Vial Identifier"),
        joined("radionuclide_vial_identifier", "113514", "Radionuclide Vial Identifier"),
        text("prescription_identifier", "113516", "Prescription Identifier"),
        joined("billing_codes", "121147", "Billing Code"),
        COMMENT,
        *PERSON_PARTICIPANT,
    ),
    derived=(
        "radiopharmaceutical_text",
        "organ_doses_count",
        "pre_administration_measurement_device",
        "post_administration_measurement_device",
    ),
)

MEASUREMENT_DEVICE = Template(
    "nm.administration.measurement",
    "PS3.16 TID 10022, below a measured activity",
    (joined("device", "113540", "Activity Measurement Device"),),
)
MEASUREMENTS = {
    "pre_administration_activity_mbq": "pre_administration_measurement_device",
    "post_administration_activity_mbq": "post_administration_measurement_device",
}
"""Measured activity, and the field for the device that measured it."""

PATIENT = Template(
    "nm.patient",
    "PS3.16 TID 10024",
    (
        number("age_years", "121033", "Subject Age", "a"),
        coded("sex", "121032", "Subject Sex"),
        number("height_m", "8302-2", "Patient Height", "m", codes=("3137-7",)),
        number("weight_kg", "29463-7", "Patient Weight", "kg", codes=("3141-9",)),
        number("body_surface_area_m2", "8277-6", "Body Surface Area", "m2", codes=("3140-1",)),
        text("body_surface_area_formula", "8278-4", "Body Surface Area Formula"),
        number("body_mass_index_kg_m2", "39156-5", "Body Mass Index", "kg/m2", codes=("60621009", "F-01860")),
        text("equation", "121420", "Equation"),
        number("glucose_mmol_l", "14749-6", "Glucose", "mmol/l", codes=("2339-0",)),
        number("fasting_duration_h", "113550", "Fasting Duration", "h"),
        number("hydration_volume_ml", "113551", "Hydration Volume", "ml"),
        text("recent_physical_activity", "113552", "Recent Physical Activity"),
        joined("patient_state", "109054", "Patient State"),
        number("serum_creatinine_umol_l", "2160-0", "Serum Creatinine", "umol/l"),
        number(
            "glomerular_filtration_rate_ml_min_1_73m2",
            "33914-3",
            "Glomerular Filtration Rate",
            "ml/min{1.73_m2}",
            codes=("80274001", "F-70210", "35591-7", "62238-1", "69405-9"),
        ),
        text("measurement_method", "G-C036", "Measurement Method", codes=("370129005",)),
    ),
)

PET_SERIES_FIELDS = (
    "series_instance_uid",
    "started_at",
    "number_of_slices",
    "reconstruction_method",
    "coincidence_window_width_ns",
    "energy_window_lower_kev",
    "energy_window_upper_kev",
    "corrections",
    "corrections_count",
    "series_type",
)
"""Keys of `nm.pet_series[k]`, which only image headers give."""
