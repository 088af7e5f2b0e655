"""The receive path of a store node: from the socket into the spool.

    listener      threads that accept connections
    transport     the socket, plain or TLS, with time limits
    wire          what has been read of it and not been used yet
    pdu           the PDUs of the upper layer protocol (PS3.8), as bytes
    negotiation   an A-ASSOCIATE-RQ and the answer to it, by pynetdicom
    command_set   the command sets of DIMSE messages (PS3.7), as bytes
    storing       one C-STORE: its data set goes into a file as it comes
    association   one association from its request to its end
    census        how many associations are open, over all processes of the node

One thread serves an association, and waits in the kernel where there is nothing to do.
"""
