"""The faults of TLS handshakes with callers, in words. Pure functions."""

import ssl


def why_no_handshake(error: Exception) -> str:
    """Return in words why a handshake with a peer failed; nothing that the peer sent becomes part of them."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not accepted: {error.verify_message}"
        case TimeoutError():
            return "it did not finish the handshake in time"
        case ssl.SSLEOFError() | ConnectionError():
            return "it closed the connection during the handshake"
        case ssl.SSLError():
            reason = str(error.reason or "unknown reason")
            return _PEER_FAULTS.get(reason, reason.lower().replace("_", " "))
        case _:
            return type(error).__name__


_PEER_FAULTS = {
    "HTTP_REQUEST": "it does not speak TLS but HTTP",
    "WRONG_VERSION_NUMBER": "it does not speak TLS; switch TLS on at the device",
    "UNSUPPORTED_PROTOCOL": "it speaks no TLS later than 1.1",
    "VERSION_TOO_LOW": "it speaks no TLS later than 1.1",
    "NO_SHARED_CIPHER": "it knows none of our cipher suites",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "it showed no certificate of its own",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not trust the authority of our certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it does not accept our certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it does not accept our certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "our certificate has expired",
}
