"""The rejection of an association: its cause, the codes for the caller, the words for an operator. Pure functions."""

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """The causes of rejections, as they are counted and shown."""

    CALLED_AE_TITLE = "called_ae_title"
    CALLING_AE_TITLE = "calling_ae_title"
    ADDRESS = "address"
    APPLICATION_CONTEXT = "application_context"
    PROTOCOL_VERSION = "protocol_version"
    NODE_LIMIT = "node_limit"
    AE_TITLE_LIMIT = "ae_title_limit"
    ADDRESS_LIMIT = "address_limit"
    OUT_OF_SPACE = "out_of_space"
    TLS = "tls"
    """The TLS handshake failed; there was no request yet, so there is no A-ASSOCIATE-RJ either."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """An A-ASSOCIATE-RJ (PS3.8 table 9-21), its meaning in words, and the setting that an operator can change."""

    cause: Cause
    result: int
    """1 permanent, 2 transient: only then may the caller try the same again."""
    source: int
    """1 service user, 2 service provider (ACSE), 3 service provider (presentation)."""
    reason: int
    words: str
    advice: str
    detail: str = ""
    """More about this case than its cause says; `words` contain it."""


_NO_DICOM = "this is not a DICOM device, or one with a fault"
_TOO_MANY = "see why the device keeps so many open, or raise the maximum per {what} of node {{node!r}}"

_TABLE: dict[Cause, tuple[tuple[int, int, int], str, str]] = {
    Cause.CALLED_AE_TITLE: (
        (1, 1, 7),
        "calls {called!r}, which is not the AE title of this node",
        "set the called AE title on the device to that of node {node!r}, or let the node take any",
    ),
    Cause.CALLING_AE_TITLE: (
        (1, 1, 3),
        "the calling AE title {calling!r} is not one of those that may call",
        "add {calling!r} to the allowed calling AE titles of node {node!r}",
    ),
    # The standard has no reason for addresses. As in other archives, the caller counts as unknown here;
    # whether its AE titles are right is nothing that a stranger is told.
    Cause.ADDRESS: (
        (1, 1, 3),
        "the address {address} is not one of those that may call",
        "add {address} or its network to the allowed peers of node {node!r}",
    ),
    Cause.APPLICATION_CONTEXT: ((1, 1, 2), "the application context is not that of DICOM", _NO_DICOM),
    Cause.PROTOCOL_VERSION: ((1, 2, 2), "it does not speak version 1 of the DICOM upper layer protocol", _NO_DICOM),
    Cause.NODE_LIMIT: (
        (2, 3, 2),
        "the node serves as many associations as it may",
        "see whether a device keeps associations open, or raise the maximum of associations of node {node!r}",
    ),
    Cause.AE_TITLE_LIMIT: (
        (2, 3, 2),
        "{calling!r} has as many associations open as one calling AE title may",
        _TOO_MANY.format(what="AE title"),
    ),
    Cause.ADDRESS_LIMIT: (
        (2, 3, 2),
        "{address} has as many associations open as one address may",
        _TOO_MANY.format(what="address"),
    ),
    Cause.OUT_OF_SPACE: (
        (2, 3, 1),
        "the disk of the spool is full up to its watermark",
        "make room on the disk of the spool; the node goes on by itself",
    ),
    Cause.TLS: (
        (1, 1, 1),
        "the TLS handshake failed",
        "node {node!r} wants TLS 1.2 or 1.3, perhaps with a certificate of the device; the log says what was wrong",
    ),
}


def reject(
    cause: Cause, *, node: str, called: str = "", calling: str = "", address: str = "", detail: str = ""
) -> Rejection:
    """Return the rejection for a cause, with words for this caller.

    Args:
        cause: of the rejection.
        node: the node's friendly name.
        called: the called AE title of the request, as it came.
        calling: the calling AE title of the request, as it came.
        address: of the caller.
        detail: what there is to say of this case, in our own words.
    """
    numbers, words, advice = _TABLE[cause]
    values = {
        "node": node,
        "called": printable_ae_title(called),
        "calling": printable_ae_title(calling),
        "address": address,
    }
    said = words.format_map(values) + (f": {detail}" if detail else "")
    return Rejection(cause, *numbers, said, advice.format_map(values), detail)


def printable_ae_title(text: str) -> str:
    """Return an AE title that may stand in a log, a message or on a page: 16 characters of ASCII at most."""
    return "".join(character if " " <= character <= "~" else "?" for character in text[:16]).strip(" ")
