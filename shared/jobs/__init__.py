"""Jobs, node settings, schedules' times, and tests of nodes, as qr and config_api both know them."""
