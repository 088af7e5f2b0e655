"""The supervisor: it runs the node processes, queues the objects that they received, and reports to the database.

nodes        node processes: started, watched, started again, stopped
dispatch     one message to the importers for each object in the spool
database     definitions read, states and rejections written
commitment   reports of storage commitment
"""
