"""The byte of a file at which its data set begins; from there on a file is passed on untouched."""

import zlib
from io import BytesIO

import pytest
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from shared.dicom.part10 import open_part10


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_where_the_data_set_begins_in_the_file(syntax: UID) -> None:
    data_set = Dataset()
    data_set.SOPClassUID = data_set.SOPInstanceUID = "1.2.3"
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = syntax
    file = BytesIO()
    dcmwrite(file, data_set, enforce_file_format=True)
    content = file.getvalue()

    rest = content[open_part10(content).begins_at :]

    if syntax == DeflatedExplicitVRLittleEndian:
        rest = zlib.decompress(rest, wbits=-zlib.MAX_WBITS)
    assert rest.startswith(b"\x08\x00\x16\x00")
    assert b"1.2.3" in rest
