"""What a newcomer runs from a checkout: see the executable files beside this one."""
