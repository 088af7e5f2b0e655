from pathlib import Path

import pytest
from pydicom.uid import UID

from shared.dicom import uid as uids
from shared.dicom.uid import is_valid_uid, sop_class_name


@pytest.mark.parametrize("uid", ["1.2", "1.2.840.10008.1.1", "2.25." + "9" * 39, "0.0", "1." * 31 + "10"])
def test_valid(uid: str) -> None:
    assert is_valid_uid(uid)


@pytest.mark.parametrize(
    "text", ["", "1", "1.", ".1", "1..2", "1.02", "1.2a", "1.2 ", "1/2", "../../etc/passwd", "1." * 32 + "1", "1.٣"]
)
def test_not_valid(text: str) -> None:
    assert not is_valid_uid(text)


NAMED = sorted(
    {value for name, value in vars(uids).items() if name.isupper() and isinstance(value, str)}
    - {
        uids.IMPLEMENTATION_VERSION_NAME,
        uids.STORAGE,
        uids.STRUCTURED_REPORTS,
    }
)


@pytest.mark.parametrize("uid", NAMED)
def test_each_named_uid_is_one(uid: str) -> None:
    assert is_valid_uid(uid)


@pytest.mark.parametrize("uid", [uid for uid in NAMED if uid.startswith("1.2.840.10008.")])
def test_each_named_uid_of_the_standard_is_in_its_dictionary(uid: str) -> None:
    assert UID(uid).name != uid


def test_no_uid_has_two_names() -> None:
    values = [value for name, value in vars(uids).items() if name.isupper() and isinstance(value, str)]
    assert len(set(values)) == len(values)


def test_sop_class_names_are_those_of_the_standard() -> None:
    assert sop_class_name("1.2.840.10008.5.1.4.1.1.88.67") == "X-Ray Radiation Dose SR Storage"
    assert sop_class_name("1.2.840.10008.1.1") == "Verification SOP Class"


@pytest.mark.parametrize("uid", ["1.3.46.670589.2.5.1.1", "", "not a uid"])
def test_unknown_sop_classes_have_no_name(uid: str) -> None:
    assert sop_class_name(uid) is None


def test_uids_of_the_standard_are_written_nowhere_else() -> None:
    root = Path(__file__).parents[4]
    home = {root / "shared" / "dicom" / name for name in ("uid.py", "sop_class_names.py")}
    sources = {path for folder in ("services", "shared") for path in (root / folder).rglob("*.py")} - home
    assert [path for path in sorted(sources) if '"1.2.840.10008.' in path.read_text(encoding="utf-8")] == []
