"""The definitions of store nodes, and the copy of them that is kept beside the spool.

The database is where nodes are defined. So that scanners find their Store SCP also when the service starts with the
database away, the last known definitions stand in `store_nodes.json` in the data folder.
"""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.durable import write_durably
from shared.logging import get_logger

FILE_NAME = "store_nodes.json"
PROBE_VARIABLE = "DOSEWIRE_PROBE_AE_TITLE"
"""The environment variable in which a node process finds the calling AE title of its supervisor's C-ECHO."""

log = get_logger(__name__)


class NodeDefinition(BaseModel):
    """A store node of ours, as the database defines it.

    Every field but the first four has a default, so that a copy which an earlier release has kept can be read.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    node_id: int
    name: str
    ae_title: str
    port: int
    keep_alive: bool = True
    check_called_ae_title: bool = True
    """Whether a caller has to name our AE title; else any called AE title will do."""
    allowed_calling_ae_titles: tuple[str, ...] = ()
    """Who may call; empty: everybody."""
    allowed_peers: tuple[str, ...] = ()
    """Addresses and networks (`192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`) to call from; empty: any."""
    maximum_associations: int | None = None
    """At the same time; None: as many as `DOSEWIRE_MAXIMUM_ASSOCIATIONS` says."""
    maximum_associations_per_ae_title: int | None = None
    """Of one calling AE title at the same time; None: as many as the node."""
    maximum_associations_per_address: int | None = None
    """From one address at the same time; None: as many as the node."""
    idle_timeout_seconds: int | None = None
    """How long a peer may be silent; None: as long as `DOSEWIRE_NETWORK_TIMEOUT_SECONDS` says."""
    tls: bool = False
    """Whether callers have to speak TLS."""
    require_client_certificate: bool = False
    """Whether, with TLS, callers have to show a certificate of the authority in `DOSEWIRE_TLS_CLIENT_CA`."""


class _Document(BaseModel):
    v: int = 1
    nodes: list[NodeDefinition]


class DefinitionsFile:
    """The last known definitions, under `folder`."""

    def __init__(self, *, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def read(self) -> tuple[NodeDefinition, ...]:
        """Return what was written last; nothing where there is no file yet, or it cannot be understood."""
        try:
            return tuple(_Document.model_validate_json(self._path.read_bytes()).nodes)
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            log.error("kept node definitions cannot be read", path=str(self._path), error=str(error)[:500])
            return ()

    def write(self, definitions: Sequence[NodeDefinition]) -> None:
        """Replace the file; whoever reads it finds the old or the new content, also after a power cut.

        Raises:
            OSError: it cannot be written; the old content stays.
        """
        content = _Document(nodes=list(definitions)).model_dump_json(indent=2).encode() + b"\n"
        write_durably(self._path, content, partial=self._path.with_suffix(".part"))
