"""The TLS with which the supervisor calls its own nodes."""

import ssl

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.tls import TlsContext, TlsFiles
from shared.tls.files import TlsError, load_certificate

_MOST_FLIGHTS = 4
"""The most flights (groups of messages in one direction) of a handshake (RFC 8446 section 2, RFC 5246 section 7.3)."""


def context_for(definition: NodeDefinition, files: TlsFiles | None) -> tuple[ssl.SSLContext, bool]:
    """Return the context for calls to a node, and whether the node accepts our certificate where it asks for one."""
    required = definition.require_client_certificate
    try:
        client = client_context(files)
        server = TlsContext(files=files, require_client_certificate=required).current()
    except TlsError:  # files that were replaced by broken ones; the node goes on with those from before
        return client_context(None), not required
    return client, not required or accepts(server, client)


def client_context(files: TlsFiles | None) -> ssl.SSLContext:
    """Return a context that shows our own certificate, which `TlsContext` accepts beside those of the authorities.

    It does not check the node's certificate: the supervisor checks only that its node answers.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if files is not None:
        load_certificate(context, files.own)
    return context


def accepts(server: ssl.SSLContext, client: ssl.SSLContext) -> bool:
    """Tell whether a handshake between two contexts succeeds, without a connection.

    With a certificate for servers only, the supervisor cannot call a node that asks for a certificate.
    """
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = {
        client.wrap_bio(to_client, to_server, server_side=False),
        server.wrap_bio(to_server, to_client, server_side=True),
    }
    for _ in range(_MOST_FLIGHTS):
        for end in list(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return False
            ends.remove(end)
    return not ends
