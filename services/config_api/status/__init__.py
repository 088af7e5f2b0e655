"""The state of nodes, queues, services and spool, for the status page, REST and the command line."""
