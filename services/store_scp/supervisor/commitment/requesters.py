"""The addresses of Storage Commitment SCUs: the table of remote nodes has host and port by AE title."""

from sqlalchemy import Engine, select

from services.store_scp.supervisor.commitment.delivery import Requester
from shared.database.engine import unavailable_when_away
from shared.database.models import RemoteNode
from shared.dicom.ae_title import parse_remote_ae_title
from shared.tls.node import NodeTls

_ROW = select(RemoteNode.hostname, RemoteNode.ip_address, RemoteNode.port, RemoteNode.qr_settings)


class Requesters:
    """The table of remote nodes. Reports go nowhere else: not to an address that only a caller has named."""

    def __init__(self, *, engine: Engine) -> None:
        self._engine = engine

    def of(self, ae_title: str, *, peer_address: str) -> Requester | None:
        """Return where the caller listens; None where no remote node has its AE title.

        Of several with the same AE title, the one at the address that the request came from, else the first.

        Raises:
            Unavailable: the database is away.
        """
        try:
            parse_remote_ae_title(ae_title)
        except ValueError:
            return None  # no remote node can have it, and the database may not even take the question
        query = _ROW.order_by(RemoteNode.id)
        with unavailable_when_away(), self._engine.connect() as connection:
            rows = connection.execute(query.where(RemoteNode.ae_title == ae_title)).all()
        if not rows:
            return None
        # The first of those that are as good.
        row = max(rows, key=lambda row: peer_address in (row.hostname, row.ip_address))
        host = row.hostname or row.ip_address or ""
        server = NodeTls.model_validate(row.qr_settings).server_identity(host)
        return Requester(host=host, port=row.port, ae_title=ae_title, server=server)
