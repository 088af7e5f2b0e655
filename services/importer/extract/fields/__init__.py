"""Reading fields: content items and header attributes become values with units, by the tables."""
