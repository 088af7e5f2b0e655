"""The private parts of pynetdicom that `shared.association` relies on: a release that changes one fails here."""

import ast
import inspect
import queue
import threading
from collections.abc import Iterator
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import pytest
from pynetdicom import AE, _config, dsutils, dul, fsm
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import C_STORE_RQ, DIMSEMessage
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.transport import T_CONNECT, AddressInformation, AssociationSocket

from shared.association.connection import AWAITING_CLOSE
from shared.association.entity import ClosingEntity
from shared.association.reactor import stopped_reactor
from shared.dicom.uid import VERIFICATION

ROOT = Path(__file__).parents[4]
ALLOWED = {
    "pynetdicom": {"AE", "build_context", "build_role", "evt"},
    "pynetdicom.association": {"Association"},
    "pynetdicom.presentation": {"PresentationContext", "build_context"},
}
"""What its documentation offers to users, and every service may import."""
PRIVATE_ATTRIBUTES = {"acse", "dimse", "dul"}
"""Of an association: the providers behind it."""


@pytest.fixture
def association() -> Iterator[Association]:
    """An association with a Verification SCP of pynetdicom's, over loopback."""
    scp = AE(ae_title="SCP")
    scp.add_supported_context(VERIFICATION)
    server = scp.start_server(("127.0.0.1", 0), block=False)
    assert server is not None
    scu = AE(ae_title="SCU")
    scu.add_requested_context(VERIFICATION)
    established = scu.associate("127.0.0.1", server.server_address[1], ae_title="SCP")
    try:
        assert established.is_established
        yield established
    finally:
        established.abort()
        server.shutdown()


def _modules_outside_the_package() -> list[Path]:
    own = ROOT / "shared" / "association"
    return [
        path
        for folder in ("services", "shared")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not path.is_relative_to(own)
    ]


def _is_association(value: ast.expr) -> bool:
    name = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    return name in {"association", "assoc"}


