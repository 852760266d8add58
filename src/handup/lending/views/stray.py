"""Cash of nobody known: what lies there and for how long, taking some in, saying what becomes of
it, and the second person's word.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.bankforms import MatchDecisionForm, ReasonOnlyForm, read_parts
from handup.lending.models import (
    Collection,
    Lender,
    Loan,
    StrayCash,
    StrayLine,
    StrayWord,
)
from handup.lending.models.stray import STRAY_KINDS, STRAY_STATES
from handup.lending.rules.banking.codes import MatchState
from handup.lending.rules.stray import ON_SUSPENSE, StrayKind, StrayState, income_from
from handup.lending.services.stray import income_days
from handup.org import reads
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.lists import Choice, DateRange, EmptyState, ListPage, Total
from handup.org.web.money import as_decimal, format_day, format_money
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, Moment, RecordPage

TONES = {
    StrayState.WAITING: Tone.WARN,
    StrayState.PROPOSED: Tone.WARN,
    StrayState.PLACED: Tone.GOOD,
    StrayState.RETURNED: Tone.PLAIN,
    StrayState.INCOME: Tone.PLAIN,
}
TAKE = Action(_("Take cash in"), "lending:stray_new", "lending.take_stray_cash")


def stray_state(row: StrayCash) -> State:
    """Where it stands."""
    return State(row.get_state_display(), TONES[StrayState(row.state)])


def days_waiting(row: StrayCash) -> int | None:
    """For how many days it has lain there; None once it has found its place."""
    waits = row.state in ON_SUSPENSE
    return (timezone.localdate() - row.received_date).days if waits else None


class StrayList(ListPage):
    """Cash that is in the till and of nobody known, the oldest first."""

    model = StrayCash
    permission = "lending.view_stray_cash"
    title = _("Cash of nobody known")
    intro = _("It is in the till and in the books; two persons say whose it is.")
    related = ("lender", "office", "recorded_by", "loan")
    columns = (
        Column("received_date", _("Taken in on"), Kind.DATE, sort="received_date"),
        Column(
            "units",
            _("Amount"),
            Kind.MONEY,
            sort="units",
            href=lambda row: reverse("lending:stray_detail", args=[row.pk]),
        ),
        Column("state", _("State"), Kind.STATE, value=stray_state),
        Column("days", _("Days waiting"), Kind.NUMBER, value=days_waiting),
        Column("told", _("What was said")),
        Column("lender.name", _("Till of")),
        Column("office.name", _("Office")),
        Column("recorded_by.display_name", _("Taken in by"), shown=False),
    )
    filters = (
        Choice("state", _("State"), STRAY_STATES),
        DateRange("received_date", _("Taken in")),
    )
    order = "received_date"
    actions = (TAKE,)
    totals = (Total(_("Amount"), "units", Kind.MONEY, "currency"),)
    empty = EmptyState(
        _("No such cash"), _("Cash that is for no loan we know is taken in here."), TAKE
    )
    person_path = "loan__person_id"
    highest = "P"


class StrayForm(HouseForm):
    """Cash that is of nobody known."""

    lender = forms.ModelChoiceField(label=_("Into the till of"), queryset=Lender.objects.none())
    units = MoneyField(label=_("Amount"))
    received_date = DayField(label=_("Taken in on"))
    told = forms.CharField(
        label=_("Who brought it, and what was said"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": "3"}),
        help_text=_("All that may help to find whose it is."),
    )
    receipt = forms.CharField(label=_("Number of the receipt"), max_length=60, required=False)

    def __init__(self, *args: Any, lenders: Any, currency: str, **options: Any) -> None:
        """Offer the lenders that keep a till."""
        super().__init__(*args, **options)
        lender, units = self.fields["lender"], self.fields["units"]
        assert isinstance(lender, forms.ModelChoiceField)
        assert isinstance(units, MoneyField)
        lender.queryset = lenders
        units.currency = currency


class TakeStray(FormPage):
    """Take cash in that is of nobody known."""

    form_class = StrayForm
    permission = "lending.take_stray_cash"
    title = _("Take in cash of nobody known")
    verb = _("Take it in")
    reads_back = True

    @cached_property
    def lenders(self) -> Any:
        """Those with a book of ours."""
        return Lender.objects.visible_to(self.staff).filter(book__isnull=False).order_by("name")

    def form_options(self) -> dict[str, Any]:
        """The lenders; the currency of the one that was chosen."""
        told = self.request.POST.get("lender", "")
        chosen = next((row for row in self.lenders if str(row.pk) == told), None)
        first = chosen or self.lenders.first()
        return {"lenders": self.lenders, "currency": first.currency if first else "USD"}

    def initial(self) -> dict[str, Any]:
        """Today, and the lender where there is one."""
        found: dict[str, Any] = {"received_date": timezone.localdate()}
        if len(self.lenders) == 1:
            found["lender"] = self.lenders[0].pk
        return found

    def perform(self, values: dict[str, Any]) -> StrayCash:
        """Take it in."""
        return services.take_stray_cash(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: StrayCash) -> str:
        """Its page."""
        return result.get_absolute_url()


class StrayPage(RecordPage):
    """Cash of nobody known: where it came from, what people said of it."""

    model = StrayCash
    permission = "lending.view_stray_cash"
    related = ("lender", "office", "recorded_by", "loan")
    person_path = "loan.person_id"

    @cached_property
    def words(self) -> list[StrayWord]:
        """What was said, the newest first."""
        rows = StrayWord.objects.visible_to(self.staff).filter(stray=self.record)
        return list(rows.select_related("proposed_by", "decided_by", "undone_by"))

    def header(self) -> Header:
        """Amount, state, the next step."""
        row = self.record
        primary, actions = None, []
        if row.state == StrayState.WAITING:
            primary = Action(
                _("Say whose it is"), "lending:stray_place", "lending.place_stray_cash", (row.pk,)
            )
        elif row.state == StrayState.PROPOSED and self.words:
            primary = Action(
                _("Decide"),
                "lending:stray_decide",
                "lending.confirm_stray_cash",
                (self.words[0].pk,),
            )
        else:
            actions.append(
                Action(
                    _("Take it back"), "lending:stray_undo", "lending.undo_stray_cash", (row.pk,)
                )
            )
        return Header(
            format_money(row.units, row.currency),
            row.told or self._sheet_words,
            state=stray_state(row),
            primary=primary,
            actions=tuple(actions),
            crumbs=(Crumb(_("Cash of nobody known"), reverse("lending:stray_list")),),
        )

    @cached_property
    def _sheet_words(self) -> str:
        """What the sheet said it came with, where she may read it."""
        line = StrayLine.objects.visible_to(self.staff).filter(stray=self.record).first()
        return "" if line is None else line.words

    @cached_property
    def _named(self) -> Loan | None:
        """The loan the sheet meant, where she knows it."""
        lines = StrayLine.objects.visible_to(self.staff).filter(stray=self.record)
        named = lines.exclude(named=None).values("named")
        return Loan.objects.visible_to(self.staff).filter(pk__in=named).first()

    def facts(self) -> Sequence[FactGroup]:
        """When, where, for how long."""
        row = self.record
        loan = row.loan
        facts = [
            Fact(_("Taken in on"), row.received_date),
            Fact(_("Days waiting"), days_waiting(row)),
            Fact(_("Till of"), row.lender.name),
            Fact(_("Office"), row.office),
            Fact(_("Taken in by"), row.recorded_by),
            Fact(_("Receipt"), row.receipt),
            Fact(_("May become income from"), income_from(row.received_date, income_days())),
        ]
        sheet = Collection.objects.visible_to(self.staff).filter(stray_lines__stray=row).first()
        if sheet is not None:
            day = format_day(sheet.held_date)
            facts.append(Fact(_("From the collection of"), day, sheet.get_absolute_url()))
        loan = loan or self._named
        if loan is not None:
            page = reverse("lending:loan_detail", args=[loan.pk])
            facts.append(Fact(_("Was taken for the loan"), loan.code, page))
        return [FactGroup(_("The money"), facts)]

    def timeline(self) -> Sequence[Moment]:
        """What people said of it."""
        found = []
        for word in self.words:
            said = _now("%(who)s: %(what)s") % {
                "who": word.proposed_by,
                "what": word_text(word, self.record, self.staff),
            }
            found.append(Moment(word.proposed_date, _("Said"), said))
            if word.decided_date:
                said = _by(word.decided_by, word.decided_reason)
                found.append(Moment(word.decided_date, word.get_state_display(), said))
            if word.undone_date:
                said = _by(word.undone_by, word.undone_reason)
                found.append(Moment(word.undone_date, _("Undone"), said))
        return found


def _by(who: Any, reason: str) -> str:
    """Who, and why where it was said."""
    return _now("%(who)s: %(what)s") % {"who": who, "what": reason} if reason else str(who)


def word_text(word: StrayWord, row: StrayCash, staff: Any) -> str:
    """What a word says; loans the reader may not see are not named."""
    loans = Loan.objects.visible_to(staff).filter(pk__in=[part["loan"] for part in word.parts])
    codes = dict(loans.values_list("pk", "code"))
    named = [
        f"{codes[UUID(part['loan'])]} {format_money(part['units'], row.currency)}"
        for part in word.parts
        if UUID(part["loan"]) in codes
    ]
    return ", ".join([str(word.get_kind_display()), *named, *([word.reason] * bool(word.reason))])


class PlaceForm(HouseForm):
    """What becomes of cash of nobody known."""

    kind = forms.ChoiceField(
        label=_("What becomes of it?"), choices=STRAY_KINDS, widget=forms.RadioSelect
    )
    loans = forms.CharField(
        label=_("Of which loan"),
        required=False,
        widget=forms.Textarea(attrs={"rows": "3"}),
        max_length=2000,
        help_text=_("The number of the loan. Of several, one line each: number, space, amount."),
    )
    reason = forms.CharField(label=_("How it was found out"), max_length=300, required=False)

    def __init__(self, *args: Any, stray: StrayCash, staff: Any, **options: Any) -> None:
        """Know the cash and the reader."""
        super().__init__(*args, **options)
        self.stray, self.staff = stray, staff

    def clean(self) -> dict[str, Any]:
        """Read the loans where it pays loans."""
        values = super().clean() or self.cleaned_data
        values["parts"] = []
        if values.get("kind") != StrayKind.LOANS:
            return values
        row, text = self.stray, str(values.get("loans") or "").strip()
        if len(text.split()) == 1:
            text = f"{text} {as_decimal(row.units, row.currency)}"
        values["parts"] = read_parts(self, "loans", text, row.currency, self.staff)
        if not values["parts"] and "loans" not in self.errors:
            self.add_error("loans", _("Write the number of the loan."))
        return values


class StrayStep(FormPage):
    """A step on some of this cash; afterwards its page."""

    subject_model = StrayCash

    def subject_name(self) -> str:
        """How much."""
        return str(format_money(self.subject.units, self.subject.currency))

    def success_url(self, result: Any) -> str:
        """The cash's page."""
        return reverse("lending:stray_detail", args=[self.subject.pk])


