"""Remarks for operators on a node that runs: its disk is full, its certificate ends."""

from services.store_scp.common.definitions import NodeDefinition
from services.store_scp.common.tls import TlsContext, TlsFiles
from services.store_scp.common.watermark import Watermark, show_bytes
from shared.health import Health
from shared.logging import get_logger
from shared.metrics import SPOOL_BELOW_WATERMARK, SPOOL_FREE_BYTES

log = get_logger(__name__)


class Remarks:
    """Checks the disk and the certificate that all nodes share, as the nodes themselves do. Each check is cheap.

    Args:
        watermark: of the spool's disk.
        tls_files: what the settings name.
    """

    def __init__(self, *, watermark: Watermark, tls_files: TlsFiles | None) -> None:
        self._watermark = watermark
        self._has_room = True
        self._tls = {
            required: TlsContext(files=tls_files, require_client_certificate=required) for required in (False, True)
        }

    def on(self, definition: NodeDefinition) -> str:
        """Return the remarks on a node, in words; empty if there are none."""
        full = self._watermark.check()
        tls = self._tls[definition.require_client_certificate].problem() if definition.tls else None
        return "; ".join(words for words in (f"receives nothing: {full}" if full else None, tls) if words)

    def report(self, health: Health) -> None:
        """Report the state of the disk: as health part `disk`, in the metrics, and in the log when it changes."""
        full, room = self._watermark.check(), self._watermark.room
        if room is not None:
            SPOOL_FREE_BYTES.set(room.free_bytes)
        SPOOL_BELOW_WATERMARK.set(full is not None)
        free = f"{show_bytes(room.free_bytes)} left" if room is not None else ""
        health.report("disk", ready=full is None, detail=full or free)
        if self._has_room and full is not None:
            log.error("nodes receive nothing until there is room", reason=full)
        elif full is None and not self._has_room:
            log.info("there is room again; nodes receive", free=free)
        self._has_room = full is None
