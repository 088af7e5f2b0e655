"""The writer of one object into the spool."""

from shared.spool.incoming import Bytes, Incoming
from shared.spool.trace import new_trace_id


class SpoolWriter:
    """One object on its way into `incoming/`: `write` its bytes, then `commit`; otherwise nothing stays.

    A context manager. Leaving it without `commit` discards what was written.
    """

    def __init__(self, *, incoming: Incoming) -> None:
        self.trace_id = new_trace_id()
        self._incoming = incoming
        self._file = incoming.create()

    def write(self, content: Bytes) -> int:
        """Append `content`; returns its length in bytes.

        Raises:
            OSError: it could not all be written.
        """
        self._file.write((content,))
        return len(content)

    def commit(self) -> None:
        """Make the object durable under its final name.

        Raises:
            OSError: it could not be made durable; nothing of it stays.
        """
        self._file.commit(self.trace_id)

    def __enter__(self) -> "SpoolWriter":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._file.discard()
        self._incoming.close()
