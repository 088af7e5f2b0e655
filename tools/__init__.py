"""Tools with which demo, tests, benchmarks and documents are made. The product imports none of them."""
