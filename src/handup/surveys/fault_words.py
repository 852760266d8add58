"""Faults of a spreadsheet as a person reads them, with sheet, row and column, at every door."""

from django.utils.translation import gettext as _now

from handup.kernel.errors import Fault, Faults
from handup.surveys.compiling import FaultyQuestionnaire
from handup.surveys.rules.xlsform.faults import SheetFault


def fault_line(fault: SheetFault) -> str:
    """One fault as a person reads it: sheet, cell, column, and what to do."""
    sentence = _now(fault.sentence).format(**dict(fault.parts))
    if not fault.row:
        return _now("Sheet {sheet}: {sentence}").format(sheet=fault.sheet, sentence=sentence)
    place = (
        _now("Sheet {sheet}, cell {cell}") if fault.letter else _now("Sheet {sheet}, row {cell}")
    )
    column = f" ({fault.column})" if fault.column else ""
    return f"{place.format(sheet=fault.sheet, cell=fault.cell)}{column}: {sentence}"


def as_faults(refusal: FaultyQuestionnaire) -> Faults:
    """Every fault of a spreadsheet with its place, as doors tell them."""
    return Faults(
        [
            Fault(
                str(one.kind),
                fault_line(one),
                place=one.sheet,
                row=one.row or None,
                column=one.column or None,
            )
            for one in refusal.faults
        ],
        field="file",
    )
