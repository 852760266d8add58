"""The statements written by hand, in one place: names are of our own tables and columns and are
quoted here; values are parameters, always.
"""
# ruff: noqa: S608 (what is put in are quoted names of models, never what a person sent)

from collections.abc import Sequence

from django.db import connection


def places(count: int) -> str:
    """The marks of so many parameters: `%s, %s`."""
    return ", ".join(["%s"] * count)


def select(table: str, columns: Sequence[str]) -> str:
    """`SELECT` columns of a table; a condition may follow."""
    return f"SELECT {_names(columns)} FROM {_name(table)}"


def select_where_in(table: str, columns: Sequence[str], column: str, count: int) -> str:
    """`SELECT` columns of the rows whose column is one of so many parameters; more may follow."""
    return f"{select(table, columns)} WHERE {_name(column)} IN ({places(count)})"


def insert(table: str, columns: Sequence[str]) -> str:
    """`INSERT` one row, a parameter a column."""
    return f"INSERT INTO {_name(table)} ({_names(columns)}) VALUES ({places(len(columns))})"


def update_by_id(table: str, columns: Sequence[str]) -> str:
    """`UPDATE` columns of one row, a parameter a column and the row's id last."""
    setters = ", ".join(f"{_name(column)} = %s" for column in columns)
    return f"UPDATE {_name(table)} SET {setters} WHERE {_name('id')} = %s"


def _name(word: str) -> str:
    return connection.ops.quote_name(word)


def _names(words: Sequence[str]) -> str:
    return ", ".join(map(_name, words))
