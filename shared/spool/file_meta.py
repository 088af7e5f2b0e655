"""The file meta information (PS3.10 section 7.1) that Dosewire writes in front of every object it takes in.

The facts of a reception stand in the file itself, so that they survive the loss of broker and database: the sender
(0002,0016), the AE title that was called (0002,0018), the sender's address (0002,0026), and in the Private Information
(0002,0102) a small JSON document with the facts that have no attribute of their own. The data set follows untouched.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.dicom.uid import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from shared.messages import Reception

PRIVATE_INFORMATION_CREATOR_UID = "2.25.257167905851228165680408176386740860426"
"""The creator UID of our JSON document in (0002,0102), whose shape is `PrivateInformation`."""

_PREAMBLE_AND_PREFIX = bytes(128) + b"DICM"
_LONG_FORM = frozenset((b"OB", b"UR"))
_JSON = json.JSONEncoder(separators=(",", ":"))
_GROUP_LENGTH_VALUE = slice(140, 144)
_MEDIA_STORAGE_SOP_CLASS_UID = 0x0002
_MEDIA_STORAGE_SOP_INSTANCE_UID = 0x0003
_SOURCE_AE_TITLE = 0x0016
_RECEIVING_AE_TITLE = 0x0018
_SOURCE_PRESENTATION_ADDRESS = 0x0026
_PRIVATE_INFORMATION_CREATOR = 0x0100
_PRIVATE_INFORMATION = 0x0102
_MAX_GROUP_LENGTH = 65536


class PrivateInformation(BaseModel):
    """The facts of a reception that have no attribute in the standard. No patient data."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    v: int = 1
    trace_id: str
    source: Literal["c_store", "command_line"]
    received_at: datetime
    node: str | None = None
    """The friendly name that the store node had then."""
    message_id: int | None = None
    """Message ID (0000,0110) of the C-STORE request."""
    move_originator_ae_title: str | None = None
    """Move Originator Application Entity Title (0000,1030): the AE that requested this object by C-MOVE."""
    move_originator_message_id: int | None = None

    def encode(self) -> bytes:
        """Return it as JSON, without what is not known."""
        known = {name: value for name, value in self.__dict__.items() if value is not None}
        return _JSON.encode(known | {"received_at": self.received_at.isoformat()}).encode()


def _element(number: int, vr: bytes, value: str | bytes) -> bytes:
    """Encode an element of group 0002: Explicit VR Little Endian, padded to even length."""
    if isinstance(value, str):
        value = value.encode("ascii", errors="replace")
    if len(value) % 2:
        value += b"\0" if vr == b"UI" else b" "
    length = bytes(2) + len(value).to_bytes(4, "little") if vr in _LONG_FORM else len(value).to_bytes(2, "little")
    return b"\2\0" + number.to_bytes(2, "little") + vr + length + value


_known = lru_cache(maxsize=1024)(_element)
"""Cached, for values that are repeated."""
_VERSION = _element(0x0001, b"OB", b"\0\1")
_IMPLEMENTATION = _element(0x0012, b"UI", IMPLEMENTATION_CLASS_UID) + _element(
    0x0013, b"SH", IMPLEMENTATION_VERSION_NAME
)
_CREATOR = _element(_PRIVATE_INFORMATION_CREATOR, b"UI", PRIVATE_INFORMATION_CREATOR_UID)
_BEGINNING = _PREAMBLE_AND_PREFIX + _element(0x0000, b"UL", bytes(4))[:-4]
"""Up to the value of File Meta Information Group Length (0002,0000)."""


