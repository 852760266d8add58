"""The parts of a plan stored once more under another plan."""

from collections.abc import Collection

from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.models import House
from handup.plans.models import FinanceAsk, HouseholdSheet, Plan, Screening
from handup.plans.rules.states import Kept


def take_over(old: Plan, new: Plan, kept: Collection[Kept], loan_units: int | None = None) -> None:
    """Copy the parts of a plan to another; the loan with another amount where one is told."""
    if Kept.HOUSEHOLD in kept:
        sheet: HouseholdSheet | None = HouseholdSheet.objects.filter(plan=old).first()
        if sheet is not None:
            lines = list(sheet.lines.all())
            again(sheet, plan=new)
            for line in lines:
                again(line, sheet=sheet)
    if Kept.COSTING in kept:
        for rows in (old.investments, old.products, old.costs):
            for row in rows.all():
                again(row, plan=new)
    ask: FinanceAsk | None = FinanceAsk.objects.filter(plan=old).first()
    if Kept.FINANCE in kept and ask is not None:
        if loan_units:  # told in the plan's money: what was asked in another no longer holds
            ask.loan_units, ask.foreign_units, ask.rate_numerator = loan_units, None, None
            ask.currency, ask.rate_date, ask.rate_source = "", None, ""
        again(ask, plan=new)
    if Kept.WORDS in kept:
        for told in (*old.answers.all(), *old.scenarios.all()):
            again(told, plan=new)
    screening: Screening | None = Screening.objects.filter(plan=old).first()
    if Kept.SCREENING in kept and screening is not None:
        again(screening, plan=new)


def again(row: House, **under: House) -> None:
    """Store the same once more, under another record."""
    row.pk = new_id()
    row._state.adding = True
    row.recorded_at = timezone.now()
    for name, value in under.items():
        setattr(row, name, value)
    row.save(force_insert=True)
