"""Use cases without HTTP: the REST interface and the pages both call them.

An action takes a session (or the context, where it needs the broker too) and plain values or an input model, returns
rows or values, and raises errors of `shared.errors`.
"""
