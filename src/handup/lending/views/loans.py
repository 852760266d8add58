"""Loans: the list, the record as of any day, and every step of a running loan."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import queries
from handup.lending.models import Loan, LoanEvent
from handup.lending.models.labels import LOAN_STATES
from handup.lending.nameless import READ_NAMES, BorrowerSearch, hide_names, shown
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.events import RECEIVED
from handup.lending.rules.loan import State
from handup.lending.services.closing import REVERSIBLE
from handup.lending.services.store import state_as_of
from handup.lending.services.withdrawal import may_withdraw_until
from handup.lending.views import behind_loan, loan_choices
from handup.lending.views.changes import quote_table
from handup.lending.views.event_words import Names, names_in, words_of
from handup.lending.views.funds import fund_facts
from handup.lending.views.links import (
    LOAN_TONES,
    borrower_href,
    days_late,
    handed_over,
    late_words,
    loan_state,
    proposal_href,
)
from handup.lending.views.loan_actions import ActionGroup, action_groups
from handup.lending.views.loan_kin import kin_facts
from handup.lending.views.loan_tables import effect_table, past_table, schedule_table
from handup.lending.views.savings import saved_facts, savings_group
from handup.lending.views.search import by_borrower
from handup.lending.views.tranches import tranche_table
from handup.lending.waiting import to_pay_out
from handup.org import reads
from handup.org.permissions import may
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Tick,
    Tone,
    Total,
)
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    Moment,
    RecordPage,
    Table,
    Tile,
)
from handup.org.web.pages import State as Shown

NUMBERS = ("code", "external_reference")


def late_ones(rows: Any) -> Any:
    """Running loans with anything past due today."""
    running = rows.filter(state=LoanState.ACTIVE, moved_date=None)
    return running.filter(next_due_date__lt=timezone.localdate())


class LoanList(ListPage):
    """Every loan the reader may see."""

    model = Loan
    permission = "lending.view_loan"
    title = _("Loans")
    related = ("person", "enterprise", "group", "lender", "officer")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="lending:loan_detail"),
        Column("borrower", _("Borrower"), value=shown),
        Column("lender.name", _("Lender"), sort="lender__name"),
        Column("approved_units", _("Lent"), Kind.MONEY, sort="approved_units"),
        Column("principal_units", _("Outstanding"), Kind.MONEY, sort="principal_units"),
        Column("disbursed_date", _("Paid out"), Kind.DATE, sort="disbursed_date"),
        Column("next_due_date", _("Next due"), Kind.DATE, sort="next_due_date"),
        Column("days_late", _("Days late"), Kind.NUMBER, value=days_late),
        Column("state", _("State"), Kind.STATE, sort="state", value=loan_state),
        Column("officer.display_name", _("Officer"), shown=False),
        Column("stated_status", _("As stated by the lender"), shown=False),
        Column("external_reference", _("Lender's number"), shown=False),
    )
    filters = (
        BorrowerSearch(
            using=by_borrower(*NUMBERS),
            label=_("Number or name, in any letters"),
            numbers=NUMBERS,
        ),
        Choice("state", _("State"), LOAN_STATES),
        Tick("late", _("only late ones"), late_ones),
        Choice("lender", _("Lender"), loan_choices.of("lender", "officer")),
        Choice("officer", _("Officer"), loan_choices.of("officer", "lender")),
        DateRange("paid_out", _("Paid out"), "disbursed_date"),
    )
    order = "-pk"
    totals = (
        Total(_("Lent"), "approved_units", Kind.MONEY, "currency"),
        Total(_("Outstanding"), "principal_units", Kind.MONEY, "currency"),
    )
    empty = EmptyState(_("No loans yet"), _("A loan begins with an application."))
    person_path = "person_id"
    highest = "P"

    @staticmethod
    def as_seen(staff: Any, records: Sequence[Any]) -> None:
        """With a code for the borrowers the reader may not know by name."""
        hide_names(staff, records)


class LoanPage(RecordPage):
    """One loan, as it stands today or on any day asked for."""

    model = Loan
    permission = "lending.view_loan"
    related = (
        "person",
        "enterprise",
        "group",
        "lender",
        "officer",
        "office",
        "programme",
        "agreement__application",
    )
    person_path = "person_id"
    template = "lending/loan.html"

    _state: State | None = None

    @property
    def on(self) -> date:
        """The day the page looks at."""
        try:
            return date.fromisoformat(self.request.GET.get("as_of", ""))
        except ValueError:
            return timezone.localdate()

    @property
    def state(self) -> State:
        """The fold as of that day."""
        if self._state is None:
            self._state = state_as_of(self.record, self.on)
        return self._state

    def _money(self, units: int) -> str:
        return format_money(units, self.record.currency)

    @property
    def named(self) -> bool:
        """Whether the reader may know who borrows, and read what was written of her."""
        return may(self.staff, READ_NAMES, self.record)

    def header(self) -> Header:
        """Number, borrower, state, the one thing to do."""
        loan = self.record
        hide_names(self.staff, [loan])
        pk = (loan.pk,)
        paid = Action(
            _("Record repayment"), "lending:record_repayment", "lending.record_repayment", pk
        )
        out = Action(_("Pay out"), "lending:disburse_loan", "lending.disburse_loan", pk)
        recovery = Action(
            _("Record recovery"), "lending:record_recovery", "lending.record_recovery", pk
        )
        primary = {
            LoanState.AGREED.value: out if to_pay_out([loan], self.staff) else None,
            LoanState.ACTIVE.value: paid,
            LoanState.WRITTEN_OFF.value: recovery,
        }.get(loan.state)
        if loan.moved_date is not None:
            primary = None
        late = self.state.arrears_days(self.on)
        label = dict(LOAN_STATES)[self.state.state.value]
        state = late_words(late) if late else Shown(label, LOAN_TONES[self.state.state.value])
        return Header(
            loan.code,
            shown(loan),
            state=state,
            primary=primary,
            actions=self._actions(),
            crumbs=(Crumb(_("Loans"), reverse("lending:loan_list")),),
        )

    def _actions(self) -> tuple[Action, ...]:
        loan = self.record
        pk = (loan.pk,)
        if not self.named:
            return ()
        found = [
            Action(_("Print the schedule"), "lending:schedule_paper", args=pk),
            Action(_("Print a statement"), "lending:statement_paper", args=pk),
        ]
        if loan.agreement_id:
            found.append(Action(_("Print the agreement"), "lending:agreement_paper", args=pk))
        return tuple(found)

    def _groups(self) -> list[ActionGroup]:
        """What can be done with the loan; on another day's view nothing."""
        if self.on != timezone.localdate():
            return []
        behind = behind_loan.loan_actions(self.staff, self.record, self.state.arrears_days(self.on))
        return action_groups(self.staff, self.record, self.state, self.on, behind)

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What stands out: another day, the lender's own word, a proposal that waits."""
        loan = self.record
        found: list[tuple[Tone, Any]] = [*behind_loan.loan_notes(self.staff, loan)]
        if self.on != timezone.localdate():
            text = _now("This is the loan as of %(day)s.") % {"day": format_day(self.on)}
            found.append((Tone.INFO, text))
        if loan.moved_date is not None:
            found.append((Tone.INFO, handed_over(loan.moved_date)))
        if loan.stated_status:
            text = _now("Status as stated by the lender: %(status)s.") % {
                "status": loan.stated_status
            }
            found.append((Tone.INFO, text))
        if not loan.lender.posts_loans:
            found.append(
                (Tone.INFO, _("A mirror of the bank's own book; ours hold nothing of it."))
            )
        return found

    def tiles(self) -> Sequence[Tile]:
        """What is owed, what is late, how far it is repaid."""
        state = self.state
        overdue = sum(state.overdue(self.on))
        done = sum(1 for row in state.rows if not row.unpaid)
        share = done * 1_000_000 // len(state.rows) if state.rows else 0
        return [
            Tile(_("Outstanding principal"), self._money(state.principal)),
            Tile(
                _("Overdue"),
                self._money(overdue),
                tone=Tone.BAD if overdue else Tone.PLAIN,
                how=_("Unpaid parts of instalments past their due date."),
            ),
            Tile(
                _("Instalments paid"),
                _now("%(done)s of %(all)s") % {"done": done, "all": len(state.rows)},
                how=_("Instalments fully paid."),
                share_ppm=share,
            ),
        ]

    def timeline(self) -> Sequence[Moment]:
        """Every event with its split."""
        reversed_ids = set(
            self.record.events.exclude(reverses=None).values_list("reverses_id", flat=True)
        )
        events = self.record.events.filter(value_date__lte=self.on).select_related("recorded_by")
        names = names_in(events, self.staff)
        return [self._moment(event, names, event.pk in reversed_ids) for event in events]

    def _moment(self, event: LoanEvent, names: Names, is_reversed: bool) -> Moment:
        text = self._money(event.units) if event.units else ""
        if words := words_of(event, names):
            text = " · ".join(part for part in (text, words) if part)
        href = reverse("lending:event_detail", args=[event.pk])
        if is_reversed:
            text = _now("%(text)s, reversed") % {"text": text}
        elif event.reason and self.named:
            text = " · ".join(part for part in (text, event.reason) if part)
        tone = Tone.WARN if is_reversed or event.kind == EventKind.REVERSED else Tone.PLAIN
        return Moment(event.value_date, event.get_kind_display(), text, href, tone)

    def facts(self) -> Sequence[FactGroup]:
        """Terms, money, people."""
        loan, state = self.record, self.state
        sums = {
            name: sum(row.paid[place] for row in state.rows)
            for place, name in enumerate(("penalty", "fee", "interest", "principal"))
        }
        return [
            FactGroup(
                _("Loan"),
                [
                    Fact(_("Borrower"), shown(loan), borrower_href(loan)),
                    Fact(
                        _("Lender"),
                        loan.lender,
                        reverse("lending:lender_detail", args=[loan.lender_id]),
                    ),
                    *fund_facts(_("Out of the fund"), loan.fund),
                    Fact(_("Officer"), loan.officer),
                    Fact(_("Lent"), self._money(loan.approved_units)),
                    Fact(_("Agreed on"), loan.agreed_date),
                    Fact(_("Paid out on"), state.disbursed_date),
                    *self._right(),
                    Fact(_("Last instalment due"), state.last_due_date),
                    Fact(_("Repaid on"), state.settled_date),
                    Fact(_("Lender's number"), loan.external_reference),
                    *kin_facts(self.staff, loan),
                ],
            ),
            FactGroup(
                _("Paid so far"),
                [
                    Fact(_("Principal"), self._money(sums["principal"])),
                    Fact(_("Interest"), self._money(sums["interest"])),
                    Fact(_("Fees"), self._money(sums["fee"])),
                    Fact(_("Penalties"), self._money(sums["penalty"])),
                    Fact(_("Overpaid"), self._money(state.overpaid)),
                    *self._beside(),
                    Fact(_("Written off"), self._money(state.written_off)),
                    Fact(_("Recovered"), self._money(state.recovered)),
                ],
            ),
            *((saved,) if (saved := savings_group(loan, self.staff, self.on)) is not None else ()),
        ]

    def _right(self) -> list[Fact]:
        """Until when the borrower may withdraw, while that is to come."""
        until = may_withdraw_until(self.record)
        if until is None or until < self.on:
            return []
        return [Fact(_("The borrower may withdraw until"), until)]

    def _beside(self) -> list[Fact]:
        """What happened beside paying, where anything did."""
        state = self.state
        named = (
            (_("Waived"), sum(state.waived)),
            (_("Added to principal"), state.capitalised),
            (_("Handed back"), state.refunded),
        )
        return [Fact(label, self._money(units)) for label, units in named if units]

    def tables(self) -> Sequence[Table]:
        """The schedule, what it was before changes, and proposals that were made."""
        currency = self.record.currency
        found = [schedule_table(self.state, currency), *past_table(self.state, currency)]
        found += [
            *tranche_table(self.record, named=self.named),
            *(quote_table(self.record) if self.named else ()),
        ]
        found += behind_loan.loan_tables(self.staff, self.record)
        reads.note(
            self.request,
            behind_loan.persons_of_loan(self.staff, self.record),
            highest=behind_loan.highest_shown(self.staff),
        )
        proposals = list(self.record.proposals.select_related("proposed_by"))
        if proposals and self.named:
            columns = (
                Column(
                    "kind",
                    _("What"),
                    value=lambda row: row.get_kind_display(),
                    href=proposal_href,
                ),
                Column("proposed_date", _("Proposed"), Kind.DATE),
                Column("proposed_by.display_name", _("By")),
                Column("reason", _("Reason")),
                Column("state", _("State"), Kind.STATE),
                Column("decided_reason", _("Why")),
            )
            found.append(Table(_("Proposals"), columns, proposals))
        return found

    def context(self) -> dict[str, Any]:
        """The day for the as-of box, and what can be done."""
        return {"as_of": self.on, "action_groups": self._groups()}


