"""Writes the tables of docs/conformance-statement.md anew."""

from tools.conformance.document import DOCUMENT, fill

DOCUMENT.write_text(fill(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
