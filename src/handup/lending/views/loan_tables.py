"""The tables of a loan and of one event: the schedule, what it was before, what an event did."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from handup.lending.models import LoanEvent
from handup.lending.rules.loan import State
from handup.org.web.columns import Column, Kind
from handup.org.web.lists import EmptyState
from handup.org.web.pages import Table


def schedule_table(state: State, currency: str) -> Table:
    """Rows with what is due and what is paid of each."""

    def part(place: int) -> Any:
        return lambda row: row.due[place]

    columns = (
        Column("number", _("No."), Kind.NUMBER),
        Column("due_date", _("Due"), Kind.DATE),
        Column("principal", _("Principal"), Kind.MONEY, value=part(3), currency=currency),
        Column("interest", _("Interest"), Kind.MONEY, value=part(2), currency=currency),
        Column("fee", _("Fees"), Kind.MONEY, value=part(1), currency=currency),
        Column(
            "due", _("Due in all"), Kind.MONEY, value=lambda row: sum(row.due), currency=currency
        ),
        Column("paid", _("Paid"), Kind.MONEY, value=lambda row: sum(row.paid), currency=currency),
        Column("settled_date", _("Paid in full on"), Kind.DATE),
    )
    empty = EmptyState(_("No schedule yet"), _("It counts from the day the money is handed over."))
    return Table(_("Schedule"), columns, state.rows, empty)


def past_table(state: State, currency: str) -> list[Table]:
    """The rows a change put out of force, struck through, with the days they were in force."""
    rows = sorted(state.past_rows, key=lambda pair: (pair[1], pair[0].due_date, pair[0].number))
    if not rows:
        return []

    def part(place: int) -> Any:
        return lambda pair: pair[0].due[place]

    def money(name: str, label: Any, place: int) -> Column:
        return Column(name, label, Kind.MONEY, value=part(place), currency=currency)

    columns = (
        Column("number", _("No."), Kind.NUMBER, value=lambda pair: pair[0].number),
        Column("due_date", _("Due"), Kind.DATE, value=lambda pair: pair[0].due_date),
        money("principal", _("Principal"), 3),
        money("interest", _("Interest"), 2),
        money("fee", _("Fees"), 1),
        Column("from_date", _("In force from"), Kind.DATE, value=lambda pair: pair[0].from_date),
        Column("to_date", _("Until"), Kind.DATE, value=lambda pair: pair[1]),
    )
    return [Table(_("Before it was changed"), columns, rows, struck=True)]


def effect_table(event: LoanEvent) -> list[Table]:
    """What an event did besides settling instalments, as it counts now."""
    rows = list(event.effects.filter(replaced_at=None))
    if not rows:
        return []
    columns = (
        Column("what", _("What it did"), value=lambda row: row.get_what_display()),
        Column("component", _("Part"), value=lambda row: row.get_component_display()),
        Column("units", _("Amount"), Kind.MONEY, currency=event.loan.currency),
    )
    return [Table(_("Besides paying instalments"), columns, rows)]
