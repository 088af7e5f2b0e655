"""Free TCP ports on loopback."""

import contextlib
import os
import random
import socket

LOOPBACK = "127.0.0.1"

# Below the range from which the kernel takes the ports of outgoing connections (32768 and up), so that no
# client socket takes the port between the moment it is chosen here and the moment a server binds it, or
# while a server that is to come back on the same port is stopped.
FIRST, LAST = 20_000, 32_000
VARIABLE = "DOSEWIRE_TEST_PORTS"
"""Environment variable `FIRST-LAST` of a smaller range, for processes that shall not choose the ports of others."""

_given: set[int] = set()


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(*, preferred: int | None = None) -> int:
    """A free loopback port, `preferred` where that is free.

    Chosen at random, so that processes which choose at the same time rarely meet; none is returned twice soon.
    """
    if preferred is not None and is_free(preferred):
        return preferred
    first, last = map(int, os.environ.get(VARIABLE, f"{FIRST}-{LAST}").split("-"))
    if len(_given) > (last - first) // 2:
        _given.clear()
    while True:
        port = random.randint(first, last)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
