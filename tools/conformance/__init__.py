"""The tables of docs/conformance-statement.md, generated from the code: `python -m tools.conformance`.

The page itself is written by hand. Its tables stand between two comments, the first of which names the table.
"""
