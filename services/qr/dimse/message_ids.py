"""Message IDs (0000,0110) that are not reused soon.

A C-CANCEL names the request it is about by its Message ID, and objects that a C-MOVE brings name it as that of their
Move Originator (0000,1031): so two requests of this process, on whichever association, have the same one only after all
the others (PS3.7 section 9.3 asks for uniqueness within an association).
"""

import itertools
import random

MOST = 65536

_ids = itertools.cycle(range(1, MOST))
for _ in range(random.randrange(MOST)):  # noqa: S311 (workers shall begin at different ones; nobody guesses them)
    next(_ids)


def next_message_id() -> int:
    """Return the next one, from 1 to 65535. Threads may call it at the same time."""
    return next(_ids)
