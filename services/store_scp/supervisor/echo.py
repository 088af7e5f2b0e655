"""Whether a store node really answers: a C-ECHO, as a scanner would send it."""

import socket
import ssl

from pynetdicom import AE

from shared.dicom.uid import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

TIMEOUT_SECONDS = 5.0
VERIFICATION = "1.2.840.10008.1.1"
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104


def why_no_echo(
    *, bind: str, port: int, ae_title: str, calling_ae_title: str, tls: ssl.SSLContext | None = None
) -> str | None:
    """Send a C-ECHO to a node that listens on `bind`; returns why it did not answer, None when it did.

    Args:
        bind: the address that it listens on.
        port: its port.
        ae_title: its AE title.
        calling_ae_title: the one by which it knows us.
        tls: how to speak TLS with it; None: without.
    """
    entity = AE(ae_title=calling_ae_title)
    entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = TIMEOUT_SECONDS
    entity.add_requested_context(VERIFICATION)
    where = reachable(bind)
    association = entity.associate(where, port, ae_title=ae_title, tls_args=(tls, where) if tls else None)
    if association.is_rejected:
        return "association rejected"
    if not association.is_established:
        return "no association"
    status = association.send_c_echo()
    association.release()
    if "Status" not in status:
        return f"no answer within {TIMEOUT_SECONDS:g} seconds"
    return None if status.Status == 0 else f"answers with status 0x{status.Status:04X}"


def why_no_tls(*, bind: str, port: int, tls: ssl.SSLContext) -> str | None:
    """Begin a TLS handshake with a node; returns why that did not come about, None when the node answered.

    With TLS 1.3 our part of the handshake is over before the node looks at the certificate that it has asked for.
    """
    try:
        with socket.create_connection((reachable(bind), port), timeout=TIMEOUT_SECONDS) as connection:
            tls.wrap_socket(connection).close()
    except OSError as error:
        return f"no TLS handshake: {error.strerror or error}"
    return None


def reachable(bind: str) -> str:
    """Return the address at which a node can be called from here that listens on `bind`."""
    return _EVERY_ADDRESS.get(bind, bind)
