"""Query/retrieve jobs as qr and config_api both know them: creation, options, node settings, cron times."""
