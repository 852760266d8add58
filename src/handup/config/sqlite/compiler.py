"""The compilers of the SQLite backend: Django's, with quick columns."""

from django.db.models.sql.compiler import (
    SQLAggregateCompiler,
    SQLDeleteCompiler,
    SQLInsertCompiler,
    SQLUpdateCompiler,
)
from django.db.models.sql.compiler import SQLCompiler as Plain

from handup.config.kept_statements import KeptStatements
from handup.config.quick_compiler import QuickColumns

__all__ = [
    "SQLAggregateCompiler",
    "SQLCompiler",
    "SQLDeleteCompiler",
    "SQLInsertCompiler",
    "SQLUpdateCompiler",
]


class SQLCompiler(KeptStatements, QuickColumns, Plain):
    """Writes a SELECT."""
