"""The web pages: the overview, the page of a study, and the pages of query/retrieve."""
