"""The admission of callers to a store node: its policy, allowed peers, and the count of open associations."""
