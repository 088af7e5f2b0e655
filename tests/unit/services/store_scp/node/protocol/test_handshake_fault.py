import socket
import ssl

import pytest

from services.store_scp.node.protocol.handshake_fault import why_no_handshake
from tests.helpers.store_scp.tls import Files, Handshake, Made


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
def test_old_versions_and_weak_ciphers_do_not_get_through(files: Files) -> None:
    old = files.device_context()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    refused = Handshake(files.context().current(), old).server_error
    assert refused is not None
    assert why_no_handshake(refused) == "it speaks no TLS later than 1.1"
    weak = files.device_context()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA")
    refused = Handshake(files.context().current(), weak).server_error
    assert refused is not None
    assert why_no_handshake(refused) == "it knows none of our cipher suites"


def test_a_device_without_a_certificate_is_turned_away_where_one_is_required(files: Files) -> None:
    server = files.context(require_client_certificate=True).current()
    refused = Handshake(server, files.device_context()).server_error
    assert refused is not None
    assert why_no_handshake(refused) == "it showed no certificate of its own"
    assert Handshake(server, files.device_context(with_certificate=True)).server_error is None


def test_a_device_whose_certificate_another_authority_signed_is_turned_away(files: Files, made: Made) -> None:
    client = files.device_context()
    client.load_cert_chain(made.stranger.certificate, made.stranger.key)
    refused = Handshake(files.context(require_client_certificate=True).current(), client).server_error
    assert refused is not None
    assert why_no_handshake(refused).startswith("its certificate is not accepted: ")


def test_a_device_that_does_not_trust_us_is_told_from_others(files: Files) -> None:
    failed = Handshake(files.context().current(), ssl.create_default_context()).server_error
    assert failed is not None
    assert why_no_handshake(failed) == "it does not trust the authority of our certificate"


def test_a_peer_that_speaks_something_else_is_told_so(files: Files) -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"\x01\x00\x00\x00\x00\xcd" + bytes(200))  # the beginning of an A-ASSOCIATE-RQ
        with pytest.raises(ssl.SSLError) as caught:
            files.context().current().wrap_socket(here, server_side=True)
    assert why_no_handshake(caught.value) == "it does not speak TLS; switch TLS on at the device"


def test_a_peer_that_is_silent_or_goes_away_is_told_so(files: Files) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(0.05)
        with pytest.raises(TimeoutError) as silent:
            files.context().current().wrap_socket(here, server_side=True)
    assert why_no_handshake(silent.value) == "it did not finish the handshake in time"
    here, there = socket.socketpair()
    there.close()
    with here, pytest.raises(OSError) as gone:  # noqa: PT011 (whichever OpenSSL makes of it)
        files.context().current().wrap_socket(here, server_side=True)
    assert why_no_handshake(gone.value) == "it closed the connection during the handshake"
