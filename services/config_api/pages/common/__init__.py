"""Common to all pages: filters of the templates, parts, facts."""
