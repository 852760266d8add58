"""All indicators of the catalogue over the three programmes: each can be counted, its lines add up,
and every fact table tells what it declares."""

from datetime import date

import pytest

from handup.projects.models import Programme
from handup.results.computing import compute
from handup.results.definitions import catalogue
from handup.results.gathering import Source
from handup.results.report import reporting_day
from handup.results.rules.declared import DECLARED
from handup.results.rules.engine import ValueKind
from handup.results.rules.expressions import Asked
from handup.results.rules.fact_tables import STORED

pytestmark = pytest.mark.django_db

# What some of them came to: a rule of another domain each, or a count nobody else makes.
KNOWN = {
    "IOM-AM": {
        "MED-TRN-03": (52, 56),
        "MED-TRN-05": (5, 5),
        "MED-ADV-02f": (107, 107),
        "MED-FIN-03l": (10, None),
        "MED-FIN-05a": (89, 100),
        "MED-SUS-01": (512392, 392483),
    },
    "ADRA-MN": {"MED-GRP-03m": (59, 75), "MED-GRP-06": (46, None), "MED-GRP-02": (815, None)},
    "IFAD-RW": {"MED-TRN-04": (13, 21), "MED-ENT-02": (12, None), "MED-ENT-03": (12, 12)},
}


def sources() -> list[tuple[Source, date]]:
    """Each programme with the day it reports."""
    found = []
    for programme in Programme.objects.order_by("code"):
        day = reporting_day(programme)
        assert day is not None
        found.append((Source(programme, day), day))
    return found


def test_all_indicators_are_counted_over_each_programme() -> None:
    told = 0
    for source, day in sources():
        known = KNOWN[source.programme.code]
        for code, item in DECLARED.items():
            figure = compute(item, catalogue(), source, Asked(day))
            told += figure.numerator != 0
            if code in known:
                assert (figure.numerator, figure.denominator) == known[code], code
            for breakdown in figure.breakdowns:
                if not breakdown.overlapping and figure.value_kind is not ValueKind.SURVIVAL:
                    assert sum(line.numerator for line in breakdown.lines) == figure.numerator
    assert told > 40


def test_every_fact_table_tells_the_columns_it_declares() -> None:
    filled = set()
    for source, _day in sources():
        for table in STORED:
            rows = source.table(table.name)
            if rows:
                filled.add(table.name)
                missing = set(table.columns) - {"seq"} - set(rows[0])
                assert not missing, (table.name, missing)
    assert len(filled) > 20
