"""The supervisor: starts and watches the node processes, queues what they received, and reports to the database."""
