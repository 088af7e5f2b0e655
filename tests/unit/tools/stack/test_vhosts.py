import pytest

from tools.stack.errors import StackError
from tools.stack.vhosts import VirtualHosts


def test_the_url_of_a_virtual_host_keeps_everything_else() -> None:
    vhosts = VirtualHosts(amqp_url="amqps://us%40er:pa%2Fss@broker.example:5671/%2F")
    assert vhosts.url("a/b") == "amqps://us%40er:pa%2Fss@broker.example:5671/a%2Fb"


def test_a_broker_without_management_plugin_says_how_to_get_it(free_port: int) -> None:
    vhosts = VirtualHosts(amqp_url="amqp://127.0.0.1/", api_url=f"http://127.0.0.1:{free_port}")
    with pytest.raises(StackError, match="rabbitmq-plugins enable rabbitmq_management"):
        vhosts.add("test")