class EventPage(RecordPage):
    """One event: what it settled and did, where every unit of it went, and why."""

    model = LoanEvent
    permission = "lending.view_loan"
    related = ("loan", "loan__person", "recorded_by")
    person_path = "loan__person_id"

    def header(self) -> Header:
        """What and how much."""
        event = self.record
        kind, pk = EventKind(event.kind), (event.pk,)
        actions: list[Action] = []
        if kind in RECEIVED or kind is EventKind.RECOVERED:
            receipt = "lending:receipt_paper"
            actions.append(Action(_("Print the receipt"), receipt, READ_NAMES, args=pk))
        gone = LoanEvent.objects.filter(reverses=event).exists()
        if not gone and kind in RECEIVED:
            actions.append(
                Action(_("Reverse"), "lending:reverse_repayment", "lending.reverse_repayment", pk)
            )
        if not gone and kind in REVERSIBLE:
            actions.append(
                Action(_("Reverse"), "lending:reverse_event", "lending.reverse_loan_event", pk)
            )
        return Header(
            event.get_kind_display(),
            format_money(event.units, event.loan.currency),
            state=Shown(_("Reversed"), Tone.WARN) if gone else None,
            actions=tuple(actions),
            crumbs=(Crumb(event.loan.code, reverse("lending:loan_detail", args=[event.loan_id])),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """When, how, by whom."""
        event = self.record
        told = may(self.staff, READ_NAMES, event)
        return [
            FactGroup(
                _("Payment") if EventKind(event.kind) in RECEIVED else _("What happened"),
                [
                    Fact(_("On"), event.value_date),
                    Fact(_("In detail"), words_of(event, names_in([event], self.staff))),
                    Fact(_("Reason"), event.reason if told else ""),
                    Fact(_("How"), event.get_method_display()),
                    Fact(_("Reference"), event.reference if told else ""),
                    Fact(_("Recorded by"), event.recorded_by),
                    Fact(_("Received"), event.received_at),
                    Fact(_("Came by"), event.get_source_display()),
                    *saved_facts(event),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The split as it stands, and what it was before a replay."""
        currency = self.record.loan.currency

        def money(name: str, label: Any) -> Column:
            return Column(name, label, Kind.MONEY, currency=currency)

        columns = (
            Column("number", _("Instalment"), Kind.NUMBER),
            Column("due_date", _("Due"), Kind.DATE),
            money("penalty_units", _("Penalty")),
            money("fee_units", _("Fees")),
            money("interest_units", _("Interest")),
            money("principal_units", _("Principal")),
            money("overpaid_units", _("More than owed")),
        )
        splits = queries.with_due_dates(self.record.splits.order_by("number"))
        live = [split for split in splits if split.replaced_at is None]
        old = [split for split in splits if split.replaced_at is not None]
        found = []
        if live:
            text = _("Why this split: oldest instalment first; penalty, fees, interest, principal")
            found.append(Table(text, columns, live))
        found += effect_table(self.record)
        if old:
            found.append(Table(_("How it was split before an earlier event arrived"), columns, old))
        return found
