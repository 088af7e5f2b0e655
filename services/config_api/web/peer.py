"""Addresses and networks that may call a store node, as a person writes them."""

from ipaddress import ip_interface, ip_network


def parse_peer(text: str) -> str:
    """Return an address or a network in its usual form: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`.

    Raises:
        ValueError: with the reason in words, and what was probably meant.
    """
    text = text.strip()
    try:
        interface = ip_interface(text)
    except ValueError:
        raise ValueError(
            "must be an IP address such as 192.0.2.10 or 2001:db8::10, or a network such as 192.0.2.0/24"
        ) from None
    if "/" not in text:
        return str(interface.ip)
    if interface.ip != interface.network.network_address:
        raise ValueError(f"has bits behind the prefix: write {interface.network} for the network, or {interface.ip}")
    return str(ip_network(text))
