"""Carrying a programme to the house of its successor: what goes, the sealed package, the load.

`gather` finds the rows that go, `package` writes and reads the sealed file, `totals` counts both
sides, `sending` and `receiving` are the two acts. Source: projects_and_markets.md 4.8 and 5.
"""
