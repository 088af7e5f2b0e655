import pytest

from services.config_api.web.peer import parse_peer


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        ("192.0.2.10", "192.0.2.10"),
        (" 192.0.2.0/24 ", "192.0.2.0/24"),
        ("192.0.2.0/255.255.255.0", "192.0.2.0/24"),
        ("2001:DB8:0:0::10", "2001:db8::10"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("192.0.2.10/32", "192.0.2.10/32"),
    ],
)
def test_addresses_and_networks(text: str, peer: str) -> None:
    assert parse_peer(text) == peer


@pytest.mark.parametrize("text", ["", "ct.example.org", "192.0.2", "192.0.2.0/33", "192.0.2.1:104", "2001:db8::/129"])
def test_what_is_neither_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be an IP address such as .* or a network such as 192.0.2.0/24"):
        parse_peer(text)


def test_a_network_written_with_an_address_in_it_is_asked_about() -> None:
    with pytest.raises(ValueError, match=r"write 192.0.2.0/24 for the network, or 192.0.2.77"):
        parse_peer("192.0.2.77/24")
