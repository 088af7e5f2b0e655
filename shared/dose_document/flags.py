"""The flags of a dose document: searchable names of implausible values."""

from enum import StrEnum


class Flag(StrEnum):
    """A flag; `words` explains it. `services.importer.extract.plausibility.checks` decides about it."""

    words: str

    EXPOSURE_TIME_LONG = "exposure_time_long", "an exposure takes longer than equipment can expose"
    TOTAL_DIFFERS = "total_differs", "a total differs from the sum of the events by more than rounding explains"
    EVENT_COUNT_DIFFERS = "event_count_differs", "the report counts more or fewer irradiation events than it has"
    STUDY_DATE_MISSING = "study_date_missing", "nothing says when the study was"
    EVENT_START_MISSING = "event_start_missing", "a dose report does not say when an exposure was"
    AGE_NEGATIVE = "age_negative", "the patient was born after the study, or the age is below zero"
    AGE_HIGH = "age_high", "the patient is older than people get"
    UNIT_UNKNOWN = "unit_unknown", "a value is in a unit that is not known, and was only kept raw"
    VALUE_NEGATIVE = "value_negative", "a dose is below zero"
    TUBE_VOLTAGE_IMPLAUSIBLE = "tube_voltage_implausible", "a tube voltage is one that no X-ray tube has"
    FOCAL_SPOT_LARGE = "focal_spot_large", "a focal spot is larger than they are made"
    DOSE_HIGH = "dose_high", "a dose of one exposure is more than equipment gives, perhaps in another unit"
    PATIENT_IMPLAUSIBLE = "patient_implausible", "a patient's size or weight is one that nobody has"
    ACTIVITY_HIGH = "activity_high", "the activity is more than anyone administers"

    def __new__(cls, name: str, words: str) -> "Flag":
        """Make a member whose value is its name."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.words = words
        return member
