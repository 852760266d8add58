"""The rows of every fact table, read from the domains' records: what `rules/fact_tables` declares.

Reports of a day count them in memory; the same rows, with keyed numbers instead of ids, are what a
snapshot in columns holds.
"""

from handup.results.gathering import tables
from handup.results.gathering.base import DERIVED, STORED, Source

__all__ = ["DERIVED", "STORED", "Source", "tables"]
