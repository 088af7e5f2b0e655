"""Forwarding: objects that we fetched ourselves are sent on to the store node of the job by C-STORE."""
