"""The Store SCP: a supervisor, and a group of processes for each store node.

node         a node process: it receives objects into the spool, and knows neither database nor broker
supervisor   starts and watches the node processes, and sends the importers a message for each object in the spool
common       the modules that both use
"""
