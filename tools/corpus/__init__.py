"""The corpus: real dose objects for tests, which `python -m tools.corpus` takes out of OpenREM's public package."""
