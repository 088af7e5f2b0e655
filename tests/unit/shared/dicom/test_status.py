from pynetdicom.status import (
    GENERAL_STATUS,
    QR_FIND_SERVICE_CLASS_STATUS,
    QR_MOVE_SERVICE_CLASS_STATUS,
    STORAGE_SERVICE_CLASS_STATUS,
)

from shared.dicom import status


def test_each_code_is_one_of_the_standard_and_has_one_name() -> None:
    codes = [value for name, value in vars(status).items() if name.isupper() and isinstance(value, int)]
    of_retrieve = {*QR_FIND_SERVICE_CLASS_STATUS, *QR_MOVE_SERVICE_CLASS_STATUS}
    known = {*GENERAL_STATUS, *STORAGE_SERVICE_CLASS_STATUS, *of_retrieve}
    assert {*codes, *status.PENDING} <= known
    assert len(set(codes)) == len(codes)
