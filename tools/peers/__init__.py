"""Peers of Dosewire for tests: real PACSs of the distribution, peers that send raw bytes, and certificates for TLS."""
