"""One store node as a process of its own: `python -m services.store_scp.node DEFINITION`.

It knows neither database nor broker. Its settings come from the environment, its definition as JSON on the command
line; it ends when its standard input ends (its supervisor is gone), or on SIGTERM. On standard output it tells its
supervisor what `node_output` lists; that is only an accelerator, the files in the spool are what counts. Further
arguments say where in a group of processes it stands (`group`).
"""

import errno
import os
import resource
import socket
import threading
import time
from collections.abc import Callable

from services.store_scp.common.commitment_folder import CommitmentFolder
from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.node_output import (
    Failed,
    Listening,
    NodeOutput,
    Open,
    Rejected,
    StoppedListening,
    Stored,
    encode,
)
from services.store_scp.common.settings import NodeSettings
from services.store_scp.common.tls import TlsContext, TlsFiles
from services.store_scp.common.watermark import Watermark
from services.store_scp.node.admission import PROBE_VARIABLE, Policy
from services.store_scp.node.census import Census, create_table
from services.store_scp.node.group import Followers, Place
from services.store_scp.node.receive.association import NodeServices
from services.store_scp.node.receive.listener import BACKLOG, MAXIMUM_STRANGERS, Connect, Listener
from services.store_scp.node.receive.messages import SERVICES
from services.store_scp.node.receive.negotiation import Negotiator
from services.store_scp.node.receive.transport import TlsTransport, Transport
from shared.logging import configure, get_logger
from shared.service import stop_on_signals
from shared.settings import load
from shared.spool.folders import Spool
from shared.spool.incoming import Incoming
from shared.tls.files import TlsError

_DRAIN_POLL_SECONDS = 0.05
_TELL_EVERY_SECONDS = 1.0
_STDIN, _STDOUT = 0, 1

Tell = Callable[[NodeOutput], None]

log = get_logger("services.store_scp.node")


def main(arguments: list[str]) -> int:
    """Run the node until it is told to stop; returns the exit status."""
    settings = load(NodeSettings)
    definition = NodeDefinition.model_validate_json(arguments[0])
    configure(service=f"store_scp/{definition.name}", log_format=settings.log_format, level=settings.log_level)
    stop = stop_on_signals()
    os.set_blocking(_STDOUT, False)
    threading.Thread(target=_stop_at_end_of_input, args=(stop,), name="lifeline", daemon=True).start()
    if len(arguments) > 1:
        _serve(settings=settings, definition=definition, place=Place.inherited(arguments[1:]), stop=stop, tell=_tell)
        return 0
    return lead(settings=settings, definition=definition, stop=stop, tell=_tell)


def lead(*, settings: NodeSettings, definition: NodeDefinition, stop: threading.Event, tell: Tell) -> int:
    """Run the node as the first of its processes until `stop` is set; returns the exit status.

    Args:
        settings: what all nodes have in common.
        definition: of this node.
        stop: ends it, in order.
        tell: told what `node_output` lists, from any thread; must not block.
    """
    try:
        if tls := tls_context(settings, definition):
            tls.current()
        place = Place(process=0, listening=listen(settings.dicom_bind, definition.port), census=create_table())
    except (OSError, TlsError) as error:
        reason = why_not_listening(error, address=settings.dicom_bind, port=definition.port)
        log.error("cannot listen", reason=reason)
        tell(Failed(reason))
        return 1
    Spool(root=settings.data_dir).prepare()
    log.info("listening", ae_title=definition.ae_title, address=settings.dicom_bind, port=definition.port)
    tell(Listening())
    _serve(settings=settings, definition=definition, place=place, stop=stop, tell=tell)
    log.info("stopped")
    return 0


def _serve(
    *, settings: NodeSettings, definition: NodeDefinition, place: Place, stop: threading.Event, tell: Tell
) -> None:
    """Serve as one process of the group, and as the leader of the others where it is the first."""
    allow_many_connections()
    census = Census(descriptor=place.census, process=place.process)
    node = _services(settings=settings, definition=definition, census=census, tell=tell)
    listener = Listener(
        listening=place.listening,
        node=node,
        connect=_transport(tls_context(settings, definition)),
        maximum_threads=node.policy.maximum + 2 * MAXIMUM_STRANGERS,
    )
    followers = Followers(
        count=0 if place.process else settings.node_processes - 1,
        place=place,
        definition=definition.model_dump_json(),
        ended=census.strike_out,
    )
    followers.start()
    listener.start()
    if place.process == 0:
        tell_open_associations(census, tell=tell, stop=stop)
    stop.wait()
    listener.stop()
    tell(StoppedListening())
    followers.stop()
    drain(listener, seconds=settings.drain_seconds)
    followers.wait(settings.drain_seconds + 2.0)


def tell_open_associations(census: Census, *, tell: Tell, stop: threading.Event) -> None:
    """Tell how many associations are open whenever that has changed, until `stop` is set."""
    told = 0
    while not stop.wait(_TELL_EVERY_SECONDS):
        associations = census.total()
        if associations != told:
            tell(Open(associations))
            told = associations


def _services(*, settings: NodeSettings, definition: NodeDefinition, census: Census, tell: Tell) -> NodeServices:
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
        announce=lambda trace_id: tell(Stored(trace_id)),
        commitments=CommitmentFolder(path=spool.commitment),
        rejected=lambda rejection, called, calling, address: tell(
            Rejected(rejection.cause, called, calling, address, rejection.detail)
        ),
        request_seconds=min(30.0, settings.network_timeout_seconds),
        network_seconds=settings.network_timeout_seconds,
        idle_seconds=definition.idle_timeout_seconds or settings.network_timeout_seconds,
    )


def tls_context(settings: NodeSettings, definition: NodeDefinition) -> TlsContext | None:
    """Return the node's side of TLS, None where it speaks without."""
    if not definition.tls:
        return None
    files = TlsFiles.of(certificate=settings.tls_certificate, key=settings.tls_key, client_ca=settings.tls_client_ca)
    return TlsContext(files=files, require_client_certificate=definition.require_client_certificate)


def _transport(tls: TlsContext | None) -> Connect:
    if tls is None:
        return Transport
    return lambda connection: TlsTransport(connection, context=tls.current())


def listen(address: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        OSError: it cannot listen there.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def why_not_listening(error: OSError | TlsError, *, address: str, port: int) -> str:
    """Return in words what an operator can do about a port that cannot be listened on."""
    if isinstance(error, TlsError):
        return str(error)
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use by another program; choose another port or stop it"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by an unprivileged service; choose one above 1023"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"this machine has no address {address}; correct DOSEWIRE_DICOM_BIND"
    return f"cannot listen on {address} port {port}: {error.strerror or error}"


def allow_many_connections() -> None:
    """Use as many descriptors as the system allows; the default of 1024 is soon reached."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def drain(listener: Listener, *, seconds: float) -> None:
    """Let the object that each association has in hand arrive and be answered, then abort the association.

    Connections without an association end with the process: nobody has been promised anything there.
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


def _tell(output: NodeOutput) -> None:
    """Tell the supervisor, if it listens: a full pipe or a supervisor that is gone must not hold up reception."""
    try:
        os.write(_STDOUT, encode(output))
    except OSError as error:
        log.debug("supervisor not told", error=str(error))


def _stop_at_end_of_input(stop: threading.Event) -> None:
    while os.read(_STDIN, 1024):
        pass
    stop.set()
