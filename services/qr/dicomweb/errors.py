"""What the failure of a web service means for a job. Pure."""

from services.qr.remote.errors import NodeAway, NodeRefuses, NodeTrouble, RemoteError, StudyRefused
from shared.dicomweb.errors import Trouble, WebError

_CLASSES: dict[Trouble, type[RemoteError]] = {
    Trouble.AWAY: NodeAway,
    Trouble.LATER: NodeAway,
    Trouble.FAILED: NodeTrouble,
    Trouble.TOO_MUCH: NodeTrouble,  # a range is halved, and half of it is asked for
    Trouble.REFUSED_US: NodeRefuses,
    Trouble.MISSING: StudyRefused,
    Trouble.NOT_ACCEPTABLE: StudyRefused,
    Trouble.REFUSED_REQUEST: StudyRefused,
}


def remote_error(error: WebError, *, peer: object) -> RemoteError:
    """Return the error of the job's own tree; `peer`: whose text names the remote node."""
    return _CLASSES[error.trouble](f"{peer} {error}")
