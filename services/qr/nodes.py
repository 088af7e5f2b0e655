"""From the rows of nodes to what an association and a C-MOVE need."""

from services.qr.association import Peer
from services.qr.errors import NodeRefuses
from services.qr.status import Destination
from shared.database.models.node import RemoteNode, StoreNode


def peer_of(node: RemoteNode) -> Peer:
    """Return how to reach a remote node."""
    return Peer(
        name=node.name,
        address=node.address,
        port=node.port,
        ae_title=node.ae_title,
        calling_ae_title=node.calling_ae_title,
    )


def destination_of(node: StoreNode) -> Destination:
    """Return a store node as a remote node must know it.

    Raises:
        NodeRefuses: it is switched off, so nothing could arrive.
    """
    if node.managed and not node.enabled:
        raise NodeRefuses(f"store node {node.name} is switched off: switch it on, or take another as destination")
    return Destination(name=node.name, ae_title=node.ae_title, host=node.host, port=node.port)
