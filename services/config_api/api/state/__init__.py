"""REST resources of the state of the installation: status and queues."""
