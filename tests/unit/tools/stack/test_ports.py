import socket

from tools.stack.ports import FIRST, LAST, LOOPBACK, free_port, is_free


def test_a_port_with_a_listener_is_not_free() -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not is_free(port)
        assert free_port(preferred=port) != port
    assert is_free(port)
    assert free_port(preferred=port) == port


def test_ports_are_outside_the_range_of_outgoing_connections() -> None:
    assert all(FIRST <= free_port() <= LAST < 32_768 for _ in range(50))
