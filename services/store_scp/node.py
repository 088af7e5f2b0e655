"""One store node as a process of its own: `python -m services.store_scp.node DEFINITION`.

It knows neither database nor broker. Its settings come from the environment, its definition as JSON on the command
line; it ends when its standard input ends (its supervisor is gone), or on SIGTERM. On standard output it tells its
supervisor what `node_output` lists; that is only an accelerator, the files in the spool are what counts.
"""

import errno
import logging
import os
import sys
import threading
import time

from services.store_scp.definitions import NodeDefinition
from services.store_scp.handlers import NodeHandlers
from services.store_scp.node_output import Failed, Listening, NodeOutput, StoppedListening, Stored, encode
from services.store_scp.server import StoreServer
from services.store_scp.settings import NodeSettings
from shared.logging import configure, get_logger
from shared.service import stop_on_signals
from shared.settings import load
from shared.spool import Spool

_DRAIN_POLL_SECONDS = 0.05
_STDIN, _STDOUT = 0, 1

log = get_logger("services.store_scp.node")


class _NotNews(logging.Filter):
    """Drops what pynetdicom says, with a traceback, of every peer that closes its connection or falls silent."""

    _BEGINNINGS = ("Connection closed before", "The received PDU is shorter")

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is news."""
        failed = record.exc_info[1] if record.exc_info else None
        return not isinstance(failed, OSError) and not record.getMessage().startswith(self._BEGINNINGS)


def main(arguments: list[str]) -> int:
    """Run the node until it is told to stop; returns the exit status."""
    settings = load(NodeSettings)
    definition = NodeDefinition.model_validate_json(arguments[0])
    configure(service=f"store_scp/{definition.name}", log_format=settings.log_format, level=settings.log_level)
    logging.getLogger("pynetdicom.dul").addFilter(_NotNews())
    stop = stop_on_signals()
    os.set_blocking(_STDOUT, False)
    spool = Spool(root=settings.data_dir)
    spool.prepare()
    handlers = NodeHandlers(node=definition.name, spool=spool, announce=lambda trace_id: _tell(Stored(trace_id)))
    try:
        server = StoreServer(
            ae_title=definition.ae_title,
            address=(settings.dicom_bind, definition.port),
            maximum_associations=settings.maximum_associations,
            network_timeout=settings.network_timeout_seconds,
            handlers=handlers.bindings(),
        )
    except OSError as error:
        reason = why_not_listening(error, address=settings.dicom_bind, port=definition.port)
        log.error("cannot listen", reason=reason)
        _tell(Failed(reason))
        return 1
    threading.Thread(target=server.serve, name="listener", daemon=True).start()
    threading.Thread(target=_stop_at_end_of_input, args=(stop,), name="lifeline", daemon=True).start()
    log.info("listening", ae_title=definition.ae_title, address=settings.dicom_bind, port=definition.port)
    _tell(Listening())
    stop.wait()
    server.stop_listening()
    _tell(StoppedListening())
    drain(server, seconds=settings.drain_seconds)
    log.info("stopped")
    return 0


def why_not_listening(error: OSError, *, address: str, port: int) -> str:
    """Return in words what an operator can do about a port that cannot be listened on."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use by another program; choose another port or stop it"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by an unprivileged service; choose one above 1023"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"this machine has no address {address}; correct DOSEWIRE_DICOM_BIND"
    return f"cannot listen on {address} port {port}: {error.strerror or error}"


def drain(server: StoreServer, *, seconds: float) -> None:
    """Let the object that each association has in hand arrive and be answered, then abort the association.

    Connections without an association end with the process: nobody has been promised anything there.
    """
    deadline = time.monotonic() + seconds
    busy = True
    while busy and time.monotonic() < deadline:
        for association in server.open_associations:
            association.finish()
        time.sleep(_DRAIN_POLL_SECONDS)
        busy = any(association.is_busy for association in server.open_associations)
    time.sleep(_DRAIN_POLL_SECONDS)  # what was taken from a queue just now is still on its way to the socket
    if busy:
        log.warning("objects not finished in time", seconds=seconds)


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


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
