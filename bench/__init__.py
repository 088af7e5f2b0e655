"""Benchmarks: the measurements of docs/performance.md, and soaks of a store node with hours of traffic.

Run from a checkout after scripts/test has prepared it: `.venv/bin/python -m bench.soak --help`.
"""
