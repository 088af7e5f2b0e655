"""Schedules: jobs that begin by cron expressions, once for each time, however many workers run."""
