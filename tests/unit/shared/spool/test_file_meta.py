from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.filereader import read_file_meta_info

from shared.messages import Reception
from shared.spool.file_meta import (
    PRIVATE_INFORMATION_CREATOR_UID,
    PrivateInformation,
    file_meta_bytes,
    read_reception,
    read_sop_uids,
)
from shared.spool.trace import new_trace_id

RECEIVED_AT = datetime(2026, 11, 21, 21, 0, 0, 123000, tzinfo=UTC)


def meta(**changes: object) -> bytes:
    arguments: dict[str, object] = {
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.88.67",
        "sop_instance_uid": "2.25.1",
        "transfer_syntax_uid": "1.2.840.10008.1.2.1",
        "calling_ae_title": "CT99",
        "called_ae_title": "DOSEWIRE",
        "peer_address": "10.1.2.3",
        "peer_port": 49152,
        "private_information": PrivateInformation(
            trace_id=new_trace_id(), source="c_store", received_at=RECEIVED_AT, node="Main store", message_id=7
        ),
    }
    return file_meta_bytes(**(arguments | changes))  # type: ignore[arg-type]


def write(folder: Path, content: bytes) -> Path:
    path = folder / "object.dcm"
    path.write_bytes(content)
    return path


def test_another_reader_finds_every_element_and_the_data_set_where_they_belong(tmp_path: Path) -> None:
    data_set = b"\x08\x00\x60\x00CS\x02\x00SR"
    path = write(tmp_path, meta() + data_set)
    read = dcmread(path)
    assert path.read_bytes()[:132] == bytes(128) + b"DICM"
    assert read.Modality == "SR"
    assert read.file_meta.FileMetaInformationVersion == b"\0\1"
    assert read.file_meta.MediaStorageSOPInstanceUID == "2.25.1"
    assert read.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert read.file_meta.SourceApplicationEntityTitle == "CT99"
    assert read.file_meta.ReceivingApplicationEntityTitle == "DOSEWIRE"
    assert read.file_meta.SourcePresentationAddress == "dicom://10.1.2.3:49152"
    assert read.file_meta.PrivateInformationCreatorUID == PRIVATE_INFORMATION_CREATOR_UID


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    assert read_reception(write(tmp_path, meta() + b"data set")) == Reception(
        source="c_store",
        received_at=RECEIVED_AT,
        store_node="Main store",
        calling_ae_title="CT99",
        called_ae_title="DOSEWIRE",
        peer_address="10.1.2.3",
    )


def test_an_object_of_the_command_line_has_no_peer(tmp_path: Path) -> None:
    private = PrivateInformation(trace_id=new_trace_id(), source="command_line", received_at=RECEIVED_AT)
    content = meta(calling_ae_title=None, called_ae_title=None, peer_address=None, private_information=private)
    path = write(tmp_path, content)
    assert read_reception(path) == Reception(source="command_line", received_at=RECEIVED_AT)
    assert "SourceApplicationEntityTitle" not in read_file_meta_info(path)


def test_an_ipv6_address_is_read_again(tmp_path: Path) -> None:
    assert read_reception(write(tmp_path, meta(peer_address="fe80::1"))).peer_address == "fe80::1"


def test_a_calling_ae_title_that_is_not_ascii_does_no_harm(tmp_path: Path) -> None:
    assert read_reception(write(tmp_path, meta(calling_ae_title="CTé"))).calling_ae_title == "CT?"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not DICOM at all",
        bytes(128) + b"DICM",
        meta()[:200],
        meta().replace(b'"v":1', b'"v":['),
        meta().replace(PRIVATE_INFORMATION_CREATOR_UID.encode(), b"1" + PRIVATE_INFORMATION_CREATOR_UID[1:].encode()),
        bytes(128) + b"DICM\2\0\0\0UL\4\0\xff\xff\xff\x7f" + bytes(100),
    ],
    ids=["empty", "not DICOM", "prefix only", "cut short", "broken JSON", "another creator", "absurd group length"],
)
def test_a_file_that_is_not_ours_counts_as_given_by_hand(tmp_path: Path, content: bytes) -> None:
    reception = read_reception(write(tmp_path, content), otherwise_received_at=RECEIVED_AT)
    assert reception == Reception(source="command_line", received_at=RECEIVED_AT)


def test_without_another_time_the_files_own_is_taken(tmp_path: Path) -> None:
    path = write(tmp_path, b"not DICOM at all")
    assert read_reception(path).received_at == datetime.fromtimestamp(path.stat().st_mtime, UTC)


def test_the_sop_uids_are_read_without_the_data_set(tmp_path: Path) -> None:
    assert read_sop_uids(write(tmp_path, meta())) == ("1.2.840.10008.5.1.4.1.1.88.67", "2.25.1")


@pytest.mark.parametrize("content", [b"", b"no DICOM", bytes(128) + b"DICM" + bytes(20), meta(sop_instance_uid="")])
def test_a_file_without_sop_uids_in_its_meta_information(tmp_path: Path, content: bytes) -> None:
    assert read_sop_uids(write(tmp_path, content)) is None
