import pytest

from services.store_scp.node.admission.peers import Peers


@pytest.mark.parametrize(
    ("allowed", "address"),
    [
        ((), "192.0.2.7"),
        ((), "not an address"),
        (("192.0.2.7",), "192.0.2.7"),
        (("192.0.2.0/24",), "192.0.2.255"),
        (("192.0.2.77/24",), "192.0.2.1"),
        (("0.0.0.0/0",), "203.0.113.9"),
        (("198.51.100.0/24", "192.0.2.0/28", "2001:db8::/32"), "192.0.2.15"),
        (("198.51.100.0/24", "192.0.2.0/28", "2001:db8::/32"), "2001:db8:1::5"),
        (("2001:db8::5",), "2001:DB8:0::5"),
        (("fe80::/10",), "fe80::1%eth0"),
        (("192.0.2.0/24",), "::ffff:192.0.2.9"),
    ],
)
def test_an_address_that_may_call(allowed: tuple[str, ...], address: str) -> None:
    assert address in Peers(allowed)


@pytest.mark.parametrize(
    ("allowed", "address"),
    [
        (("192.0.2.7",), "192.0.2.8"),
        (("192.0.2.0/24",), "192.0.3.0"),
        (("192.0.2.0/28", "198.51.100.0/24"), "192.0.2.16"),
        (("2001:db8::/32",), "2001:db9::1"),
        (("0.0.0.0/0",), "2001:db8::1"),
        (("::/0",), "192.0.2.7"),
        (("192.0.2.0/24",), "not an address"),
        (("192.0.2.0/24",), ""),
    ],
)
def test_an_address_that_may_not(allowed: tuple[str, ...], address: str) -> None:
    assert address not in Peers(allowed)


@pytest.mark.parametrize("text", ["192.0.2", "ct.example.org", "192.0.2.0/33", "", "2001:db8::/129"])
def test_what_is_no_network_is_named_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="neither an IP address nor a network such as"):
        Peers((text,))
