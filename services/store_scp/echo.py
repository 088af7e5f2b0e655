"""Whether a store node really answers: a C-ECHO, as a scanner would send it."""

import ssl

from pynetdicom import AE

from shared.reception import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

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
    where = _EVERY_ADDRESS.get(bind, bind)
    association = entity.associate(where, port, ae_title=ae_title, tls_args=(tls, where) if tls else None)
    if association.is_rejected:
        return "association rejected: it serves as many associations as it may"
    if not association.is_established:
        return "no association"
    status = association.send_c_echo()
    association.release()
    if "Status" not in status:
        return f"no answer within {TIMEOUT_SECONDS:g} seconds"
    return None if status.Status == 0 else f"answers with status 0x{status.Status:04X}"
