import pytest

from services.config_api.web.host import parse_host, parse_ip_address


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
