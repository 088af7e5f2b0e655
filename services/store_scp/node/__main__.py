"""`python -m services.store_scp.node DEFINITION`: one store node."""

import sys

from services.store_scp.node.process import main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
