"""The four services of Dosewire. None of them imports another; what they share stands in `shared`."""
