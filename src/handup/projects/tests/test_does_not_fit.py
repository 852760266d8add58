"""What stands in the way of a hand-over is told in the words of the house."""

from django.db import IntegrityError

from handup.projects.carrying.receiving import what_stands_in_the_way


def test_neither_a_constraint_nor_a_value_of_a_row_is_told() -> None:
    cases = [
        "UNIQUE constraint failed: org_area.code",
        'duplicate key value violates unique constraint "org_area_code_key"\n'
        "DETAIL:  Key (code)=(AM-01) already exists.",
    ]
    assert {what_stands_in_the_way(IntegrityError(text)) for text in cases} == {"area"}
    assert what_stands_in_the_way(IntegrityError("CHECK constraint failed: some_rule")) == "-"
