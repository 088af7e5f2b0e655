"""Whether a store node really answers: a C-ECHO, as a scanner would send it."""

from pynetdicom import AE

from services.store_scp.handlers import PROBE_AE_TITLE
from services.store_scp.server import VERIFICATION
from shared.reception import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

TIMEOUT_SECONDS = 5.0
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104


def why_no_echo(*, bind: str, port: int, ae_title: str) -> str | None:
    """Send a C-ECHO to a node that listens on `bind`; returns why it did not answer, None when it did."""
    entity = AE(ae_title=PROBE_AE_TITLE)
    entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = TIMEOUT_SECONDS
    entity.add_requested_context(VERIFICATION)
    association = entity.associate(_EVERY_ADDRESS.get(bind, bind), port, ae_title=ae_title)
    if association.is_rejected:
        return "association rejected: it serves as many associations as it may"
    if not association.is_established:
        return "no association"
    status = association.send_c_echo()
    association.release()
    if "Status" not in status:
        return f"no answer within {TIMEOUT_SECONDS:g} seconds"
    return None if status.Status == 0 else f"answers with status 0x{status.Status:04X}"
