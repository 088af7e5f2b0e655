"""The Store SCP: a supervisor, and one process for each store node.

A node process (`services.store_scp.node.process`) is a pure receiver: it puts objects into the spool and knows neither
database nor broker. The supervisor (`services.store_scp`) starts and watches the nodes, and tells the importers
through the broker what lies in the spool.
"""
