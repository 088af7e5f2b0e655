"""Schedules: jobs that begin by cron expressions, once for each time, with any number of workers."""
