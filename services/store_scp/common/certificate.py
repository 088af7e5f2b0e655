"""The end of validity of a certificate, read from its PEM file. Pure functions.

The standard library reads it only from a peer's certificate.
"""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

WARN_BEFORE = timedelta(days=30)
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_EXPLICIT_0, _UTC_TIME, _GENERALIZED_TIME = 0xA0, 0x17, 0x18
_VALIDITY = 3
"""Its place in TBSCertificate behind serial number, signature algorithm and issuer; the version is optional."""


def valid_until(pem: str) -> datetime:
    """Return the end of validity of the first certificate in the text of a PEM file (RFC 5280 section 4.1.2.5).

    Raises:
        ValueError: there is no certificate that can be read.
    """
    begin, end = pem.find(_BEGIN), pem.find(_END)
    if begin < 0 or end < begin:
        raise ValueError("the file holds no certificate in PEM format")
    try:
        (_, certificate), *_ = _elements(ssl.PEM_cert_to_DER_cert(pem[begin : end + len(_END)]))
        (_, to_be_signed), *_ = _elements(certificate)
        fields = [content for tag, content in _elements(to_be_signed) if tag != _EXPLICIT_0]
        _, (tag, not_after), *_ = _elements(fields[_VALIDITY])
        return _moment(tag, not_after.decode("ascii"))
    except (IndexError, ValueError) as error:
        raise ValueError("the certificate in the file cannot be read") from error


def why_renew(until: datetime, *, now: datetime) -> str | None:
    """Return a warning that a certificate ends soon or has ended; None: it does not."""
    if now > until:
        return f"the TLS certificate ended on {until:%Y-%m-%d}; devices that check it do not connect: renew it"
    return f"the TLS certificate ends on {until:%Y-%m-%d}: renew it" if now > until - WARN_BEFORE else None


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of the DER elements that stand one behind the other (X.690 section 8.1)."""
    position = 0
    while position < len(der):
        tag, length = der[position], der[position + 1]
        position += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(der[position : position + size])
            position += size
        if position + length > len(der):
            raise ValueError("cut short")
        yield tag, der[position : position + length]
        position += length


def _moment(tag: int, text: str) -> datetime:
    if tag not in (_UTC_TIME, _GENERALIZED_TIME):
        raise ValueError("not a time")
    if tag == _UTC_TIME:  # two digits: 50 to 99 are of the last century (RFC 5280 section 4.1.2.5.1)
        text = ("19" if text >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
