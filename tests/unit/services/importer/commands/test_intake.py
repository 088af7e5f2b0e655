"""Copying the user's files into the spool."""

from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from services.importer.commands.intake import SpoolUnwritable, find_files, take_in
from shared.errors import UnreadableObject
from shared.spool.file_meta import read_reception
from shared.spool.folders import Spool
from tools.dose_objects import Study, ct_report, write


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(root=tmp_path / "data")
    spool.prepare()
    return spool


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return write(ct_report(study=Study(seed=1)), tmp_path / "report.dcm")


def data_set(path: Path) -> bytes:
    """Return the bytes after the file meta information."""
    content = path.read_bytes()
    return content[144 + int.from_bytes(content[140:144], "little") :]


def test_the_data_set_is_copied_byte_by_byte_and_the_preamble_is_zero(spool: Spool, report: Path) -> None:
    executable = b"#!/bin/sh\n".ljust(128, b"\n") + report.read_bytes()[128:]
    report.write_bytes(executable)
    message = take_in(report, spool)
    copy = spool.find(message.trace_id)
    assert copy is not None
    assert copy.read_bytes()[:132] == bytes(128) + b"DICM"
    assert data_set(copy) == data_set(report)
    assert dcmread(copy) == dcmread(report)
    assert message.size_bytes == copy.stat().st_size
    assert report.read_bytes() == executable


def test_the_copy_says_itself_how_it_came(spool: Spool, report: Path) -> None:
    message = take_in(report, spool)
    copy = spool.find(message.trace_id)
    assert copy is not None
    assert read_reception(copy) == message.reception
    assert message.reception.source == "command_line"
    assert message.header is not None
    assert message.header.sop_instance_uid == dcmread(report).SOPInstanceUID
    assert (message.object_kind, message.refusal_reason) == ("xray_dose_sr", None)


def test_an_object_without_file_meta_information_gets_one(spool: Spool, report: Path) -> None:
    bare = report.with_name("bare.dcm")
    bare.write_bytes(data_set(report))
    message = take_in(bare, spool)
    copy = spool.find(message.trace_id)
    assert copy is not None
    assert dcmread(copy) == dcmread(report)
    assert dcmread(copy).file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert data_set(copy) == bare.read_bytes()


def test_a_deflated_object_stays_deflated(spool: Spool, report: Path) -> None:
    dataset = dcmread(report)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    deflated = report.with_name("deflated.dcm")
    dataset.save_as(deflated, enforce_file_format=True)
    message = take_in(deflated, spool)
    copy = spool.find(message.trace_id)
    assert copy is not None
    assert copy.read_bytes() == bytes(128) + deflated.read_bytes()[128:]
    assert dcmread(copy).SOPInstanceUID == dataset.SOPInstanceUID


@pytest.mark.parametrize("content", [b"", b"a text\n" * 100])
def test_what_is_no_dicom_object_leaves_nothing_in_the_spool(spool: Spool, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UnreadableObject):
        take_in(path, spool)
    assert list(spool.incoming.iterdir()) == []


def test_a_spool_that_cannot_be_written_is_told_from_a_file_that_cannot_be_read(spool: Spool, report: Path) -> None:
    spool.incoming.rmdir()
    with pytest.raises(SpoolUnwritable, match="No such file"):
        take_in(report, spool)
    with pytest.raises(FileNotFoundError):
        take_in(report.with_name("absent"), spool)


def test_folders_are_searched_in_order_and_links_to_folders_are_not_entered(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/2", "b/1", "a"):
        (tmp_path / name).touch()
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    found = [path.relative_to(tmp_path).as_posix() for path in find_files([tmp_path, tmp_path / "a"])]
    assert found == ["a", "b/1", "b/2", "a"]
