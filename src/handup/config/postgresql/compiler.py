"""The compilers of the PostgreSQL backend: Django's, with quick columns."""

from django.db.backends.postgresql.compiler import (
    SQLAggregateCompiler,
    SQLDeleteCompiler,
    SQLInsertCompiler,
    SQLUpdateCompiler,
)
from django.db.backends.postgresql.compiler import SQLCompiler as Plain

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
