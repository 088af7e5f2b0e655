"""A PACS for tests, and for trying Dosewire without one: any number of generated studies, and the quirks of real nodes.

Studies are computed on demand and never kept: 100,000 of them take no memory. One seed always gives the same studies.
`python -m tools.pacs --help` starts one.
"""
