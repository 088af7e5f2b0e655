"""The explanation of a failed TLS handshake, in words with advice.

No text from the remote node becomes part of it.
"""

import ssl
from dataclasses import dataclass

from shared.tls.client import REMOTE_CA
from shared.tls.files import CERTIFICATE, KEY

_NOT_YET_VALID, _EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 9, 10, 62, 64
_UNKNOWN_AUTHORITY = frozenset((2, 18, 19, 20, 21))
"""X509_V_ERR_… of OpenSSL."""
_NO_TLS = "does not speak TLS there: switch it on at the remote node, or set tls of its settings here to false"
_TOO_OLD = "speaks no TLS later than 1.1, which is not safe: it needs TLS 1.2 or 1.3"
_WANTS_OURS = f"wants a certificate of ours: set {CERTIFICATE} and {KEY}"
_NOT_OURS = f"does not accept our certificate ({CERTIFICATE}): let it trust the certificate or its authority"
_REASONS = {
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "PACKET_LENGTH_TOO_LONG": _NO_TLS,
    "UNSUPPORTED_PROTOCOL": _TOO_OLD,
    "TLSV1_ALERT_PROTOCOL_VERSION": _TOO_OLD,
    "NO_PROTOCOLS_AVAILABLE": _TOO_OLD,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": f"knows none of our cipher suites, or {_WANTS_OURS}",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": "knows none of our cipher suites",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _WANTS_OURS,
    "TLSV1_ALERT_UNKNOWN_CA": _NOT_OURS,
    "TLSV1_ALERT_ACCESS_DENIED": _NOT_OURS,
    "TLSV1_ALERT_DECRYPT_ERROR": _NOT_OURS,
    "SSLV3_ALERT_BAD_CERTIFICATE": _NOT_OURS,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": _NOT_OURS,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _NOT_OURS,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": _NOT_OURS,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": f"says that our certificate ({CERTIFICATE}) has expired: renew it",
    "TLSV1_UNRECOGNIZED_NAME": "does not know the name that we ask for: set tls_name of its settings",
    "NO_APPLICATION_PROTOCOL": "speaks TLS, but no DICOM within it: is it the right port?",
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": "speaks TLS, but no DICOM within it: is it the right port?",
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The reason of a failed TLS handshake; the words follow the name of the remote node."""

    words: str
    lasts: bool
    """True: it stays so until a person changes something."""


ENDED_AFTER_HANDSHAKE = Disagreement(
    "closes the connection right after the TLS handshake, without a word: does it want a certificate of ours "
    f"({CERTIFICATE}), or another one? Is it a DICOM port?",
    lasts=False,
)
"""With TLS 1.3 our part of the handshake is over before the remote node looks at our certificate. Some say nothing."""
SPEAKS_TLS = Disagreement(
    "speaks TLS there: set tls of its settings here to true, or switch it off at the remote node", lasts=True
)


def explain(error: Exception, *, name: str, seconds: float) -> Disagreement:
    """Explain why a handshake has failed, or why the remote node ended TLS after it.

    Args:
        error: of the handshake.
        name: that the certificate must have.
        seconds: the time limit.
    """
    match error:
        case ssl.SSLCertVerificationError():
            return Disagreement(_certificate(error, name), lasts=True)
        case TimeoutError():
            return Disagreement(f"does not finish the TLS handshake within {seconds:g} seconds", lasts=False)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError() | ConnectionError():
            return Disagreement(
                "closes the connection in the TLS handshake: does it speak TLS there? Does it want a certificate of "
                f"ours ({CERTIFICATE}), or another one?",
                lasts=False,
            )
        case ssl.SSLError():
            reason = str(error.reason or "unknown reason")
            unknown = f"does not agree on TLS: {reason.lower().replace('_', ' ')}"
            return Disagreement(_REASONS.get(reason, unknown), lasts=reason in _REASONS)
        case ValueError():
            return Disagreement(f"cannot be called with TLS under the name {name}: correct tls_name", lasts=True)
        case _:
            return Disagreement(f"breaks off the TLS handshake: {type(error).__name__}", lasts=False)


def _certificate(error: ssl.SSLCertVerificationError, name: str) -> str:
    code = error.verify_code
    if code in _UNKNOWN_AUTHORITY:
        return f"shows a certificate of an authority that we do not trust: add the authority to {REMOTE_CA}"
    if code in {_OTHER_HOST, _OTHER_ADDRESS}:
        return (
            f"shows a certificate that is not for {name}: set tls_name of its settings to a name that stands in the "
            "certificate, or tls_check_name to false"
        )
    if code == _EXPIRED:
        return "shows a certificate that has expired: it has to be renewed there"
    if code == _NOT_YET_VALID:
        return "shows a certificate that is not valid yet: are the clocks right, there and here?"
    return f"shows a certificate that we do not accept: {error.verify_message}"
