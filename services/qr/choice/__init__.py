"""The choice of what is retrieved of a study: functions from the answers of a remote node to decisions with reasons."""
