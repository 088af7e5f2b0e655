"""Actions on policies, rules and equipment."""
