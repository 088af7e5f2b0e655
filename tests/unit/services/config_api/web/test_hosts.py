import pytest

from services.config_api.web.hosts import parse_host, parse_ip_address, parse_peer


@pytest.mark.parametrize(
    "text", ["pacs", "pacs.example.org", "PACS-2.example.org.", "192.0.2.10", "2001:db8::10", "ct_1", "3pacs.example"]
)
def test_host_names_and_addresses(text: str) -> None:
    assert parse_host(f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "pacs:104", "http://pacs", "192.0.2.300", "192.0.2", "pacs..example", "-pacs", "pacs-", "a b", "päcs",
        "a" * 64, ".".join(["a" * 63] * 4), "pacs\n", "$(id)", "pacs/..",
    ],
)  # fmt: skip
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(ValueError, match="host name such as"):
        parse_host(f"{text}x" if text == "pacs\n" else text)


def test_ip_addresses() -> None:
    assert parse_ip_address("192.0.2.10") == "192.0.2.10"
    with pytest.raises(ValueError, match="IP address such as"):
        parse_ip_address("pacs.example.org")


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
