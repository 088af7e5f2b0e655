"""The status codes of DIMSE responses (PS3.7 annex C; PS3.4 tables B.2-1 and C.4-1 to C.4-3) that Dosewire knows."""

from typing import Final

SUCCESS: Final = 0x0000
PENDING: Final = frozenset((0xFF00, 0xFF01))
CANCELLED: Final = 0xFE00

# General (PS3.7 annex C)
ATTRIBUTE_LIST_ERROR: Final = 0x0107
PROCESSING_FAILURE: Final = 0x0110
NO_SUCH_SOP_INSTANCE: Final = 0x0112
INVALID_ARGUMENT_VALUE: Final = 0x0115
ATTRIBUTE_VALUE_OUT_OF_RANGE: Final = 0x0116
INVALID_SOP_INSTANCE: Final = 0x0117
NO_SUCH_SOP_CLASS: Final = 0x0118
CLASS_INSTANCE_CONFLICT: Final = 0x0119
SOP_CLASS_NOT_SUPPORTED: Final = 0x0122
NO_SUCH_ACTION: Final = 0x0123
NOT_AUTHORIZED: Final = 0x0124
UNRECOGNIZED_OPERATION: Final = 0x0211
MISTYPED_ARGUMENT: Final = 0x0212
RESOURCE_LIMITATION: Final = 0x0213

# Of storage, query and retrieve (PS3.4 annexes B and C)
OUT_OF_RESOURCES: Final = 0xA700
CANNOT_COUNT_MATCHES: Final = 0xA701
"""Out of resources: unable to calculate the number of matches."""
CANNOT_SEND: Final = 0xA702
"""Out of resources: unable to perform the sub-operations."""
DESTINATION_UNKNOWN: Final = 0xA801
DOES_NOT_MATCH_SOP_CLASS: Final = 0xA900
"""The data set, or the identifier, does not match the SOP class. In C-STORE any from A900 to A9FF."""
SUB_OPERATIONS_FAILED: Final = 0xB000
"""The sub-operations are complete, one or more failed. In C-STORE any from B000 to BFFF is a warning."""
CANNOT_UNDERSTAND: Final = 0xC000
"""Any from C000 to CFFF: cannot be understood (C-STORE), or unable to process (C-FIND, C-MOVE, C-GET)."""