class PlaceStray(StrayStep):
    """Say what becomes of it."""

    form_class = PlaceForm
    permission = "lending.place_stray_cash"
    title = _("Whose is this cash?")
    intro = _("It takes effect when another person agrees.")
    verb = _("Say so")

    def form_options(self) -> dict[str, Any]:
        """The cash and the reader."""
        return {"stray": self.subject, "staff": self.staff}

    def perform(self, values: dict[str, Any]) -> StrayWord:
        """Say it."""
        return services.place_stray_cash(
            acting_staff=self.staff,
            stray=self.subject,
            kind=StrayKind(values["kind"]),
            parts=values["parts"],
            on=timezone.localdate(),
            reason=values["reason"],
            id=self.new_id,
        )


class UndoStray(StrayStep):
    """Take back what it became."""

    form_class = ReasonOnlyForm
    permission = "lending.undo_stray_cash"
    title = _("Take it back")
    intro = _("What was posted is reversed, and the money lies on suspense again.")
    verb = _("Take it back")

    def perform(self, values: dict[str, Any]) -> StrayCash:
        """Take it back."""
        return services.undo_stray_cash(
            acting_staff=self.staff, stray=self.subject, on=timezone.localdate(), **values
        )


class DecideStray(FormPage):
    """Agree, or not, to what another person said of it."""

    form_class = MatchDecisionForm
    permission = "lending.confirm_stray_cash"
    subject_model = StrayWord
    title = _("Do you agree?")
    verb = _("Decide")

    def initial(self) -> dict[str, Any]:
        """Yes."""
        return {"agree": "yes"}

    def lead(self) -> str:
        """What was said."""
        word = self.subject
        row = word.stray
        loans = [part["loan"] for part in word.parts]
        persons = Loan.objects.visible_to(self.staff).filter(pk__in=loans, person__isnull=False)
        told = list(persons.values_list("person_id", flat=True))
        reads.note(self.request, persons=told, action="VIEW", highest="P")
        return f"{format_money(row.units, row.currency)} – {word_text(word, row, self.staff)}"

    def perform(self, values: dict[str, Any]) -> StrayWord:
        """Confirm, or decline."""
        on: date = timezone.localdate()
        service = (
            services.confirm_stray_cash if values["agree"] == "yes" else services.decline_stray_cash
        )
        return service(acting_staff=self.staff, word=self.subject, on=on, reason=values["reason"])

    def success_url(self, result: StrayWord) -> str:
        """The cash's page."""
        return reverse("lending:stray_detail", args=[self.subject.stray_id])

    def done_message(self, result: StrayWord) -> str:
        """Whether it took effect."""
        if result.state == MatchState.CONFIRMED:
            return _now("It is booked.")
        return _now("It waits again.")
