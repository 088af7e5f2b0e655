"""The common parts of qr and config_api: jobs, node settings, times of schedules, echoes and tests of nodes."""
