"""Faults as a person reads them: of a spreadsheet with sheet, row and column, of answers by their
kind.
"""

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

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


# What is wrong with answers, in words, by the kind of the fault.
FAULTS = {
    "UNKNOWN_QUESTION": _("answers a question that is not asked"),
    "REQUIRED": _("a question that must be answered is not"),
    "TYPE": _("an answer cannot be read"),
    "CHOICE": _("an answer is none of those offered"),
    "IRRELEVANT": _("a question is answered that does not apply"),
    "CONSTRAINT": _("an answer is not possible here"),
    "CALCULATION": _("a computed value is not what it should be"),
    "REPEAT_COUNT": _("the number of rows is not as told"),
    "CONSENT_MISSING": _("it is not said whether she or he agreed"),
    "JUDGE_FAILED": _("the answers could not be checked"),
    "TOO_MANY_ROWS": _("there are too many rows to check"),
    "OTHER_INTERVIEWER": _("sent by another interviewer than the case is given to"),
    "PLACED_BY_HAND": _("placed on the case by hand"),
    "WAITS_FOR_EARLIER": _("changes answers that have not arrived"),
    "EDIT_OF_OTHER_CASE": _("changes answers of another case"),
    "EDIT_OF_SET_ASIDE": _("changes answers that were set aside"),
    "AFTER_REFUSAL": _("came after she or he had refused to answer"),
    "INTERVIEWER_DISAGREES": _("asked again, too many answers of the interviewer differ"),
}


def fault_word(kind: str) -> str:
    """What is wrong, in words."""
    return str(FAULTS.get(kind, kind))
