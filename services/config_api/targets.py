"""Whom to call for a C-ECHO to a node."""

from services.config_api.echo import Target
from services.config_api.web.settings import ConfigApiSettings
from shared.database.models import RemoteNode, StoreNode
from shared.jobs.node_settings import NodeSettings


def target_of_store_node(node: StoreNode, settings: ConfigApiSettings) -> Target:
    """Return where a store node listens: a managed one where the store_scp service runs."""
    return Target(
        host=node.host or settings.store_scp_host,
        port=node.port,
        called_ae_title=node.ae_title,
        calling_ae_title=settings.calling_ae_title,
    )


def target_of_remote_node(node: RemoteNode) -> Target:
    """Return where a remote node listens."""
    return Target(
        host=node.address,
        port=node.port,
        called_ae_title=node.ae_title,
        calling_ae_title=node.calling_ae_title,
        server=NodeSettings.model_validate(node.qr_settings).server_identity(node.address),
    )


def is_open_to_us(node: StoreNode, settings: ConfigApiSettings) -> bool:
    """Tell whether a node lets this service call it, as far as its definition says.

    Where a managed one does not, what store_scp finds out by its own C-ECHO counts.
    """
    if not node.managed:
        return True
    titles = node.allowed_calling_ae_titles
    return not (node.tls or node.allowed_peers or (titles and settings.calling_ae_title not in titles))
