"""Studies as a query finds them."""

from services.qr.remote.find import FoundStudy


def found(number: int) -> FoundStudy:
    """Return a CT study with 9 instances; its UID ends with the number."""
    return FoundStudy(
        study_instance_uid=f"1.2.{number}", study_date="20260310", modalities_in_study="CT\\SR", instances_in_study=9
    )
