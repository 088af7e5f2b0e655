"""Private servers and services for the demonstration, for development, and for the tests.

Everything started here listens on loopback only, keeps its files in the folder it is given, runs beside
servers that the machine already has, and ends with the process that started it.
"""
