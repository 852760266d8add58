"""Pages of compulsory savings: the accounts, one account with its movements, and each step."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.codes import SavingsHolder
from handup.kernel.credit.savings import with_instalment
from handup.lending import services
from handup.lending.forms import ReverseForm
from handup.lending.models import Application, Loan, LoanEvent, SavingsAccount, SavingsMove
from handup.lending.rules.codes import EarlierKind, LoanState, SavingsGround
from handup.lending.rules.terms import read_terms
from handup.lending.savings_forms import OpenSavingsForm, SavingsMoneyForm, SetOffForm
from handup.lending.services import savings_kept as kept
from handup.lending.services.savings import BY_HAND
from handup.lending.services.savings_set_off import can_be_set_off, set_off_after_days
from handup.lending.views.changes import MoneyForm
from handup.lending.views.links import borrower_href, handed_over
from handup.lending.views.search import by_borrower
from handup.lending.views.steps import EarlierMoney, EarlierPage
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.columns import State as Shown
from handup.org.web.forms import FormPage
from handup.org.web.lists import EmptyState, ListPage, Search, Total
from handup.org.web.money import as_decimal, format_money
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Savings of borrowers"), reverse("lending:savings_list")),)


class SavingsList(ListPage):
    """What savers keep beside their loans."""

    model = SavingsAccount
    permission = "lending.view_savings"
    title = _("Savings of borrowers")
    related = ("person", "enterprise", "group", "lender", "office")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="lending:savings_detail"),
        Column("saver", _("Saver"), value=lambda row: str(row.borrower)),
        Column("lender.name", _("Kept at"), sort="lender__name"),
        Column("saved_units", _("Saved"), Kind.MONEY, sort="saved_units"),
        Column("opened_date", _("Opened on"), Kind.DATE, sort="opened_date"),
        Column("office.name", _("Office"), shown=False),
    )
    filters = (Search(label=_("Number or name"), using=by_borrower("code")),)
    order = "-pk"
    totals = (Total(_("Saved"), "saved_units", Kind.MONEY, "currency"),)
    empty = EmptyState(
        _("No savings yet"),
        _("An account is opened from an application, or with the first savings of a loan."),
    )
    person_path = "person_id"
    highest = "P"

    def rows(self) -> Any:
        """Each with what is on it."""
        moves = SavingsMove.objects.filter(account=OuterRef("pk")).order_by().values("account")
        saved = Subquery(moves.annotate(units=Sum("units")).values("units"))
        return super().rows().annotate(saved_units=Coalesce(saved, 0))


class SavingsPage(RecordPage):
    """One account: what is on it, behind which loan, and every movement."""

    model = SavingsAccount
    permission = "lending.view_savings"
    related = ("person", "enterprise", "group", "lender", "office", "officer", "programme")
    person_path = "person_id"

    @cached_property
    def by_loan(self) -> dict[Any, int]:
        """What stands behind which loan."""
        return kept.by_loan(self.record)

    def header(self) -> Header:
        """Number, saver, what can be done."""
        row = self.record
        pay_in = Action(
            _("Record savings"), "lending:savings_pay_in", "lending.pay_in_savings", (row.pk,)
        )
        pay_out = Action(
            _("Pay savings out"), "lending:savings_pay_out", "lending.pay_out_savings", (row.pk,)
        )
        if row.moved_date is not None:
            return Header(row.code, str(row.borrower), crumbs=_crumbs())
        return Header(
            row.code, str(row.borrower), primary=pay_in, actions=(pay_out,), crumbs=_crumbs()
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """That a successor keeps it."""
        moved = self.record.moved_date
        return [] if moved is None else [(Tone.INFO, handed_over(moved))]

    def tiles(self) -> Sequence[Tile]:
        """What is saved, and what of it is free."""
        saved = sum(self.by_loan.values())
        free = kept.free_units(self.record)
        currency = self.record.currency
        return [
            Tile(_("Saved"), format_money(saved, currency)),
            Tile(
                _("Free to be paid out"),
                format_money(free, currency),
                how=_("What stands behind no loan, or behind one of which nothing is owed."),
            ),
            Tile(_("Behind loans"), format_money(saved - free, currency)),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Whose, where, since when."""
        row = self.record
        loans = Loan.objects.filter(pk__in=[pk for pk in self.by_loan if pk])
        behind = [
            Fact(
                loan.code,
                format_money(self.by_loan[loan.pk], row.currency),
                reverse("lending:loan_detail", args=[loan.pk]),
            )
            for loan in loans
        ]
        return [
            FactGroup(
                _("Account"),
                [
                    Fact(_("Saver"), row.borrower, borrower_href(row)),
                    Fact(_("Kept at"), row.lender),
                    Fact(_("Programme"), row.programme),
                    Fact(_("Office"), row.office),
                    Fact(_("Officer"), row.officer),
                    Fact(_("Opened on"), row.opened_date),
                ],
            ),
            *([FactGroup(_("Behind loans"), behind)] if behind else ()),
        ]

    def tables(self) -> Sequence[Table]:
        """Every movement, in the order of its days."""
        row = self.record
        moves = row.moves.select_related("loan", "recorded_by").order_by("value_date", "id")
        return [Table(_("Movements"), move_columns(row.currency), list(moves))]


