"""The root of a dose report (TID 10001, 10011, 10021 and 1002, 1204) and the containers that stand in it."""

from services.importer.extract.fields.template import Field, Part, Repeat, Template
from services.importer.extract.tables.rows import COMMENT, coded, moment, text

SR = Template(
    "sr",
    "PS3.16 TID 10001, TID 10011, TID 10021, TID 1002, TID 1204",
    (
        coded("procedure_reported", "121058", "Procedure reported"),
        coded("has_intent", "G-C0E8", "Has Intent", codes=("363703001",)),
        text("associated_procedure", "G-C2D0", "Associated Procedure", codes=("363589002", "363702006")),
        Field("observer_types", "121005", "Observer Type", repeat=Repeat.LIST),
        text("device_observer_uid", "121012", "Device Observer UID"),
        text("device_observer_name", "121013", "Device Observer Name"),
        text("device_observer_manufacturer", "121014", "Device Observer Manufacturer"),
        text("device_observer_model", "121015", "Device Observer Model Name"),
        text("device_observer_serial_number", "121016", "Device Observer Serial Number"),
        text("device_observer_location", "121017", "Device Observer Physical Location during observation"),
        Field("device_role", "113876", "Device Role in Procedure", repeat=Repeat.FIRST_OF_SEVERAL),
        moment("start_of_irradiation", "113809", "Start of X-Ray Irradiation"),
        moment("end_of_irradiation", "113810", "End of X-Ray Irradiation"),
        coded("scope_of_accumulation", "113705", "Scope of Accumulation"),
        text("source_of_dose_information", "113854", "Source of Dose Information"),
        coded("acquisition_device_type", "122142", "Acquisition Device Type"),
        text("xray_detector_data_available", "113945", "X-Ray Detector Data Available"),
        text("xray_source_data_available", "113943", "X-Ray Source Data Available"),
        text("xray_mechanical_data_available", "113944", "X-Ray Mechanical Data Available"),
        COMMENT,
        text(
            "language",
            "121049",
            "Language of Content Item and Descendants",
            meanings=("Language of Content Item and Descendents",),
        ),
        text("country", "121046", "Country of Language"),
    ),
    derived=("patient_position_xml",),
)

CONTAINERS = Template(
    "containers",
    "PS3.16 TID 10001, TID 10011, TID 10021, TID 10040",
    (
        Part("113811", "CT Accumulated Dose Data", "ct.accumulated"),
        Part("113819", "CT Acquisition", "ct.event"),
        Part("113702", "Accumulated X-Ray Dose Data", "xray.accumulated"),
        Part("113706", "Irradiation Event X-Ray Data", "xray.event"),
        Part("130500", "Accumulated Dose Data", "accumulated"),
        Part("130501", "Irradiation Event Summary Data", "event"),
        Part("130505", "Irradiation Details", "details"),
        Part("113502", "Radiopharmaceutical Administration", "nm.administration"),
        Part("121118", "Patient Characteristics", "nm.patient"),
    ),
)
"""The template for each container of the root; those of TID 10040 are read by the one of CT or projection."""
