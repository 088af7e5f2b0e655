"""REST resources of dose: studies, patient totals, received objects."""
