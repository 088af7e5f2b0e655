"""C-ECHO over an open association (PS3.4 annex A)."""

from pydicom.uid import UID

from services.qr.remote.association import Link
from shared.dicom import uid
from shared.dicom.status import SUCCESS
from shared.logging import get_logger

VERIFICATION = UID(uid.VERIFICATION)

log = get_logger(__name__)


def echo(link: Link) -> None:
    """Send a C-ECHO where the peer offers it (the standard says that it must; not all do).

    Raises:
        RemoteError, JobCancelled, Stopping: as `Link.status`.
    """
    if link.accepts(VERIFICATION):
        status = echo_status(link)
        if status != SUCCESS:
            log.warning("echo answered with a failure", status=f"{status:04X}")


def echo_status(link: Link) -> int:
    """Send a C-ECHO; return the status of the response.

    Raises:
        RemoteError, JobCancelled, Stopping: there is none, or the peer does not offer C-ECHO.
    """
    link.require(VERIFICATION)
    return link.status(link.association.send_c_echo())
