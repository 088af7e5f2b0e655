"""Reports of storage commitment (N-EVENT-REPORT, PS3.4 section J.3.3), sent by the supervisor."""
