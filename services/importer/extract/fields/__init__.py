"""Reading fields: content items and header attributes become values with units, as the tables say."""
