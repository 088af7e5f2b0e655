"""A PACS for tests, and for trying Dosewire without one: any number of generated studies, and the quirks of real nodes.

Studies are computed when they are asked for and never kept: 100,000 of them take no memory. What comes from one seed
is always the same. `python -m tools.pacs --help` starts one.
"""
