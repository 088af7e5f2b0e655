import pytest

from services.config_api.status.callers import admitted_callers, restricts_callers
from shared.database.models import StoreNode


@pytest.mark.parametrize(
    ("titles", "peers", "others", "words"),
    [
        ([], [], {}, "any caller"),
        (["CT1", "CT2"], [], {}, "CT1 or CT2"),
        ([], ["192.0.2.0/24"], {"tls": True}, "any caller, from 192.0.2.0/24, TLS"),
        (list("ABCD"), [f"192.0.2.{number}" for number in range(9)], {}, "4 calling AE titles, from 9 networks"),
        (["CT1"], [], {"check_called_ae_title": False}, "CT1, any called AE title"),
        ([], [], {"tls": True, "require_client_certificate": True}, "any caller, TLS with a certificate"),
    ],
)
def test_callers_in_short(titles: list[str], peers: list[str], others: dict[str, bool], words: str) -> None:
    node = StoreNode(
        allowed_calling_ae_titles=titles,
        allowed_peers=peers,
        **({"check_called_ae_title": True, "tls": False, "require_client_certificate": False} | others),
    )
    assert admitted_callers(node) == words
    assert restricts_callers(node) == (words != "any caller")
