"""The node processes: each receives objects of one store node into the spool, and knows neither database nor broker.

admission    the policy for callers, and the count of open associations
protocol     the connection, the upper layer protocol (PS3.8), and DIMSE messages (PS3.7)
commitment   requests for storage commitment
receive      the receive path: listener, association, C-STORE
"""
