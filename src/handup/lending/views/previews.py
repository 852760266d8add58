"""What an agreed change would do, drawn for the page and for the paper."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.forms import ChoiceField, Field
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.standing import Parts
from handup.lending.change_forms import (
    ChangeForm,
    MoratoriumForm,
    RateField,
    RefinanceForm,
    RescheduleForm,
    RestructureForm,
)
from handup.lending.models import Loan, LoanProposal
from handup.lending.rules.codes import EventKind
from handup.lending.rules.loan import FEE, INTEREST, PENALTY, PRINCIPAL
from handup.lending.rules.preview import Preview, Side, StillDue
from handup.lending.services.funds import funds_between
from handup.lending.services.refinancing import Refinancing
from handup.lending.views.terms import percent
from handup.org.web.columns import Column, Kind
from handup.org.web.forms import DayField
from handup.org.web.lists import EmptyState
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.pages import Fact, FactGroup, Table, Tile

Pair = tuple[StillDue | None, StillDue | None]


def _was(text: str) -> str:
    return _now("before %(value)s") % {"value": text}


def preview_tiles(found: Preview, currency: str) -> Sequence[Tile]:
    """What is still to be paid, what it costs, the yearly rate, the last day: then and now."""
    before, after = found.before, found.after

    def money(units: int) -> str:
        return format_money(units, currency)

    def day(side: Side) -> str:
        return "–" if side.last_due is None else format_day(side.last_due)

    return [
        Tile(
            _("Still to be paid"),
            money(after.total),
            change=_was(money(before.total)),
            how=_("All instalments that are not paid yet."),
        ),
        Tile(
            _("Of it interest, fees and penalties"),
            money(after.cost),
            change=_was(money(before.cost)),
        ),
        Tile(
            _("Yearly percentage rate"),
            percent(after.rate_ppm),
            change=_was(percent(before.rate_ppm)),
            how=_("From the day of the change on, of all that is owed that day."),
        ),
        Tile(
            _("Largest payment on one day"),
            money(after.dearest),
            change=_was(money(before.dearest)),
        ),
        Tile(_("Last instalment due"), day(after), change=_was(day(before))),
    ]


def preview_facts(found: Preview, currency: str) -> Sequence[FactGroup]:
    """What is owed that day, and what becomes of what is unpaid."""

    def money(units: int) -> str:
        return format_money(units, currency)

    before, after = found.before, found.after
    groups = [
        FactGroup(
            _("On the day of the change"),
            [
                Fact(_("Day"), found.day),
                Fact(_("Outstanding principal"), _then(money, before.principal, after.principal)),
                Fact(_("Overdue"), _then(money, before.overdue, after.overdue)),
                Fact(
                    _("Days late"),
                    _then(format_number, before.arrears_days, after.arrears_days),
                ),
                Fact(
                    _("Instalments to pay"),
                    _then(format_number, len(before.rows), len(after.rows)),
                ),
            ],
        )
    ]
    kinds: tuple[tuple[str | Promise, Parts], ...] = (
        (_("Added to principal"), found.capitalised),
        (_("Carried over to the first new instalment"), found.carried),
        (_("Let go of"), found.waived),
    )
    facts = [
        Fact(label, ", ".join(_parts(parts, currency))) for label, parts in kinds if any(parts)
    ]
    if facts:
        groups.append(FactGroup(_("What becomes of what is unpaid"), facts))
    return groups


def _then(say: Callable[[int], str], before: int, after: int) -> str:
    if before == after:
        return say(after)
    return _now("%(after)s, before %(before)s") % {"after": say(after), "before": say(before)}


def _parts(parts: Parts, currency: str) -> list[str]:
    words = (
        (INTEREST, _("interest %(money)s")),
        (FEE, _("fees %(money)s")),
        (PENALTY, _("penalties %(money)s")),
    )
    return [
        str(word) % {"money": format_money(parts[place], currency)}
        for place, word in words
        if parts[place]
    ]


def preview_table(found: Preview, currency: str) -> Table:
    """The instalments before the change beside those after it."""

    def side(place: int) -> Callable[[Pair], StillDue | None]:
        return lambda pair: pair[place]

    charges = _charges(found.after)
    after = [money_column(side(1), currency, *column) for column in _after_columns(charges)]
    columns = (
        day_column(side(0), "due_before", _("Due before")),
        money_column(side(0), currency, "before", _("To pay before")),
        day_column(side(1), "due_after", _("Due after")),
        *after,
    )
    totals = ["", format_money(found.before.total, currency), "", *_totals(found.after, currency)]
    empty = EmptyState(_("Nothing is left to pay"), "")
    title = _("Schedule before and after the change")
    return Table(title, columns, found.beside, empty, footer=totals)


def schedule_tables(found: Preview, currency: str) -> list[Table]:
    """The two schedules one after the other, for paper."""
    empty = EmptyState(_("Nothing is left to pay"), "")

    def whole(row: StillDue) -> StillDue:
        return row

    made = []
    for title, side in (
        (_("Schedule before the change"), found.before),
        (_("Schedule after the change"), found.after),
    ):
        columns = [day_column(whole, "due", _("Due"))] + [
            money_column(whole, currency, *column) for column in _after_columns(_charges(side))
        ]
        made.append(Table(title, columns, side.rows, empty, footer=["", *_totals(side, currency)]))
    return made


def _charges(side: Side) -> int:
    return sum(row.parts[FEE] + row.parts[PENALTY] for row in side.rows)


def _after_columns(charges: int) -> list[Any]:
    """Name, label and parts of the amounts of a schedule; fees only where there are any."""
    found: list[Any] = [
        ("all", _("To pay")),
        ("principal", _("of it principal"), PRINCIPAL),
        ("interest", _("of it interest"), INTEREST),
    ]
    return [*found, ("charges", _("of it fees and penalties"), FEE, PENALTY)] if charges else found


def _totals(side: Side, currency: str) -> list[str]:
    sums = [sum(row.parts[place] for row in side.rows) for place in range(4)]
    found = [side.total, sums[PRINCIPAL], sums[INTEREST]]
    if _charges(side):
        found.append(sums[FEE] + sums[PENALTY])
    return [format_money(units, currency) for units in found]


def money_column(
    pick: Callable[[Any], StillDue | None],
    currency: str,
    name: str,
    label: str | Promise,
    *parts: int,
) -> Column:
    """An amount of an instalment: some parts of it, or all."""

    def units(row: Any) -> int | None:
        due = pick(row)
        if due is None:
            return None
        return sum(due.parts[part] for part in parts) if parts else due.units

    return Column(name, label, Kind.MONEY, value=units, currency=currency)


def day_column(pick: Callable[[Any], StillDue | None], name: str, label: str | Promise) -> Column:
    """The day an instalment is due."""

    def due(row: Any) -> date | None:
        found = pick(row)
        return None if found is None else found.due_date

    return Column(name, label, Kind.DATE, value=due)


def refinance_tiles(found: Refinancing) -> Sequence[Tile]:
    """What the new loan pays: the old one, fees kept back, the rest to the borrower."""
    currency = found.new.currency
    return [
        Tile(_("The new loan hands out"), format_money(found.handed_units, currency)),
        Tile(_("Pays the old loan off"), format_money(found.payoff.total, currency)),
        Tile(_("Handed to the borrower"), format_money(found.left_units, currency)),
    ]


FORMS: dict[str, type[ChangeForm]] = {
    EventKind.RESCHEDULED.value: RescheduleForm,
    EventKind.RESTRUCTURED.value: RestructureForm,
    EventKind.MORATORIUM.value: MoratoriumForm,
    EventKind.REFINANCED.value: RefinanceForm,
}
_YES_NO = {True: "yes", False: "no"}


def asked_facts(kind: str, payload: Mapping[str, Any]) -> list[Fact]:
    """What was entered, question by question; what was left empty is left out."""
    found = []
    for name, field in FORMS[kind].base_fields.items():
        value = payload.get(name)
        if value in (None, "") or (value == 0 and not isinstance(value, bool)):
            continue
        found.append(Fact(field.label or name, _said(name, field, value)))
    return found


def _said(name: str, field: Field, value: Any) -> str:
    if isinstance(field, RateField):
        return percent(value)
    if isinstance(field, DayField):
        return format_day(date.fromisoformat(value))
    if name == "into":
        return Loan.objects.filter(pk=value).values_list("code", flat=True).first() or "–"
    if isinstance(field, ChoiceField):
        chosen = _YES_NO[value] if isinstance(value, bool) else value
        choices: Any = field.choices
        return str(dict(choices)[chosen])
    return value if isinstance(value, str) else format_number(value)


def fund_facts(proposals: Iterable[LoanProposal]) -> list[Fact]:
    """From which fund to which loans would go, where the second comes to owe the first for it."""
    alike = {
        (row.loan.fund_id, row.payload.get("to"), row.payload.get("into")): row for row in proposals
    }
    pairs = (funds_between(row.loan, row.payload) for row in alike.values())
    text = _now("%(old)s, then %(new)s, which owes the first for it until that is settled")
    told = sorted({text % {"old": both[0], "new": both[1]} for both in pairs if both is not None})
    return [Fact(_("Out of which fund"), line) for line in told]
