"""What of a study is worth retrieving: functions from what a remote node has answered to decisions with reasons."""
