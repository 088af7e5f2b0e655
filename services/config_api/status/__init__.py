"""The state of nodes, queues, services and spool, as status page, REST and command line show it."""
