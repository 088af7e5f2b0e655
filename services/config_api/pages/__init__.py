"""The web page: an overview that refreshes itself, and the details of a study."""
