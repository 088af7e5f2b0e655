import ssl

import pytest

from shared.tls.explain import Disagreement, explain


def ssl_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "[SSL] something that came from the peer")
    error.reason = reason
    return error


def verification_error(code: int, message: str = "what OpenSSL says") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


def words(error: Exception) -> Disagreement:
    return explain(error, name="pacs.example.org", seconds=10)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ssl_error("WRONG_VERSION_NUMBER"), "does not speak TLS there"),
        (ssl_error("TLSV1_ALERT_PROTOCOL_VERSION"), "speaks no TLS later than 1.1"),
        (ssl_error("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "wants a certificate of ours: set DOSEWIRE_TLS_CERTIFICATE"),
        (ssl_error("TLSV1_ALERT_UNKNOWN_CA"), "does not accept our certificate"),
        (verification_error(9), "is not valid yet: are the clocks right"),
        (verification_error(10), "has expired"),
        (verification_error(19), "add the authority to DOSEWIRE_TLS_REMOTE_CA"),
        (verification_error(64), "that is not for pacs.example.org"),
        (verification_error(26, "unsuitable certificate purpose"), "we do not accept: unsuitable certificate purpose"),
        (ValueError("Invalid name"), "under the name pacs.example.org: correct tls_name"),
    ],
)
def test_what_a_person_has_to_put_right(error: Exception, said: str) -> None:
    assert said in words(error).words
    assert words(error).lasts


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "does not finish the TLS handshake within 10 seconds"),
        (ConnectionResetError(), "closes the connection in the TLS handshake"),
        (ssl.SSLEOFError(8, "EOF"), "closes the connection in the TLS handshake"),
        (ssl_error("SOME_NEW_REASON"), "does not agree on TLS: some new reason"),
        (OSError("no route"), "breaks off the TLS handshake: OSError"),
    ],
)
def test_what_may_pass(error: Exception, said: str) -> None:
    assert said in words(error).words
    assert not words(error).lasts


def test_nothing_of_the_peer_s_is_repeated() -> None:
    assert "came from the peer" not in words(ssl_error("INTERNAL_ERROR")).words
