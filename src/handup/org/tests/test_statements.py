"""Statements written by hand: names are quoted, values stay parameters."""

from handup.org import statements


def test_names_are_quoted_and_values_are_parameters() -> None:
    assert statements.select("t", ("a", "order")) == 'SELECT "a", "order" FROM "t"'
    assert (
        statements.select_where_in("t", ("a",), "group", 3)
        == 'SELECT "a" FROM "t" WHERE "group" IN (%s, %s, %s)'
    )
    assert statements.insert("t", ("a", "b")) == 'INSERT INTO "t" ("a", "b") VALUES (%s, %s)'
    assert (
        statements.update_by_id("t", ("a", "b"))
        == 'UPDATE "t" SET "a" = %s, "b" = %s WHERE "id" = %s'
    )
    assert (
        statements.raise_by_key("t", "last", "key")
        == 'UPDATE "t" SET "last" = "last" + %s WHERE "key" = %s RETURNING "last"'
    )