def move_columns(currency: str) -> tuple[Column, ...]:
    """The columns of movements of savings."""
    return (
        Column("value_date", _("On"), Kind.DATE),
        Column(
            "kind",
            _("What"),
            value=lambda row: row.get_kind_display(),
            href=lambda row: reverse("lending:savings_move", args=[row.pk]),
        ),
        Column("units", _("Amount"), Kind.MONEY, currency=currency),
        Column("loan.code", _("Behind loan")),
        Column("recorded_by.display_name", _("By")),
        Column("reference", _("Reference")),
    )


class MovePage(RecordPage):
    """One movement of savings."""

    model = SavingsMove
    permission = "lending.view_savings"
    related = ("account__person", "account__lender", "loan", "recorded_by", "reverses", "event")
    person_path = "account__person_id"

    def header(self) -> Header:
        """What and how much."""
        move = self.record
        gone = SavingsMove.objects.filter(reverses=move).exists()
        kept_here = move.account.moved_date is None
        back = Action(
            _("Take it back"), "lending:savings_reverse", "lending.reverse_savings", (move.pk,)
        )
        return Header(
            move.get_kind_display(),
            format_money(move.units, move.account.currency),
            state=Shown(_("Taken back"), Tone.WARN) if gone else None,
            actions=(back,) if not gone and kept_here and move.kind in BY_HAND else (),
            crumbs=(
                *_crumbs(),
                Crumb(move.account.code, reverse("lending:savings_detail", args=[move.account_id])),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """When, how, by whom, with which payment."""
        move = self.record
        event = move.event_id and reverse("lending:event_detail", args=[move.event_id])
        loan = move.loan_id and reverse("lending:loan_detail", args=[move.loan_id])
        return [
            FactGroup(
                _("Movement"),
                [
                    Fact(_("On"), move.value_date),
                    Fact(_("How"), move.get_method_display()),
                    Fact(_("Reference"), move.reference),
                    Fact(_("Behind loan"), move.loan, loan or ""),
                    Fact(
                        _("With"),
                        move.event.get_kind_display() if move.event is not None else "",
                        event or "",
                    ),
                    Fact(_("The saver agreed on"), move.agreed_date),
                    Fact(_("Reason"), move.reason),
                    Fact(_("Recorded by"), move.recorded_by),
                ],
            )
        ]


class OpenSavings(FormPage):
    """Open the account an applicant pays into before her loan."""

    form_class = OpenSavingsForm
    permission = "lending.open_savings"
    subject_model = Application
    title = _("Open a savings account")
    intro = _("It is kept at the lender of the product, in the applicant's name.")
    verb = _("Open it")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"opened_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        return services.open_savings_for(
            acting_staff=self.staff, application=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The account."""
        return reverse("lending:savings_detail", args=[result.pk])


class _MoneyStep(EarlierMoney):
    """Money in or out of one account."""

    form_class = SavingsMoneyForm
    subject_model = SavingsAccount
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The account's currency."""
        return {**super().form_options(), "currency": self.subject.currency}

    def success_url(self, result: Any) -> str:
        """The account."""
        return reverse("lending:savings_detail", args=[self.subject.pk])

    def place(self) -> dict[str, Any]:
        """The account."""
        return {"account": self.subject}


class PayIn(_MoneyStep):
    """A saver brought money."""

    permission = "lending.pay_in_savings"
    title = _("Record savings")
    verb = _("Record savings")
    earlier = EarlierKind.SAVINGS_IN
    record = staticmethod(services.pay_in_savings)

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate()}


class PayOut(_MoneyStep):
    """A saver gets money back."""

    permission = "lending.pay_out_savings"
    title = _("Pay savings out")
    intro = _("What stands behind a loan is free when nothing of the loan is owed.")
    verb = _("Pay out")
    earlier = EarlierKind.SAVINGS_OUT
    record = staticmethod(services.pay_out_savings)

    def initial(self) -> dict[str, Any]:
        """All that is free, today."""
        free = kept.free_units(self.subject)
        units = str(as_decimal(free, self.subject.currency)) if free > 0 else ""
        return {"value_date": timezone.localdate(), "units": units}


class ReverseMove(EarlierPage):
    """Take back what was recorded by mistake."""

    form_class = ReverseForm
    earlier = EarlierKind.SAVINGS_REVERSED
    permission = "lending.reverse_savings"
    subject_model = SavingsMove
    title = _("Take a movement of savings back")
    intro = _("It stays visible beside what takes it back.")
    verb = _("Take it back")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate()}

    def place(self) -> dict[str, Any]:
        """The account."""
        return {"account": self.subject.account}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back, or propose it with the reason why only now."""
        late = values.pop("late_reason", "")
        if late:
            told = {"move": self.subject, "reason": values["reason"]}
            return self.propose(late, values["value_date"], told)
        return services.reverse_savings(
            acting_staff=self.staff,
            move=self.subject,
            reason=values["reason"],
            on=values["value_date"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The account."""
        return reverse("lending:savings_detail", args=[self.subject.account_id])


