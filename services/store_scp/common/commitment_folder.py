"""Requests for storage commitment that wait for their report, each a durable file.

A node answers an N-ACTION with Success only after its file is here, so a request survives the end of any process. The
file is removed when the report was delivered, or was given up.
"""

import os
from pathlib import Path

from pydantic import ValidationError

from services.store_scp.common.commitment_request import CommitmentRequest
from shared.durable import make_directory, write_durably
from shared.logging import get_logger
from shared.spool.trace import is_trace_id, new_trace_id

SUFFIX = ".json"
_PARTIAL_SUFFIX = ".part"
_UNREADABLE_SUFFIX = ".unreadable"

log = get_logger(__name__)


class CommitmentFolder:
    """The folder of waiting requests; it is created with the first one."""

    def __init__(self, *, path: Path) -> None:
        self._path = path

    def put(self, request: CommitmentRequest) -> None:
        """Make a request durable. One with the same key is replaced: the caller has asked again.

        Raises:
            OSError: it could not be made durable.
        """
        make_directory(self._path)
        partial = self._path / f"{new_trace_id()}{_PARTIAL_SUFFIX}"
        write_durably(self._file(request.key), request.model_dump_json().encode(), partial=partial)

    def keys(self) -> list[str]:
        """Return the keys of the requests that wait.

        Raises:
            OSError: the folder cannot be read.
        """
        try:
            names = os.listdir(self._path)  # noqa: PTH208 (names are all that is needed, of thousands)
        except FileNotFoundError:
            return []
        keys = (name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))
        return [key for key in keys if is_trace_id(key)]

    def read(self, key: str) -> CommitmentRequest | None:
        """Return a request; None where there is none, or it cannot be understood: then it is set aside.

        Raises:
            OSError: it cannot be read.
        """
        file = self._file(key)
        try:
            return CommitmentRequest.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            faults = [fault["msg"] for fault in error.errors(include_url=False, include_input=False)[:3]]
            log.error("storage commitment request cannot be read and is set aside", file=file.name, faults=faults)
            file.rename(file.with_suffix(_UNREADABLE_SUFFIX))
            return None

    def remove(self, key: str) -> None:
        """Let go of a request; nothing happens where it is gone."""
        self._file(key).unlink(missing_ok=True)

    def remove_partial(self) -> None:
        """Remove partial files of killed nodes; only to be called while no node runs."""
        for file in self._path.glob(f"*{_PARTIAL_SUFFIX}"):
            file.unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        if not is_trace_id(key):  # as many digits, and nothing else may become part of a path
            raise ValueError(f"not the key of a request: {key[:64]!r}")
        return self._path / f"{key}{SUFFIX}"
