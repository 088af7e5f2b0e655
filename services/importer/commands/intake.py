"""The intake of a user's files into the spool: durable copies. The files themselves stay untouched."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from shared.dicom.header import ObjectHeader, mapped_file, object_header, read_attributes
from shared.dicom.part10 import Part10, open_part10
from shared.dicom.uid import DEFLATED_LITTLE_ENDIAN
from shared.errors import DosewireError, UnreadableObject
from shared.messages import ImportObject, Reception
from shared.spool.file_meta import PrivateInformation, file_meta_bytes
from shared.spool.folders import Spool
from shared.spool.object_message import import_object

_PREAMBLE = 128


class SpoolUnwritable(DosewireError):
    """The spool cannot be written: its disk is full, or permission is missing."""


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that are named, and all that lie below named folders, sorted; links to folders stay closed."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                file = Path(folder, name)
                if file.is_file():
                    yield file


def take_in(path: Path, spool: Spool) -> ImportObject:
    """Copy a file into the spool and return the message that has it imported.

    The data set is copied byte by byte. In front of it stands a file meta information of ours, which says how the
    object came, after a preamble of zeros: a foreign one can hide a program (CVE-2019-11687).

    Raises:
        OSError: the file cannot be read.
        SpoolUnwritable: the copy cannot be written; nothing of it stays.
        UnreadableObject: it is not a DICOM object, with the reason in words.
    """
    received_at = datetime.now(UTC)
    with mapped_file(path) as data:
        part10 = open_part10(data)
        header = object_header(part10, read_attributes(part10))
        with _spool_errors(), spool.receive() as reception:
            private = PrivateInformation(trace_id=reception.trace_id, source="command_line", received_at=received_at)
            size = reception.write(_beginning(part10, header, private))
            with memoryview(data) as whole:
                size += reception.write(whole[_data_set(part10) :])
            reception.commit()
    return import_object(
        trace_id=reception.trace_id,
        size_bytes=size,
        reception=Reception(source="command_line", received_at=received_at),
        header=header,
    )


@contextmanager
def _spool_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SpoolUnwritable(f"the spool cannot be written: {error.strerror}") from error


def _data_set(part10: Part10) -> int:
    """Return where in the file the data set begins, as it is copied."""
    return _PREAMBLE if part10.transfer_syntax_uid == DEFLATED_LITTLE_ENDIAN else part10.start


def _beginning(part10: Part10, header: ObjectHeader, private: PrivateInformation) -> bytes:
    if part10.transfer_syntax_uid == DEFLATED_LITTLE_ENDIAN:
        return bytes(_PREAMBLE)  # its own file meta information stays: the data set was inflated to be read
    if header.sop_instance_uid is None:
        raise UnreadableObject("the object has no SOP Instance UID")
    return file_meta_bytes(
        sop_class_uid=header.sop_class_uid or "",
        sop_instance_uid=header.sop_instance_uid,
        transfer_syntax_uid=part10.transfer_syntax_uid,
        private_information=private,
    )