def file_meta_bytes(
    *,
    sop_class_uid: str,
    sop_instance_uid: str,
    transfer_syntax_uid: str,
    private_information: PrivateInformation,
    calling_ae_title: str | None = None,
    called_ae_title: str | None = None,
    peer_address: str | None = None,
    peer_port: int | None = None,
) -> bytes:
    """Return a preamble of zeros, the prefix and the file meta information; the data set's bytes come next."""
    document = private_information.encode()
    group = b"".join(
        (
            _VERSION,
            _element(0x0002, b"UI", sop_class_uid),
            _element(0x0003, b"UI", sop_instance_uid),
            _known(0x0010, b"UI", transfer_syntax_uid),
            _IMPLEMENTATION,
            _known(_SOURCE_AE_TITLE, b"AE", calling_ae_title) if calling_ae_title else b"",
            _known(_RECEIVING_AE_TITLE, b"AE", called_ae_title) if called_ae_title else b"",
            _element(_SOURCE_PRESENTATION_ADDRESS, b"UR", _url(peer_address, peer_port)) if peer_address else b"",
            _CREATOR,
            _element(_PRIVATE_INFORMATION, b"OB", document + b" " * (len(document) % 2)),
        )
    )
    return b"".join((_BEGINNING, len(group).to_bytes(4, "little"), group))


def read_reception(path: Path, *, otherwise_received_at: datetime | None = None) -> Reception:
    """Read the reception of the object in this file, from its file meta information alone.

    A file that Dosewire did not write (somebody put it into the spool by hand) counts as given on the command
    line, at `otherwise_received_at` or, without that, when it was last modified.

    Raises:
        OSError: when the file cannot be read.
    """
    with path.open("rb") as file:
        elements = dict(_elements(_read_group(file)))
    private = _private_information(elements)
    if private is None:
        received_at = otherwise_received_at or datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Reception(source="command_line", received_at=received_at)
    return Reception(
        source=private.source,
        received_at=private.received_at,
        store_node=private.node,
        calling_ae_title=_decode(elements.get(_SOURCE_AE_TITLE)),
        called_ae_title=_decode(elements.get(_RECEIVING_AE_TITLE)),
        peer_address=_host(_decode(elements.get(_SOURCE_PRESENTATION_ADDRESS))),
    )


def read_sop_uids(path: Path) -> tuple[str, str] | None:
    """Read the SOP Class and SOP Instance UID that stand in a file's meta information; None where they do not.

    Raises:
        OSError: when the file cannot be read.
    """
    with path.open("rb") as file:
        elements = dict(_elements(_read_group(file)))
    sop_class_uid = _decode(elements.get(_MEDIA_STORAGE_SOP_CLASS_UID))
    sop_instance_uid = _decode(elements.get(_MEDIA_STORAGE_SOP_INSTANCE_UID))
    return (sop_class_uid, sop_instance_uid) if sop_class_uid and sop_instance_uid else None


def _private_information(elements: dict[int, bytes]) -> PrivateInformation | None:
    if _decode(elements.get(_PRIVATE_INFORMATION_CREATOR)) != PRIVATE_INFORMATION_CREATOR_UID:
        return None
    try:
        return PrivateInformation.model_validate(json.loads(elements.get(_PRIVATE_INFORMATION, b"")))
    except (ValueError, ValidationError):
        return None


def _read_group(file: BinaryIO) -> bytes:
    """Return the elements after the group length; empty where the file does not begin as ours do."""
    head = file.read(len(_PREAMBLE_AND_PREFIX) + 12)
    if head[128:136] != b"DICM\2\0\0\0":
        return b""
    length = int.from_bytes(head[_GROUP_LENGTH_VALUE], "little")
    return file.read(length) if length <= _MAX_GROUP_LENGTH else b""


def _elements(group: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the element numbers of group 0002 and their values, as far as they are whole."""
    position = 0
    while position + 8 <= len(group):
        number = int.from_bytes(group[position + 2 : position + 4], "little")
        if group[position + 4 : position + 6] in _LONG_FORM:
            start, length = position + 12, int.from_bytes(group[position + 8 : position + 12], "little")
        else:
            start, length = position + 8, int.from_bytes(group[position + 6 : position + 8], "little")
        position = start + length
        if position <= len(group):
            yield number, group[start:position]


def _decode(value: bytes | None) -> str | None:
    return value.decode("ascii", errors="replace").strip(" \0") or None if value else None


def _url(address: str, port: int | None) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"dicom://{host}" if port is None else f"dicom://{host}:{port}"


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None
