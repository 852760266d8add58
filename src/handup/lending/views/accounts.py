"""Our accounts at banks and operators: what the bank says beside what the books say."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.ledger.models import Book
from handup.lending import services
from handup.lending.bank_shown import without_hidden
from handup.lending.bankforms import BankAccountForm, LoanAccountForm
from handup.lending.bankqueries import WAITING, Reconciliation, reconcile
from handup.lending.models import BankAccount, BankStatement, Loan, StatementLine
from handup.lending.models.banklabels import ACCOUNT_KINDS
from handup.lending.profiles import profile
from handup.lending.rules.banking.codes import AccountKind, BookWhen, Form, PainVersion
from handup.lending.views.statements import BRING, STATEMENT_COLUMNS
from handup.org import reads
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tile,
    Tone,
)
from handup.projects.models import Programme

NEW = Action(_("Add an account"), "lending:bank_account_new", "lending.open_bank_account")
SHOWN = 24


class BankAccountList(ListPage):
    """Our accounts."""

    model = BankAccount
    permission = "lending.view_bank_account"
    title = _("Bank accounts")
    related = ("organisation", "book")
    columns = (
        Column(
            "name", _("Account"), Kind.LINK, sort="name", url_name="lending:bank_account_detail"
        ),
        Column("kind", _("Kind"), value=lambda row: row.get_kind_display()),
        Column("organisation.name", _("Bank or operator")),
        Column("number", _("Account number")),
        Column("currency", _("Currency"), sort="currency"),
        Column("book.name", _("Book")),
        Column("form", _("Statements come as"), value=lambda row: row.get_form_display()),
    )
    filters = (Choice("kind", _("Kind"), ACCOUNT_KINDS),)
    order = "name"
    primary = NEW
    empty = EmptyState(
        _("No accounts yet"),
        _("An account of the programme at a bank or a mobile-money operator."),
        NEW,
    )


class BankAccountPage(RecordPage):
    """One account: does it agree with the books, what waits, which statements came."""

    model = BankAccount
    permission = "lending.view_bank_account"
    related = ("organisation", "programme", "book")

    _held: Reconciliation | None = None

    @property
    def compared(self) -> Reconciliation:
        """The books beside the statements, asked once."""
        self._held = self._held or reconcile(self.record)
        return self._held

    def header(self) -> Header:
        """Name and number; bring a statement next."""
        row = self.record
        return Header(
            row.name,
            f"{row.number} {row.currency}",
            state=None if row.active else State(_("no longer in use")),
            primary=BRING,
            actions=(
                Action(
                    _("Pay loans out"),
                    "lending:payments_new",
                    "lending.prepare_payments",
                    args=(row.pk,),
                ),
            ),
            crumbs=(Crumb(_("Bank accounts"), reverse("lending:bank_account_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What does not agree, and statements that are missing."""
        found: list[tuple[Tone, Any]] = []
        left = self.compared.unexplained
        if left:
            money = format_money(left, self.record.currency)
            found.append(
                (
                    Tone.WARN,
                    _now("Books and statements differ by %(money)s that nothing explains.")
                    % {"money": money},
                )
            )
        gaps = self.record.statements.exclude(gap_units=0).exclude(gap_units=None)
        found += [(Tone.WARN, self._gap(statement)) for statement in gaps]
        return found

    def _gap(self, statement: BankStatement) -> str:
        return _now("A statement before %(day)s is missing: %(money)s lie between.") % {
            "day": format_day(statement.from_date) if statement.from_date else "",
            "money": format_money(statement.gap_units or 0, self.record.currency),
        }

    def tiles(self) -> Sequence[Tile]:
        """Bank, books, suspense."""
        row, compared = self.record, self.compared
        waiting = StatementLine.objects.filter(account=row, fate__in=WAITING)
        units = sum(waiting.values_list("units", flat=True))
        day = format_day(compared.on) if compared.on else ""
        stated = compared.stated_units
        return [
            Tile(
                _("The bank says"),
                format_money(stated, row.currency) if stated is not None else "–",
                of=day,
                how=_("The last closing balance of the accounts that share a line of the books."),
            ),
            Tile(
                _("The books say"),
                format_money(compared.books_units, row.currency),
                of=day,
                how=_("The balance of the book's bank account at the end of that day."),
                tone=Tone.WARN if compared.unexplained else Tone.GOOD,
            ),
            Tile(
                _("On suspense"),
                format_money(units, row.currency),
                of=ngettext("%(count)s line", "%(count)s lines", waiting.count())
                % {"count": waiting.count()},
                href=reverse("lending:suspense"),
                tone=Tone.WARN if units else Tone.PLAIN,
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """The account and its files."""
        row, compared = self.record, self.compared
        limit = row.second_person_units
        money = {
            name: format_money(units, row.currency)
            for name, units in (
                ("faulty", compared.faulty_units),
                ("underway", compared.on_the_way_units),
            )
        }
        return [
            FactGroup(
                _("Account"),
                [
                    Fact(_("Kind"), row.get_kind_display()),
                    Fact(_("Bank or operator"), row.organisation),
                    Fact(_("Holder"), row.holder),
                    Fact(_("BIC"), row.bic),
                    Fact(
                        _("Book"), row.book.name, reverse("ledger:book_detail", args=[row.book_id])
                    ),
                ],
            ),
            FactGroup(
                _("Files"),
                [
                    Fact(_("Statements come as"), row.get_form_display()),
                    Fact(_("Payment orders go as"), row.get_pain_version_display()),
                    Fact(_("A loan counts as paid out"), row.get_book_when_display()),
                    Fact(
                        _("A second person agrees from"),
                        format_money(limit, row.currency) if limit is not None else None,
                        hint=_("What the program did not suggest always needs a second person."),
                    ),
                ],
            ),
            FactGroup(
                _("What explains a difference"),
                [
                    Fact(_("Lines with faults, not posted"), money["faulty"]),
                    Fact(_("Orders booked, not yet on a statement"), money["underway"]),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """The statements that came last."""
        last = self.record.statements.select_related("account").order_by("-to_date", "-pk")
        rows = list(last[:SHOWN])
        without_hidden(self.staff, rows)
        columns = tuple(column for column in STATEMENT_COLUMNS if column.name != "account.name")
        return [
            Table(
                _("Statements"),
                columns,
                rows,
                empty=EmptyState(_("No statements yet"), _("Bring the first one."), BRING),
                more=Action(
                    _("All statements"), "lending:statement_list", "lending.view_statement"
                ),
            )
        ]


class OpenBankAccount(FormPage):
    """Add an account."""

    form_class = BankAccountForm
    permission = "lending.open_bank_account"
    title = _("Add an account")
    verb = _("Add account")

    def form_options(self) -> dict[str, Any]:
        """Books and programmes the reader may see."""
        return {
            "books": Book.objects.visible_to(self.staff),
            "programmes": Programme.objects.visible_to(self.staff),
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Register it."""
        told = {
            **values,
            "kind": AccountKind(values["kind"]),
            "form": Form(values["form"]),
            "profile": profile(values["profile"]),
            "pain_version": PainVersion(values["pain_version"]),
            "book_when": BookWhen(values["book_when"]),
        }
        return services.open_bank_account(acting_staff=self.staff, id=self.new_id, **told)

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse("lending:bank_account_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The account is added.")


class NameLoanAccount(FormPage):
    """Note the account a borrower is paid to."""

    form_class = LoanAccountForm
    permission = "lending.name_loan_account"
    subject_model = Loan
    title = _("Account of the borrower")
    intro = _("The loan is paid out to it, and money that comes from it is proposed for this loan.")
    verb = _("Keep this account")

    def initial(self) -> dict[str, Any]:
        """The borrower's name."""
        if self.subject.person_id is not None:
            reads.note(self.request, persons=[self.subject.person_id], highest="P")
        return {"holder": str(self.subject.borrower)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        told = {**values, "kind": AccountKind(values["kind"])}
        return services.name_loan_account(
            acting_staff=self.staff, loan=self.subject, id=self.new_id, **told
        )

    def success_url(self, result: Any) -> str:
        """The loan's page."""
        return reverse("lending:loan_detail", args=[self.subject.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The account is kept.")
