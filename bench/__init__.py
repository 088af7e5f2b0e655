"""Benchmarks: the measurements of docs/performance.md, and hours of traffic against a store node.

Run from a checkout after scripts/test has prepared it: `.venv/bin/python -m bench.soak --help`.
"""