class ProposeSetOff(MoneyForm):
    """Propose to pay a loan from its borrower's savings."""

    form_class = SetOffForm
    permission = "lending.propose_set_off"
    title = _("Set savings off against the loan")
    intro = _("Savings are the saver's own. Somebody else decides.")
    verb = _("Propose it")

    def initial(self) -> dict[str, Any]:
        """As much as can be."""
        return {"units": self.typed(self.at_most), "ground": SavingsGround.AGREED.value}

    @cached_property
    def at_most(self) -> int:
        """What can be set off today."""
        return can_be_set_off(self.subject, timezone.localdate())

    def says(self) -> Sequence[FactGroup]:
        """What is saved, and from when on the saver's word is not needed."""
        facts = [
            Fact(_("Can be set off"), self.money(self.at_most)),
            Fact(_("Without the saver's word after, days late"), set_off_after_days()),
        ]
        return [FactGroup(_("Savings behind the loan"), facts)]

    def perform(self, values: dict[str, Any]) -> Any:
        """Propose."""
        return services.propose_set_off(
            acting_staff=self.staff,
            loan=self.subject,
            proposed_date=timezone.localdate(),
            id=self.new_id,
            **{**values, "ground": SavingsGround(values["ground"])},
        )

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("It waits for somebody else to decide.")


def savings_group(loan: Loan, staff: StaffUser, on: date) -> FactGroup | None:
    """What was saved beside a loan by a day, for its page; None where nothing is."""
    if not kept.saves(loan) and not SavingsMove.objects.filter(loan=loan).exists():
        return None
    if not may(staff, "lending.view_savings", loan):
        return None
    account = kept.account_of(loan)
    behind = kept.by_loan(account, on).get(loan.pk, 0) if account is not None else 0
    each = with_instalment(read_terms(loan.terms), loan.disbursed_units or loan.approved_units)
    found = [Fact(_("Behind this loan"), format_money(behind, loan.currency))]
    if account is not None:
        href = reverse("lending:savings_detail", args=[account.pk])
        found.append(Fact(_("Account"), account.code, href))
    if each:
        found.append(Fact(_("Saved with each instalment"), format_money(each, loan.currency)))
    if needed := kept.needed_for(loan):
        found.append(Fact(_("To be saved before it"), format_money(needed, loan.currency)))
    return FactGroup(_("Savings beside the loan"), found)


def savings_actions(row: Application) -> list[Action]:
    """The step that opens, or the account, of who asks for a loan beside which savings are kept."""
    holder = row.product_version.terms.get("savings_holder")
    if holder != SavingsHolder.BANK.value:
        return []
    account = kept.account_of(row)
    if account is not None:
        link = reverse("lending:savings_detail", args=[account.pk])
        return [Action(_("Savings"), permission="lending.view_savings", href=link)]
    return [
        Action(
            _("Open a savings account"), "lending:savings_new", "lending.open_savings", (row.pk,)
        )
    ]


def saved_facts(event: LoanEvent) -> list[Fact]:
    """What of a payment was saved, and what its saver then had; nothing where nothing was."""
    units = event.payload.get("saved", 0)
    if not units:
        return []
    account = kept.account_of(event.loan)
    found = [Fact(_("Saved"), format_money(units, event.loan.currency))]
    if account is not None:
        then = sum(kept.by_loan(account, event.value_date).values())
        found.append(Fact(_("Savings that day"), format_money(then, event.loan.currency)))
    return found


def set_off_action(loan: Loan) -> Action | None:
    """The step that sets savings off, where a loan runs and has any."""
    if loan.state != LoanState.ACTIVE or kept.account_of(loan) is None:
        return None
    return Action(
        _("Set savings off"), "lending:propose_set_off", "lending.propose_set_off", (loan.pk,)
    )
