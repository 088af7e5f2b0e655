from pydicom._uid_dict import UID_dictionary

from shared.dicom.sop_class_names import SOP_CLASS_NAMES


def test_they_are_those_of_pydicoms_dictionary() -> None:
    kinds = {"SOP Class", "Meta SOP Class"}
    assert {uid: name for uid, (name, kind, *_) in UID_dictionary.items() if kind in kinds} == SOP_CLASS_NAMES