@pytest.mark.parametrize("path", _modules_outside_the_package(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_this_package_reaches_into_pynetdicom(path: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "pynetdicom":
            names = {alias.name for alias in node.names} - ALLOWED.get(node.module or "", set())
            found += [f"line {node.lineno}: {node.module} {sorted(names)}"] if names else []
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.partition(".")[0] == "pynetdicom"]
        elif isinstance(node, ast.Attribute) and node.attr in PRIVATE_ATTRIBUTES and _is_association(node.value):
            found.append(f"line {node.lineno}: .{node.attr}")
    assert not found, "move it to shared/association"


def test_the_version_is_one_that_these_parts_were_read_in() -> None:
    assert version("pynetdicom").startswith("3.0.")


def test_its_logging_of_pdus_can_be_switched_off() -> None:
    ClosingEntity(ae_title="SCU")  # importing its module has switched it off
    assert _config.LOG_HANDLER_LEVEL == "none"
    assert _config.LOG_RESPONSE_IDENTIFIERS is False
    assert "LOG_HANDLER_LEVEL" in inspect.getsource(Association)
    assert "LOG_RESPONSE_IDENTIFIERS" in inspect.getsource(Association)


def test_an_entity_makes_the_socket_of_an_association_in_a_method_of_its_own() -> None:
    assert list(inspect.signature(AE._create_socket).parameters) == ["self", "assoc", "address", "tls_args"]
    assert "sock = self._create_socket(assoc, local_address, tls_args)" in inspect.getsource(AE.associate)


def test_our_entity_opens_its_own_connections() -> None:
    with ClosingEntity(ae_title="SCU") as entity:
        entity.add_requested_context(VERIFICATION)
        entity.connection_timeout = 1
        assert not entity.associate("127.0.0.1", 9).is_established  # discard: nobody listens there
    (connection,) = entity.connections
    assert isinstance(connection.failure, OSError)


def test_the_socket_has_what_ours_overrides_and_uses(association: Association) -> None:
    assert list(inspect.signature(AssociationSocket).parameters) == ["assoc", "client_socket", "address"]
    for name in ("connect", "close", "recv", "send", "_shutdown_socket"):
        assert callable(getattr(AssociationSocket, name))
    assert isinstance(AssociationSocket.ready, property)
    transport = association.dul.socket
    assert isinstance(transport, AssociationSocket)
    assert transport.assoc is association
    assert transport._is_connected is True
    assert isinstance(transport._ready, threading.Event)
    assert transport.event_queue is association.dul.event_queue
    assert transport.provider_queue is association.dul.to_provider_queue
    transport.close()
    assert transport.socket is None


def test_the_upper_layer_uses_the_socket_by_these_methods_alone() -> None:
    used = {
        node.attr
        for module in (dul, fsm)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute | ast.Name)
        and (node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id) in {"socket", "sock"}
    }
    assert used <= {"close", "connect", "ready", "recv", "send", "_ready", "address", "tls_args", "socket"}


def test_a_connection_is_answered_by_an_event_of_the_state_machine() -> None:
    request = inspect.signature(T_CONNECT)
    assert list(request.parameters) == ["request"]
    assert set(inspect.getsource(T_CONNECT).split('"')) >= {"Evt2", "Evt17"}
    assert AddressInformation.from_tuple(("127.0.0.1", 104)).as_tuple == ("127.0.0.1", 104)


def test_the_states_are_named_as_in_the_standard(association: Association) -> None:
    assert association.dul.state_machine.current_state == "Sta6"
    assert {"Sta6", AWAITING_CLOSE} <= fsm.STATES.keys()


def test_the_reactor_waits_for_an_event_that_can_be_replaced(association: Association) -> None:
    assert isinstance(association._reactor_checkpoint, threading.Event)
    assert "self._reactor_checkpoint.wait()" in inspect.getsource(Association._run_reactor)
    with stopped_reactor(association):
        assert association._is_paused
        assert association.send_c_echo().Status == 0x0000
        assert association._is_paused


def test_a_message_is_collected_in_an_attribute_until_it_is_whole(association: Association) -> None:
    dimse = association.dimse
    assert dimse.message is None
    assert list(inspect.signature(dimse.receive_primitive).parameters) == ["primitive"]
    assert "dul.assoc.dimse.receive_primitive(" in inspect.getsource(fsm)  # looked up on the object, at each PDU
    assert "if self.message is None:" in inspect.getsource(DIMSEServiceProvider.receive_primitive)


def test_a_message_writes_its_data_set_fragment_by_fragment() -> None:
    class Data(BytesIO):
        pieces = 0

        def write(self, data: object, /) -> int:
            self.pieces += 1
            return super().write(data)  # type: ignore[arg-type]

    request = C_STORE_RQ()
    request.command_set.CommandField = 0x0001
    request.command_set.MessageID = 1
    request.command_set.Priority = 2
    request.command_set.AffectedSOPClassUID = request.command_set.AffectedSOPInstanceUID = "1.2.3"
    request.command_set.CommandDataSetType = 0x0001
    encoded = dsutils.encode(request.command_set, is_implicit_vr=True, is_little_endian=True)
    assert encoded is not None
    message = DIMSEMessage()
    message.data_set = data = Data()
    for header, piece in ((b"\x03", encoded), (b"\x00", b"one"), (b"\x02", b"two")):
        primitive = P_DATA()
        primitive.presentation_data_value_list.append((1, header + piece))
        message.decode_msg(primitive)
    assert isinstance(message, C_STORE_RQ)
    assert message.context_id == 1
    assert (data.pieces, data.getvalue()) == (2, b"onetwo")


def test_the_queue_of_the_upper_layer_can_be_measured_and_fed(association: Association) -> None:
    assert isinstance(association.dul.to_provider_queue, queue.Queue)
    assert association.dul.to_provider_queue.qsize() == 0
    assert list(inspect.signature(association.dul.send_pdu).parameters) == ["primitive"]


def test_an_answer_is_waited_for_as_long_as_the_dimse_time_out(association: Association) -> None:
    with stopped_reactor(association):
        association.dimse_timeout = 0.01
        assert association.dimse.get_msg(block=True) == (None, None)
    assert association.dimse.maximum_pdu_size == 16382
