"""REST resources of policies, rules and equipment."""
