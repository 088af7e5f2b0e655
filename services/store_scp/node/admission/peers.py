"""A set of addresses and networks with fast lookup. Pure functions."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

_REMEMBERED = 4096
_BITS = {4: 32, 6: 128}


class Peers:
    """Addresses and networks, IPv4 and IPv6; an empty one holds every address.

    An address takes one look into a set for each length of prefix, however many networks there are.

    Raises:
        ValueError: one of them is neither an address nor a network, in words for whoever wrote it.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._prefixes: dict[tuple[int, int], set[int]] = {}
        for text in texts:
            version, shift, prefix = _parse_network(text)
            self._prefixes.setdefault((version, shift), set()).add(prefix)

    def __contains__(self, address: str) -> bool:
        if not self._prefixes:
            return True
        try:
            version, number = _parse_address(address)
        except ValueError:
            return False
        return any(
            number >> shift in prefixes
            for (of_version, shift), prefixes in self._prefixes.items()
            if of_version == version
        )


def _parse_network(text: str) -> tuple[int, int, int]:
    """Return IP version, the number of bits that do not count, and the bits in front of them."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"{text!r} is neither an IP address nor a network such as 192.0.2.0/24 or 2001:db8::/32"
        ) from None
    shift = _BITS[network.version] - network.prefixlen
    return network.version, shift, int(network.network_address) >> shift


@lru_cache(maxsize=_REMEMBERED)
def _parse_address(text: str) -> tuple[int, int]:
    """Return IP version and number; IPv4 that comes through an IPv6 socket is IPv4, and a zone is no part of it."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.version, int(address)
