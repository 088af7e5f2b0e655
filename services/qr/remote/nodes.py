"""The values for a connection, from a node's row: settings, address, time limits, destination.

The settings of a remote node are read once (`settings_of`) and handed to whatever needs them.
"""

from functools import partial

from services.qr.remote.archive import Limits
from services.qr.remote.errors import NodeRefuses
from services.qr.remote.peer import Peer, WebPeer
from shared.database.models.node import RemoteNode, StoreNode
from shared.dicom.destination import Destination
from shared.dicomweb.settings import DicomwebCredentials
from shared.jobs.node_settings import NodeSettings
from shared.tls.client import ClientTls


def settings_of(node: RemoteNode) -> NodeSettings:
    """Return the settings of a remote node for queries and retrievals.

    Raises:
        ValueError: they are not valid.
    """
    return NodeSettings.model_validate(node.qr_settings)


def limits_of(settings: NodeSettings, *, otherwise: Limits) -> Limits:
    """Return the time limits for a node: its own settings, else those of the service."""
    return Limits(
        connect=settings.connect_seconds or otherwise.connect,
        acse=settings.acse_seconds or otherwise.acse,
        idle=settings.idle_seconds or otherwise.idle,
        total=otherwise.total,
    )


def peer_of(node: RemoteNode, settings: NodeSettings, *, tls: ClientTls) -> Peer:
    """Return the DIMSE address of a remote node; `tls`: the files with which nodes are called that speak TLS."""
    server = settings.server_identity(node.address)
    return Peer(
        name=node.name,
        address=node.address,
        port=node.port,
        ae_title=node.ae_title,
        calling_ae_title=node.calling_ae_title,
        max_pdu_bytes=settings.max_pdu_bytes,
        handshake=partial(tls.handshake, server) if server is not None else None,
    )


def web_peer_of(node: RemoteNode, settings: NodeSettings, *, tls: ClientTls) -> WebPeer | None:
    """Return the address of a remote node's web services; None: it is called by DIMSE."""
    if settings.dicomweb is None:
        return None
    server = settings.web_server_identity
    stored = node.dicomweb_credentials
    return WebPeer(
        name=node.name,
        settings=settings.dicomweb,
        credentials=None if stored is None else DicomwebCredentials.model_validate(stored),
        handshake=partial(tls.with_alpn(None).handshake, server) if server is not None else None,
    )


def destination_of(node: StoreNode) -> Destination:
    """Return a store node as a remote node must know it.

    Raises:
        NodeRefuses: it is switched off, so nothing could arrive.
    """
    if node.managed and not node.enabled:
        raise NodeRefuses(f"store node {node.name} is switched off: switch it on, or take another as destination")
    return Destination(name=node.name, ae_title=node.ae_title, host=node.host, port=node.port)
