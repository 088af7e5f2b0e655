"""The definitions of store nodes, and the copy of them that is kept beside the spool.

The database is where nodes are defined. So that nodes also run when the service starts without the database, the last
known definitions stand in `store_nodes.json` in the data folder.
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
    """True: a caller has to use our AE title as called AE title; False: any called AE title is accepted."""
    allowed_calling_ae_titles: tuple[str, ...] = ()
    """The calling AE titles that are accepted; empty: all."""
    allowed_peers: tuple[str, ...] = ()
    """The addresses and networks that are accepted (`192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`); empty: all."""
    maximum_associations: int | None = None
    """Associations at the same time; None: the limit is `DOSEWIRE_MAXIMUM_ASSOCIATIONS`."""
    maximum_associations_per_ae_title: int | None = None
    """Associations of one calling AE title at the same time; None: the limit of the node."""
    maximum_associations_per_address: int | None = None
    """Associations from one address at the same time; None: the limit of the node."""
    idle_timeout_seconds: int | None = None
    """Seconds that a peer may be silent; None: `DOSEWIRE_NETWORK_TIMEOUT_SECONDS`."""
    tls: bool = False
    """True: only callers with TLS are accepted."""
    require_client_certificate: bool = False
    """True: with TLS, callers have to show a certificate of the authority in `DOSEWIRE_TLS_CLIENT_CA`."""


class _Document(BaseModel):
    v: int = 1
    nodes: list[NodeDefinition]


class DefinitionsFile:
    """The last known definitions, under `folder`."""

    def __init__(self, *, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def read(self) -> tuple[NodeDefinition, ...]:
        """Return the last written definitions; none if there is no file yet, or if it cannot be read."""
        try:
            return tuple(_Document.model_validate_json(self._path.read_bytes()).nodes)
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            log.error("kept node definitions cannot be read", path=str(self._path), error=str(error)[:500])
            return ()

    def write(self, definitions: Sequence[NodeDefinition]) -> None:
        """Replace the file; a reader finds the old or the new content, also after a power cut.

        Raises:
            OSError: it cannot be written; the old content stays.
        """
        content = _Document(nodes=list(definitions)).model_dump_json(indent=2).encode() + b"\n"
        write_durably(self._path, content, partial=self._path.with_suffix(".part"))
