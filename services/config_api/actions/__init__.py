"""Use cases without HTTP: what the REST interface and the pages both call."""
