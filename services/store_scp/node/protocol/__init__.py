"""The protocols on a connection of a store node, from the socket to DIMSE messages.

transport     the socket, plain or TLS, with time limits
wire          the buffer of bytes that were read and not used yet
pdu           the PDUs of the upper layer protocol (PS3.8), as bytes
negotiation   an A-ASSOCIATE-RQ and the answer to it, by pynetdicom
command_set   the command sets of DIMSE messages (PS3.7), as bytes
messages      DIMSE messages put together from the PDVs that carry them
operation     the interface of what serves a message
"""
