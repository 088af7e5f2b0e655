"""Schedules: beginning jobs by cron expressions, once for each time, however many workers run."""
