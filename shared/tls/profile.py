"""The BCP 195 RFC 8996, 9325 TLS Profile (PS3.15 section B.12).

TLS 1.2 or 1.3, with forward secrecy and authenticated encryption only.
No compression, no renegotiation; no session tickets where we hand them out (their keys would have to be changed: a
device calls a few times an hour).
"""

import ssl

CIPHERS_OF_TLS_1_2 = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:@SECLEVEL=2"
)
"""RFC 9325 section 4.2; the level keeps out keys of less than 112 bits of security. TLS 1.3 has good ones only."""
ALPN_OF_DICOM = "dicom"
"""The name under which DICOM is registered for Application-Layer Protocol Negotiation."""


def hardened(protocol: ssl._SSLMethod) -> ssl.SSLContext:
    """Return a context that keeps to the profile. `protocol`: `PROTOCOL_TLS_SERVER` or `PROTOCOL_TLS_CLIENT`."""
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION
    context.set_ciphers(CIPHERS_OF_TLS_1_2)
    return context
