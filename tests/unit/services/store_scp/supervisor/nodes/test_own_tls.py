from pathlib import Path

from services.store_scp.supervisor.nodes.own_tls import accepts, client_context
from tests.helpers.store_scp.tls import Files, Handshake, Made


def test_the_supervisor_gets_through_with_our_own_certificate(files: Files, made: Made) -> None:
    files.replace(made.stranger.certificate, files.named.client_ca or Path())
    server = files.context(require_client_certificate=True).current()
    assert Handshake(server, client_context(files.named)).server_error is None
    assert Handshake(server, files.device_context(with_certificate=True)).server_error is not None, (
        "the other authority"
    )


def test_whether_two_contexts_come_together_is_found_out_without_a_connection(files: Files, made: Made) -> None:
    asking = files.context(require_client_certificate=True).current()
    assert accepts(asking, client_context(files.named))
    assert accepts(files.context().current(), client_context(None))
    assert not accepts(asking, client_context(None))
    files.put(made.server_only)
    files.now += 1.5
    server_only = files.context(require_client_certificate=True).current()
    assert not accepts(server_only, client_context(files.named)), "a certificate for servers only is none of a client"
    assert accepts(server_only, files.device_context(with_certificate=True))
