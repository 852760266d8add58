"""One budget: its lines with what was spent and what is left, in both currencies."""

from collections.abc import Sequence
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.web.lists import Action, Column, Kind, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table, Tile
from handup.projects.models import Budget
from handup.projects.spending import SpentLine, counters, spent_lines, sum_known, totals_by_currency


class BudgetPage(RecordPage):
    """One version of a budget: lines by component, pairs that disagree flagged."""

    model = Budget
    permission = "projects.view_budget"
    related = ("phase", "programme", "prepared_by", "approved_by")
    record: Budget

    def header(self) -> Header:
        """Which budget, and its approval."""
        row = self.record
        return Header(
            _t("Budget, version %(version)s") % {"version": row.version},
            subtitle=row.phase.title,
            state=State(
                row.get_state_display(), Tone.GOOD if row.state == "APPROVED" else Tone.INFO
            ),
            primary=Action(
                _("Approve the budget"),
                "projects:budget_approve",
                "projects.approve_budget",
                args=(row.pk,),
                post=True,
            )
            if row.state == "DRAFT"
            else None,
            crumbs=(
                Crumb(
                    row.programme.title,
                    reverse("projects:programme_detail", args=[row.programme_id]),
                ),
            ),
        )

    @cached_property
    def lines(self) -> list[SpentLine]:
        """The lines with what was spent on them."""
        return spent_lines(self.record)

    @property
    def tells_spent(self) -> bool:
        """Whether it says what was spent: a draft says only what is planned."""
        return self.record.state != "DRAFT" and bool(counters)

    def tiles(self) -> Sequence[Tile]:
        """How much of an approved budget is spent, and what is left."""
        if not self.tells_spent:
            return []
        tops = [item for item in self.lines if item.level == 0]
        total = sum(item.planned_reporting for item in tops)
        spent = sum_known(item.spent_reporting for item in tops)
        code = self.record.reporting_currency
        if spent is None:
            return [Tile(_t("Spent"), _t("not known"), of=format_money(total, code))]
        left = total - spent
        return [
            Tile(_t("Spent"), format_money(spent, code), of=format_money(total, code)),
            Tile(
                _t("Left"),
                format_money(left, code),
                tone=Tone.BAD if left < 0 else Tone.PLAIN,
            ),
        ]

    def in_currency(self, code: str, planned: int, spent: int | None) -> Fact:
        """What is planned and what was spent in one currency."""
        said = _t("%(planned)s planned")
        if self.tells_spent and spent is None:
            said = _t("%(planned)s planned, what was spent is not known")
        elif self.tells_spent:
            said = _t("%(planned)s planned, %(spent)s spent")
        told = {"planned": format_money(planned, code), "spent": format_money(spent or 0, code)}
        return Fact(_t("In %(currency)s") % {"currency": code}, said % told)

    def facts(self) -> Sequence[FactGroup]:
        """Who prepared and approved it, its total, and each currency beside it."""
        row = self.record
        total = sum(item.planned_reporting for item in self.lines if item.level == 0)
        by_currency = [
            self.in_currency(code, planned, spent)
            for code, (planned, spent) in totals_by_currency(self.lines).items()
        ]
        return [
            FactGroup(
                _("The budget"),
                [
                    Fact(_("Total"), format_money(total, row.reporting_currency)),
                    Fact(_("Prepared by"), row.prepared_by),
                    Fact(_("Approved by"), row.approved_by),
                    Fact(_("Approved on"), row.approved_date),
                    Fact(_("Reason of the revision"), row.reason),
                ],
            ),
            FactGroup(_("By currency"), by_currency),
        ]

    def tables(self) -> Sequence[Table]:
        """The lines, children below their parent."""
        row = self.record
        return [
            Table(
                _("Lines"),
                (
                    Column("line", _("Line"), value=line_title),
                    Column("planned_units", _("Amount"), Kind.MONEY, currency="line.currency"),
                    Column(
                        "planned_reporting",
                        _("Reporting amount"),
                        Kind.MONEY,
                        currency=row.reporting_currency,
                    ),
                    Column("spent_units", _("Spent"), Kind.MONEY, currency="line.currency"),
                    Column("left_units", _("Left"), Kind.MONEY, currency="line.currency"),
                    Column(
                        "spent_reporting",
                        _("Spent, reporting amount"),
                        Kind.MONEY,
                        currency=row.reporting_currency,
                    ),
                    Column(
                        "left_reporting",
                        _("Left, reporting amount"),
                        Kind.MONEY,
                        currency=row.reporting_currency,
                    ),
                    Column("pair", _("Check"), value=pair_state),
                ),
                self.lines,
            )
        ]


def line_title(item: SpentLine) -> str:
    """Its code and title, further in on each level."""
    return "\u2003" * item.level + str(item.line)


def pair_state(item: SpentLine) -> State | str:
    """What to look at: a line of an earlier version only, the rate a printed pair implies that does
    not agree, spending nobody can tell."""
    if item.dropped:
        return State(_t("no longer in the budget"), Tone.WARN)
    if not item.line.pair_agrees:
        text = _t("implies a rate of %(rate)s") % {"rate": item.line.implied_rate}
        return State(text, Tone.WARN)
    if counters and item.own_units is None:
        return State(_t("what was spent is not known"), Tone.WARN)
    return ""
