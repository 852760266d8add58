"""A proxy means test from two tables: its coefficients, and the poverty line of each area.

    fact,level,use,coefficient,max,equals,aggregate,where_fact,where_op,where_value,empty
    wall,HOUSEHOLD,EQUALS,0.0811,,BRICK,,,,,

    area,line_units
    CAPITAL,53000

What `pmt` finds wrong with a term is told at the row the term stands in. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.sheets import CellKind, Column, Reading, SheetSpec, read_csv
from handup.people.rules.pmt import pmt_card

TERMS = SheetSpec(
    (
        Column("fact", required=True, max_length=60),
        Column("level", required=True, max_length=9),
        Column("use", required=True, max_length=6),
        Column("coefficient", required=True, max_length=40),
        Column("max", max_length=40),
        Column("equals", max_length=60),
        Column("aggregate", max_length=5),
        Column("where_fact", max_length=60),
        Column("where_op", max_length=2),
        Column("where_value", max_length=60),
        Column("empty", max_length=40),
    )
)
LINES = SheetSpec(
    (
        Column("area", required=True, unique=True, max_length=60),
        Column("line_units", kind=CellKind.WHOLE, required=True, lowest=0),
    )
)
PLACE = re.compile(r"terms\[(\d+)\]")


class NothingInTable(Refusal):
    """This table has no line."""


def read_test(
    terms: bytes,
    lines: bytes,
    *,
    code: str,
    version: int,
    predicts: str,
    constant: str,
    currency: str,
) -> Mapping[str, object]:
    """The test of two CSV files as a card.

    Raises Faults with table, row and field of everything that is missing or cannot be used.
    """
    told = _rows(terms, TERMS, "terms")
    areas = _rows(lines, LINES, "line_units_by_area")
    entries = [_term(row.values) for row in told.rows]
    card: dict[str, object] = {
        "code": code,
        "version": version,
        "kind": "PMT",
        "predicts": predicts,
        "constant": constant,
        "terms": entries,
        "currency": currency,
        "line_units_by_area": {
            str(row.values["area"]): str(row.values["line_units"]) for row in areas.rows
        },
    }
    try:
        pmt_card(card)
    except Faults as found:
        numbers = [row.number for row in told.rows]
        raise Faults([_at_row(fault, numbers) for fault in found.faults]) from found
    return card


def _rows(content: bytes, spec: SheetSpec, table: str) -> Reading:
    reading = read_csv(content, spec)
    faults = [replace(fault, place=f"{table} {fault.place}") for fault in reading.faults]
    if not faults and not reading.rows:
        refusal = NothingInTable(field=table)
        faults = [Fault(refusal.code, refusal.said(), table)]
    if faults:
        raise Faults(faults)
    return reading


def _term(values: Mapping[str, Any]) -> dict[str, object]:
    told = {name: value for name, value in values.items() if value not in (None, "")}
    where = {
        part: told.pop(f"where_{part}")
        for part in ("fact", "op", "value")
        if f"where_{part}" in told
    }
    return {**told, "where": where} if where else told


def _at_row(fault: Fault, numbers: list[int]) -> Fault:
    found = PLACE.match(fault.place)
    if found is None:
        return fault
    return replace(fault, row=numbers[int(found[1])])
