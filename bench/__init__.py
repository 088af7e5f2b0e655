"""What repeats the measurements of docs/performance.md, and what watches a store node for hours.

Run from a checkout after scripts/test has prepared it: `.venv/bin/python -m bench.soak --help`.
"""
