"""A copy of the loan rows in columns, for portfolios of a million loans (decision 0013).

`copying` makes it from the database, `asking` answers the portfolio of a past day from it by
DuckDB. An installation asks for it with HANDUP_COLUMNS=1 and the package duckdb; without either the
database answers, with the same figures to the unit.
"""
