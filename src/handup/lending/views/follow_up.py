"""Talks about late loans: the form, the log on the loan's page, the reminders of the coming days
and the notice that is printed for one of them.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending.forms import MoneyOfForm
from handup.lending.models import ArrearsContact, Loan
from handup.lending.models.labels import CHANNELS, NEXT_STEPS, PROMISE_STATES, SPOKE_WITH
from handup.lending.nameless import named_only
from handup.lending.queries import due_rows
from handup.lending.rules.codes import LoanState
from handup.lending.rules.follow_up import Channel, NextStep, SpokeWith
from handup.lending.services import follow_up as services
from handup.lending.still_here import loans_here
from handup.lending.views.links import PROMISE_TONES
from handup.lending.views.steps import LoanForm
from handup.lending.work_list import REMIND_DAYS, Reminder, promises, reminders
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, State
from handup.org.web.forms import DayField, MoneyField, Question
from handup.org.web.lists import EmptyState
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Action, Fact, FactGroup, FiguresPage, Header, PaperPage, Table

LABELS = dict(PROMISE_STATES)
AHEAD = [("3", _("3 days")), ("7", _("7 days")), ("14", _("14 days")), ("30", _("30 days"))]


class ContactForm(MoneyOfForm):
    """One talk."""

    contact_date = DayField(label=_("Day"))
    channel = forms.ChoiceField(label=_("How"), choices=CHANNELS)
    spoke_with = forms.ChoiceField(label=_("Spoke with"), choices=SPOKE_WITH)
    note = forms.CharField(
        label=_("What was said"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2_000,
        required=False,
    )
    promised_units = MoneyField(label=_("Amount promised"), required=False)
    promised_date = DayField(label=_("Promised for"), required=False)
    next_step = forms.ChoiceField(label=_("Next step"), choices=NEXT_STEPS)
    next_date = DayField(label=_("On"), required=False)
    questions = (
        Question(_("Who was reached?"), ("contact_date", "channel", "spoke_with", "note")),
        Question(
            _("What was promised?"),
            ("promised_units", "promised_date"),
            _("Leave empty when nothing was. Whether it is kept follows from the payments."),
        ),
        Question(_("What comes next?"), ("next_step", "next_date")),
    )

    def clean(self) -> dict[str, Any]:
        """A promise is an amount and a day."""
        found = super().clean() or {}
        amount, day = found.get("promised_units"), found.get("promised_date")
        if (amount is None) != (day is None) and not self.errors:
            missing = "promised_date" if day is None else "promised_units"
            self.add_error(missing, _("A promise is an amount and a day; write both."))
        return found


class RecordContact(LoanForm):
    """Write down one talk about a loan."""

    form_class = ContactForm
    permission = "lending.record_contact"
    title = _("Record a talk about the loan")
    verb = _("Record the talk")

    def form_options(self) -> dict[str, Any]:
        """The loan's currency."""
        return {"currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today, by telephone, with the borrower."""
        return {
            "contact_date": timezone.localdate(),
            "channel": Channel.CALL.value,
            "spoke_with": SpokeWith.BORROWER.value,
            "next_step": NextStep.NONE.value,
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        amount, day = values["promised_units"], values["promised_date"]
        return services.record_contact(
            acting_staff=self.staff,
            loan=self.subject,
            contact_date=values["contact_date"],
            channel=Channel(values["channel"]),
            spoke_with=SpokeWith(values["spoke_with"]),
            note=values["note"],
            promise=services.PromiseIn(amount, day) if amount and day else None,
            next_step=NextStep(values["next_step"]),
            next_date=values["next_date"],
            id=self.new_id,
        )

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The talk is recorded.")


def contact_table(staff: StaffUser, loan: Loan) -> Sequence[Table]:
    """The talks about a loan with what became of each promise, for whoever follows it up."""
    rows = list(ArrearsContact.objects.visible_to(staff).filter(loan=loan).select_related("staff"))
    if not rows:
        return ()
    outcomes = {line.contact.pk: line for line in promises(rows, timezone.localdate())}

    def promised(row: ArrearsContact) -> str:
        if row.promised_units is None or row.promised_date is None:
            return ""
        return (
            f"{format_money(row.promised_units, loan.currency)} · {format_day(row.promised_date)}"
        )

    def outcome(row: ArrearsContact) -> Any:
        line = outcomes.get(row.pk)
        if line is None:
            return ""
        state = line.outcome.state
        return State(LABELS[state.value], PROMISE_TONES[state])

    def following(row: ArrearsContact) -> str:
        if row.next_date is None:
            return ""
        return f"{row.get_next_step_display()} · {format_day(row.next_date)}"

    columns = (
        Column("contact_date", _("Day"), Kind.DATE),
        Column("channel", _("How"), value=lambda row: row.get_channel_display()),
        Column("spoke_with", _("Spoke with"), value=lambda row: row.get_spoke_with_display()),
        Column("staff.display_name", _("Who spoke")),
        Column("note", _("What was said")),
        Column("promised", _("Promised"), value=promised),
        Column("outcome", _("Promise"), value=outcome),
        Column("next_step", _("Next step"), value=following),
    )
    return (Table(_("Talks about the loan"), columns, rows),)


def contact_action(loan: Loan) -> tuple[Action, ...]:
    """Record a talk about a loan that somebody still owes."""
    if loan.state not in (LoanState.ACTIVE, LoanState.WRITTEN_OFF):
        return ()
    pk = (loan.pk,)
    return (Action(_("Record a talk"), "lending:contact_new", "lending.record_contact", pk),)


class RemindersPage(FiguresPage):
    """What falls due in the coming days, for a call or a printed notice; nothing is sent by
    itself.
    """

    permission = "lending.view_borrower"
    title = _("Reminders")
    intro = _("Instalments of the coming days, to call about or to bring a notice for.")
    template = "lending/arrears.html"

    @property
    def days(self) -> int:
        """How many days ahead."""
        asked = str(self.request.GET.get("days", ""))
        return int(asked) if asked in dict(AHEAD) else REMIND_DAYS

    @property
    def officer(self) -> UUID | None:
        """Whose loans; everyone's when not chosen."""
        try:
            return UUID(str(self.request.GET.get("officer", "")))
        except ValueError:
            return None

    @cached_property
    def rows(self) -> list[Reminder]:
        """Every loan of the reader's with an instalment in those days."""
        loans = named_only(Loan.objects.visible_to(self.staff), self.staff)
        found = reminders(timezone.localdate(), loans, None, self.days)
        persons = [item.loan.person_id for item in found if item.loan.person_id]
        reads.note(self.request, persons, action="LIST")
        return found

    def context(self) -> dict[str, Any]:
        """The filters."""
        loans = [item.loan for item in self.rows]
        names = dict(
            StaffUser.objects.filter(pk__in={loan.officer_id for loan in loans}).values_list(
                "pk", "display_name"
            )
        )
        officers = sorted(((str(pk), name) for pk, name in names.items()), key=lambda two: two[1])
        return {
            "choices": (
                ("officer", _("Officer"), officers, str(self.officer or "")),
                ("days", _("Within"), AHEAD, str(self.days)),
            ),
        }

    def tables(self) -> Sequence[Table]:
        """The instalments ahead, the next one first."""
        rows = [item for item in self.rows if self.officer in (None, item.loan.officer_id)]
        columns = [
            Column("due_date", _("Due"), Kind.DATE),
            Column(
                "loan.code",
                _("Number"),
                Kind.LINK,
                href=lambda row: reverse("lending:loan_detail", args=[row.loan.pk]),
            ),
            Column("borrower", _("Borrower"), value=lambda row: str(row.loan.borrower)),
            Column("due_units", _("Due that day"), Kind.MONEY, currency="loan.currency"),
            Column("late_units", _("Late already"), Kind.MONEY, currency="loan.currency"),
            Column(
                "notice",
                _("Notice"),
                Kind.LINK,
                value=lambda row: _("Print"),
                href=lambda row: reverse("lending:reminder_paper", args=[row.loan.pk]),
            ),
        ]
        if may(self.staff, "lending.record_contact"):
            columns.append(
                Column(
                    "talk",
                    _("Talk"),
                    Kind.LINK,
                    value=lambda row: _("Record"),
                    href=lambda row: reverse("lending:contact_new", args=[row.loan.pk]),
                )
            )
        empty = EmptyState(_("Nothing falls due"), _("No instalment is due in these days."))
        return [Table(_("Instalments ahead"), columns, rows, empty)]


class ReminderPaper(PaperPage):
    """A notice for one borrower, A6: what falls due when, and what is late."""

    model = Loan
    permission = "lending.view_borrower"
    related = ("person", "enterprise", "group", "lender", "officer")
    person_path = "person_id"
    paper = "a6"

    def rows(self) -> Any:
        """Running loans."""
        mine = named_only(super().rows(), self.staff)
        return loans_here(mine).filter(state=LoanState.ACTIVE)

    def header(self) -> Header:
        """A friendly title."""
        return Header(_("Your next instalment"), self.record.code)

    def facts(self) -> Sequence[FactGroup]:
        """What is due next, and what is late."""
        loan, today = self.record, timezone.localdate()
        mine = Loan.objects.filter(pk=loan.pk)
        unpaid = list(due_rows(loan.last_due_date or today, mine))
        ahead = [row for row in unpaid if row.due_date >= today]
        late = sum(row.due_units - row.paid_units for row in unpaid if row.due_date < today)
        facts = [Fact(_("Borrower"), loan.borrower)]
        if ahead:
            first = ahead[0]
            left = format_money(first.due_units - first.paid_units, loan.currency)
            facts += [Fact(_("Due on"), first.due_date), Fact(_("Amount"), left)]
        if late:
            facts.append(Fact(_("Late already"), format_money(late, loan.currency)))
        facts += [
            Fact(_("To be paid to"), loan.lender),
            Fact(_("Ask"), loan.officer),
            Fact(_("Printed on"), today),
        ]
        return [FactGroup(_("Reminder"), facts)]

    def context(self) -> dict[str, Any]:
        """The loan's number, to be named with the payment."""
        return {"code": self.record.code}
