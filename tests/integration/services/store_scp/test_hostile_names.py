"""Hostile AE titles: a stranger's text in files, logs, messages and rows."""

import socket

import pytest

from services.store_scp.node.protocol.command_set import Element
from tests.helpers.services import Services
from tests.helpers.store_scp.service import StoreScpTables, take_messages
from tools.measure.store_node import wait_until
from tools.peers.raw_pdus import (
    A_RELEASE_RQ,
    COMMAND,
    LAST,
    associate_rq,
    p_data,
    pdv,
    receive_pdu,
    status_of,
    store_command,
)
from tools.stack.ports import LOOPBACK

pytestmark = pytest.mark.integration

HOSTILE = (
    "A\0B",
    "\x1b[2J\x1b[31mRED",
    "CT1\r\nforged: 1",
    "=cmd|'/C x'!A0",
    "<img src=x>",
    '"}{\\',
    "../../../x",
    "%s%n",
)


def test_what_a_stranger_calls_himself_stops_nothing(
    services: Services, tables: StoreScpTables, amqp_url: str, free_port: int
) -> None:
    node = tables.add_node(port=free_port)
    service = services.start("store_scp", dicom_bind=LOOPBACK)
    wait_until(lambda: tables.is_alive(node), what="the node")
    for number, name in enumerate(HOSTILE):
        with socket.create_connection((LOOPBACK, free_port), timeout=20) as connection:
            connection.sendall(associate_rq(calling_ae_title=name))
            assert receive_pdu(connection)[0] == 0x02
            command = store_command(f"2.25.{number}", others={Element.MOVE_ORIGINATOR_AE_TITLE: name})
            connection.sendall(p_data(pdv(1, COMMAND | LAST, command), pdv(1, LAST, b"\x08\0\x60\0\2\0\0\0SR")))
            assert status_of(receive_pdu(connection)[1]) == 0x0000
            connection.sendall(A_RELEASE_RQ)
            receive_pdu(connection)
        with socket.create_connection((LOOPBACK, free_port), timeout=20) as connection:
            connection.sendall(associate_rq(name[:16], calling_ae_title=name))
            assert receive_pdu(connection)[0] == 0x03
    messages = take_messages(amqp_url, count=len(HOSTILE))
    wait_until(lambda: len(tables.received()) == len(HOSTILE), what="the rows")
    titles = {message.reception.calling_ae_title for message in messages}
    assert {row.calling_ae_title for row in tables.received()} == titles
    assert all(title and title.isprintable() for title in titles)
    assert all(line.startswith("{") for line in service.log_file.read_text().splitlines())
    assert service.ready()
