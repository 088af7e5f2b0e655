"""Host names, IP addresses and networks in the configuration of a node: checked, and in their usual form."""

import ipaddress
import re

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")


def parse_host(text: str) -> str:
    """Return `text` without surrounding blanks when it is an IP address or has the form of a host name (RFC 1123).

    Raises:
        ValueError: with the reason in words.
    """
    host = text.strip()
    if is_ip_address(host) or (_HOST_NAME.fullmatch(host) and len(host) <= 253 and not _is_numeric(host)):
        return host
    raise ValueError("must be a host name such as pacs.example.org or an IP address such as 192.0.2.10, without port")


def parse_ip_address(text: str) -> str:
    """Return `text` without surrounding blanks when it is an IPv4 or IPv6 address.

    Raises:
        ValueError: with the reason in words.
    """
    address = text.strip()
    if is_ip_address(address):
        return address
    raise ValueError("must be an IP address such as 192.0.2.10 or 2001:db8::10")


def parse_peer(text: str) -> str:
    """Return an address or a network in its usual form: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`.

    Raises:
        ValueError: with the reason in words, and what was probably meant.
    """
    text = text.strip()
    try:
        interface = ipaddress.ip_interface(text)
    except ValueError:
        raise ValueError(
            "must be an IP address such as 192.0.2.10 or 2001:db8::10, or a network such as 192.0.2.0/24"
        ) from None
    if "/" not in text:
        return str(interface.ip)
    if interface.ip != interface.network.network_address:
        raise ValueError(f"has bits behind the prefix: write {interface.network} for the network, or {interface.ip}")
    return str(ipaddress.ip_network(text))


def is_ip_address(text: str) -> bool:
    """Tell whether `text` is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_numeric(host: str) -> bool:
    """Tell whether it can only be a mistyped IPv4 address: a host name's last label is not a number."""
    return host.rstrip(".").rpartition(".")[2].isdigit()
