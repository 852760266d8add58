"""Figures over snapshots in columns (decision 0019): fact tables in Parquet, indicator expressions
in Ibis, on DuckDB inside the program or on a cluster of Spark, with equal figures.

`writing` makes a snapshot without anybody's identity, `expressing` and `deriving` turn the
declarations of `rules/declared.py` into expressions, `asking` makes figures of their cells,
`duck` and `spark` open an engine, `national` rolls the snapshots of several houses up.
"""
