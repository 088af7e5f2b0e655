"""Query/retrieve: asks remote nodes for studies, and has them sent to our store nodes."""
