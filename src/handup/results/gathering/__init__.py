"""The rows of every fact table, read from the domains' records: what `rules/fact_tables` declares.

Reports of a day count them in memory; the same rows, with keyed numbers instead of ids, are what a
snapshot in columns holds.
"""

from handup.results.gathering.base import Source
from handup.results.gathering.tables import DERIVED, STORED

__all__ = ["DERIVED", "STORED", "Source"]
