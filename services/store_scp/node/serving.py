"""The life of a store node: it listens, serves, and finishes objects in progress before it ends."""

import os
import resource
import threading
import time
from collections.abc import Callable

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.common.definitions import PROBE_VARIABLE, NodeDefinition
from services.store_scp.common.node_output import (
    CallerRejected,
    Listening,
    NodeOutput,
    ObjectStored,
    OpenAssociations,
    StoppedListening,
)
from services.store_scp.common.settings import StoreNodeSettings
from services.store_scp.common.tls import TlsContext
from services.store_scp.common.watermark import Watermark
from services.store_scp.node.admission.census import Census, create_table
from services.store_scp.node.admission.policy import Policy
from services.store_scp.node.group import Followers, GroupMember
from services.store_scp.node.listening import listen, why_not_listening
from services.store_scp.node.protocol.negotiation import Negotiator
from services.store_scp.node.protocol.transport import TlsTransport, Transport
from services.store_scp.node.receive.association import NodeServices
from services.store_scp.node.receive.listener import MAXIMUM_STRANGERS, Connect, Listener
from services.store_scp.node.receive.operations import SERVICES
from shared.logging import get_logger
from shared.spool.folders import Spool
from shared.spool.incoming import Incoming
from shared.tls.files import TlsError

_DRAIN_POLL_SECONDS = 0.05
_TELL_EVERY_SECONDS = 1.0

Tell = Callable[[NodeOutput], None]

log = get_logger("services.store_scp.node")


def serve(*, settings: StoreNodeSettings, definition: NodeDefinition, stop: threading.Event, tell: Tell) -> int:
    """Run a node, as the first of its processes, until `stop` is set; returns the exit status.

    Args:
        settings: what all nodes have in common.
        definition: of this node.
        stop: ends it, in order.
        tell: told what `node_output` lists, from any thread; must not block.
    """
    try:
        if tls := _tls_context(settings, definition):
            tls.current()
        listening = listen(settings.dicom_bind, definition.port)
    except (OSError, TlsError) as error:
        failure = why_not_listening(error, address=settings.dicom_bind, port=definition.port)
        log.error("cannot listen", reason=failure.reason)
        tell(failure)
        return 1
    leader = GroupMember(process=0, listening=listening, census=create_table())
    Spool(root=settings.data_dir).prepare()
    log.info("listening", ae_title=definition.ae_title, address=settings.dicom_bind, port=definition.port)
    tell(Listening())
    serve_as(leader, settings=settings, definition=definition, stop=stop, tell=tell)
    log.info("stopped")
    return 0


def serve_as(
    member: GroupMember,
    *,
    settings: StoreNodeSettings,
    definition: NodeDefinition,
    stop: threading.Event,
    tell: Tell,
) -> None:
    """Serve as one process of the group until `stop` is set; the first of them leads the others. See `serve`."""
    _allow_many_connections()
    census = Census(descriptor=member.census, process=member.process)
    node = _services(settings=settings, definition=definition, census=census, tell=tell)
    listener = Listener(
        listening=member.listening,
        node=node,
        connect=_transport(_tls_context(settings, definition)),
        maximum_threads=node.policy.maximum + 2 * MAXIMUM_STRANGERS,
    )
    followers = Followers(
        count=0 if member.process else settings.node_processes - 1,
        member=member,
        definition=definition.model_dump_json(),
        ended=census.strike_out,
    )
    followers.start()
    listener.start()
    if member.process == 0:
        _tell_open_associations(census, tell=tell, stop=stop)
    stop.wait()
    listener.stop()
    tell(StoppedListening())
    followers.stop()
    _drain(listener, seconds=settings.drain_seconds)
    followers.wait(settings.drain_seconds + 2.0)


def _tell_open_associations(census: Census, *, tell: Tell, stop: threading.Event) -> None:
    """Report the number of open associations whenever it has changed, until `stop` is set."""
    told = 0
    while not stop.wait(_TELL_EVERY_SECONDS):
        associations = census.total()
        if associations != told:
            tell(OpenAssociations(associations))
            told = associations


def _services(*, settings: StoreNodeSettings, definition: NodeDefinition, census: Census, tell: Tell) -> NodeServices:
    spool = Spool(root=settings.data_dir)
    return NodeServices(
        name=definition.name,
        policy=Policy.from_definition(
            definition,
            maximum_associations=settings.maximum_associations,
            probe_ae_title=os.environ.get(PROBE_VARIABLE, ""),
        ),
        negotiator=Negotiator(services=SERVICES),
        census=census,
        incoming=Incoming(folder=spool.incoming),
        full=Watermark(folder=spool.incoming, least=settings.spool_watermark).check,
        announce=lambda trace_id: tell(ObjectStored(trace_id)),
        commitments=CommitmentFolder(path=spool.commitment),
        rejected=lambda rejection, called, calling, address: tell(
            CallerRejected(rejection.cause, called, calling, address, rejection.detail)
        ),
        request_seconds=min(30.0, settings.network_timeout_seconds),
        network_seconds=settings.network_timeout_seconds,
        idle_seconds=definition.idle_timeout_seconds or settings.network_timeout_seconds,
    )


def _tls_context(settings: StoreNodeSettings, definition: NodeDefinition) -> TlsContext | None:
    """Return the node's side of TLS, None where it speaks without."""
    if not definition.tls:
        return None
    return TlsContext(files=settings.tls_files, require_client_certificate=definition.require_client_certificate)


def _transport(tls: TlsContext | None) -> Connect:
    if tls is None:
        return Transport
    return lambda connection: TlsTransport(connection, context=tls.current())


def _allow_many_connections() -> None:
    """Use as many descriptors as the system allows; the default of 1024 is soon reached."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _drain(listener: Listener, *, seconds: float) -> None:
    """Let the object that each association has in hand arrive and be answered, then abort the association.

    Connections without an association end with the process: nothing has been received on them.
    """
    deadline = time.monotonic() + seconds
    for association in listener.open_connections:
        association.finish()
    while any(association.is_busy for association in listener.open_connections):
        if time.monotonic() > deadline:
            log.warning("objects not finished in time", seconds=seconds)
            return
        time.sleep(_DRAIN_POLL_SECONDS)
    time.sleep(_DRAIN_POLL_SECONDS)  # the last A-ABORT is still on its way to the socket
