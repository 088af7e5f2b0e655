"""The command that writes the tables of docs/conformance-statement.md: `python -m tools.conformance`."""

from tools.conformance.document import DOCUMENT, fill

DOCUMENT.write_text(fill(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
