"""A store node as a process: it receives objects into the spool, and knows neither database nor broker."""
