"""The receive path of a store node: from an accepted connection into the spool.

    listener      threads that accept connections
    association   one association from its request to its end
    services      the operation for each request: C-STORE, C-ECHO, N-ACTION
    storing       one C-STORE: its data set goes into a file as it comes

One thread serves an association, and waits in the kernel where there is nothing to do.
"""
