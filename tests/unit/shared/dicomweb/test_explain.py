import http.client

import pytest
from urllib3 import exceptions

from shared.dicomweb.errors import Trouble
from shared.dicomweb.explain import explain, judge, retry_after

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("999999999999", 86400),
        ("Fri, 15 Jan 2027 08:01:00 GMT", 60),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("Fri, 99 Jan 2027 07:00:00 GMT", None),
        ("٣", None),
    ],
)
def test_retry_after_in_both_forms(text: str, seconds: float | None) -> None:
    assert retry_after(text, now=NOW) == seconds


def test_every_status_has_words() -> None:
    for status in range(300, 1000):
        for has_credentials in (True, False):
            error = judge(status, has_credentials=has_credentials, wish="5")
            assert str(status) in str(error)
            assert (error.retry_after == 5) is (error.trouble is Trouble.LATER)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "trouble", "words"),
    [
        (exceptions.ProtocolError("", http.client.RemoteDisconnected("Doe")), Trouble.AWAY, "dropped the connection"),
        (exceptions.ProtocolError("", ConnectionResetError(104, "Doe")), Trouble.AWAY, "dropped the connection"),
        (exceptions.IncompleteRead(5, 10), Trouble.AWAY, "dropped the connection"),
        (exceptions.ProtocolError("", http.client.BadStatusLine("Doe")), Trouble.FAILED, "no valid HTTP response"),
        (exceptions.ProtocolError("", http.client.LineTooLong("Doe")), Trouble.FAILED, "no valid HTTP response"),
        (exceptions.DecodeError("Doe"), Trouble.FAILED, "no valid HTTP response"),
        (TimeoutError("Doe"), Trouble.AWAY, "silent"),
        (OSError(113, "No route to host"), Trouble.AWAY, "dropped the connection"),
        (
            caused(exceptions.NewConnectionError(http.client.HTTPConnection("x"), "Doe"), OSError(113, "No route")),  # type: ignore[arg-type]
            Trouble.AWAY,
            "cannot be reached: No route",
        ),
    ],
)
def test_what_failed_is_said_without_quotations(error: Exception, trouble: Trouble, words: str) -> None:
    explained = explain(error)

    assert explained.trouble is trouble
    assert words in str(explained)
    assert "Doe" not in str(explained)
