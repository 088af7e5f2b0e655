"""The callers that a managed store node admits, in a few words. Pure functions."""

from shared.database.models import StoreNode

SHOWN = 3
"""The most AE titles or networks that are listed; for more, only the number is shown."""


def admitted_callers(node: StoreNode) -> str:
    """Return the callers that a managed node admits, for a list of nodes."""
    titles, peers = list(node.allowed_calling_ae_titles), list(node.allowed_peers)
    words = [_few(titles, "calling AE titles") if titles else "any caller"]
    if peers:
        words.append("from " + _few(peers, "networks"))
    if not node.check_called_ae_title:
        words.append("any called AE title")
    if node.tls:
        words.append("TLS with a certificate" if node.require_client_certificate else "TLS")
    return ", ".join(words)


def _few(items: list[str], what: str) -> str:
    return " or ".join(items) if len(items) <= SHOWN else f"{len(items)} {what}"


def restricts_callers(node: StoreNode) -> bool:
    """Tell whether the admission of a managed node differs from the one of a new node, which admits any caller.

    A new node admits any calling AE title from any address without TLS, if it names the AE title of the node.
    """
    lists = node.allowed_calling_ae_titles or node.allowed_peers
    return bool(lists or node.tls or not node.check_called_ae_title)
