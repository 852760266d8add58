"""The steps of taking a portfolio over, each one form and one service."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import amount_text
from handup.lending.models import Lender, OldBook, OldLoan
from handup.lending.old_book_forms import (
    ControlsForm,
    HeadingsForm,
    ListsForm,
    OldBookForm,
    SignForm,
    TryForm,
    WayForm,
    WaysForm,
    WhyForm,
)
from handup.lending.rules.old_book import BUCKETS, TOTALS, DueDays, InterestBasis, Proof, Way
from handup.lending.services import old_book_signing as signing
from handup.lending.services import old_books as services
from handup.org.models import Office, StaffUser
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.money import currency_digits, format_number
from handup.projects.models import Programme

PERMISSION = "lending.take_over_book"


class OpenOldBook(FormPage):
    """Begin to take a portfolio over."""

    form_class = OldBookForm
    permission = PERMISSION
    title = _("Take a portfolio over")
    intro = _(
        "Choose how the other system counts. Afterwards its lists are compared with what this"
        " convention makes; nothing comes in before two persons have signed."
    )
    verb = _("Begin")

    def form_options(self) -> dict[str, Any]:
        """What she may reach."""
        programmes = Programme.objects.reached_with(self.staff, PERMISSION)
        return {
            "rows": {
                "programme": programmes.order_by("code"),
                "lender": Lender.objects.reached_with(self.staff, PERMISSION).order_by("name"),
                "office": Office.objects.order_by("name"),
                "officer": StaffUser.objects.filter(is_active=True).order_by("display_name"),
            }
        }

    def perform(self, values: dict[str, Any]) -> OldBook:
        """Open it."""
        form = OldBookForm(self.request.POST, **self.form_options())
        form.is_valid()
        names = ("code", "name", "lender", "programme", "cutover_date", "office", "officer")
        return services.open_old_book(
            acting_staff=self.staff,
            terms=form.terms(),
            due_days=DueDays(values["due_days"]),
            interest_basis=InterestBasis(values["interest_basis"]),
            contra_role=values["contra_role"],
            on=timezone.localdate(),
            id=self.new_id,
            **{name: values[name] for name in names},
        )


class BookStep(FormPage):
    """A step on one portfolio."""

    permission = PERMISSION
    subject_model = OldBook


class BringLists(BookStep):
    """The lists of loans, schedules and payments."""

    form_class = ListsForm
    title = _("Bring its lists")
    intro = _("Every fault is shown with its cell. With any fault nothing of the lists is taken.")
    verb = _("Check them")

    def initial(self) -> dict[str, Any]:
        """As the files were written before."""
        return dict(self.subject.form)

    def perform(self, values: dict[str, Any]) -> OldBook:
        """Take them."""
        tables = ("loans", "schedules", "payments")
        name, content = services.as_one({table: values[table] for table in tables})
        keys = ("delimiter", "date_form", "decimal_sign")
        return services.receive_lists(
            acting_staff=self.staff,
            book=self.subject,
            name=name,
            content=content,
            form={key: values[key] for key in keys},
        )

    def done_message(self, result: OldBook) -> str:
        """What was taken."""
        if result.fault_count:
            return ""
        return _now("%(count)s loans are listed.") % {"count": format_number(result.loans.count())}


class MatchHeadings(BookStep):
    """What the headings of the lists stand for."""

    form_class = HeadingsForm
    title = _("Match columns")
    intro = _("What you choose is kept for this portfolio.")
    verb = _("Match and check again")

    def form_options(self) -> dict[str, Any]:
        """The portfolio and the columns of its tables."""
        profile = services.matched(self.subject)
        columns = {table.name: [c.name for c in table.columns] for table in profile.tables}
        return {"book": self.subject, "columns": columns}

    def perform(self, values: dict[str, Any]) -> OldBook:
        """Match them."""
        return services.match_headings(
            acting_staff=self.staff, book=self.subject, matches=values["matches"]
        )


class TryLoans(BookStep):
    """Make the loans anew and compare."""

    form_class = TryForm
    title = _("Try its loans")
    intro = _(
        "Each schedule is made anew under the convention and the payments are replayed on it;"
        " what differs by a unit is shown."
    )
    verb = _("Try them")

    def initial(self) -> dict[str, Any]:
        """A sample first."""
        return {"sample": "30"}

    def perform(self, values: dict[str, Any]) -> OldBook:
        """Try them."""
        sample = int(values["sample"]) if values["sample"] else None
        return services.try_loans(
            acting_staff=self.staff, book=self.subject, on=timezone.localdate(), sample=sample
        )

    def done_message(self, result: OldBook) -> str:
        """What it showed."""
        equal = result.loans.filter(proof=Proof.EQUAL.value).count()
        return _now("Of %(tried)s loans tried, %(equal)s are equal to the unit.") % {
            "tried": format_number(result.sample_size),
            "equal": format_number(equal),
        }


class DecideWays(BookStep):
    """Every loan gets its way."""

    form_class = WaysForm
    title = _("Decide how each loan comes in")
    intro = _(
        "All loans are tried. Those equal to the unit come in by their terms with their payments;"
        " every other comes in as it stands, with the rows listed there."
    )
    verb = _("Decide")

    def perform(self, values: dict[str, Any]) -> OldBook:
        """Decide."""
        return services.decide_ways(
            acting_staff=self.staff,
            book=self.subject,
            on=timezone.localdate(),
            unlisted_by_terms=values["unlisted_by_terms"],
        )


class StateControls(BookStep):
    """The totals of the old trial balance."""

    form_class = ControlsForm
    title = _("Write the old totals")
    intro = _("As the old trial balance says them. A portfolio that differs cannot be signed.")
    verb = _("Keep them")

    def form_options(self) -> dict[str, Any]:
        """Its currency."""
        return {"currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """What was written before."""
        told: dict[str, Any] = self.subject.controls
        if not told:
            return {}
        amounts = {name: told.get(name) for name in TOTALS}
        ages = {f"age_{at}": told["ageing"].get(name) for at, name in enumerate(BUCKETS)}
        return {
            name: value if name == "number" or value is None else _typed(value, self.subject)
            for name, value in {**amounts, **ages}.items()
        } | {"has_ageing": bool(told["ageing"])}

    def perform(self, values: dict[str, Any]) -> OldBook:
        """Keep them."""
        form = ControlsForm(self.request.POST, **self.form_options())
        form.is_valid()
        return signing.state_controls(
            acting_staff=self.staff, book=self.subject, controls=form.controls()
        )


def _typed(units: int, book: OldBook) -> str:
    return amount_text(units, currency_digits(book.currency))


class SignStep(BookStep):
    """A step of the signatures."""

    form_class = HouseForm
    permission = "lending.sign_old_book"


class ProposeOldBook(SignStep):
    """The first signature."""

    title = _("Give the first signature")
    intro = _("Every loan has its way, and every total is the old trial balance's.")
    verb = _("Sign")

    def perform(self, values: dict[str, Any]) -> OldBook:
        """Sign first."""
        return signing.propose_old_book(
            acting_staff=self.staff, book=self.subject, proposed_date=timezone.localdate()
        )


class SignOldBook(SignStep):
    """The second signature: the loans come in."""

    form_class = SignForm
    title = _("Give the second signature")
    intro = _("The loans come in and one opening journal is posted, all at once.")
    verb = _("Sign and take the loans over")

    def perform(self, values: dict[str, Any]) -> OldBook:
        """Sign."""
        return signing.sign_old_book(
            acting_staff=self.staff,
            book=self.subject,
            signed_date=timezone.localdate(),
            reason=values.get("reason", ""),
        )

    def done_message(self, result: OldBook) -> str:
        """What came in."""
        count = result.loans.exclude(loan=None).count()
        return _now("%(count)s loans were taken over.") % {"count": format_number(count)}


class WithdrawOldBook(SignStep):
    """The first signature is taken back."""

    title = _("Take the first signature back")
    verb = _("Take it back")

    def perform(self, values: dict[str, Any]) -> OldBook:
        """Take it back."""
        return signing.withdraw_proposal(acting_staff=self.staff, book=self.subject)


class UndoOldBook(BookStep):
    """The whole portfolio goes back."""

    form_class = WhyForm
    permission = "lending.undo_old_book"
    title = _("Take the portfolio back")
    intro = _(
        "The opening journal and every event of its loans are reversed. Only while nothing has"
        " happened to them since."
    )
    verb = _("Take it back")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> OldBook:
        """Undo it."""
        return signing.undo_old_book(
            acting_staff=self.staff,
            book=self.subject,
            undone_date=timezone.localdate(),
            reason=values["reason"],
        )


class ChooseWay(FormPage):
    """How one loan comes in."""

    form_class = WayForm
    permission = PERMISSION
    subject_model = OldLoan
    title = _("Decide how it comes in")
    verb = _("Decide")

    def initial(self) -> dict[str, Any]:
        """As it is."""
        return {"way": self.subject.way}

    def perform(self, values: dict[str, Any]) -> OldLoan:
        """Decide."""
        return services.choose_way(
            acting_staff=self.staff, old_loan=self.subject, way=Way(values["way"])
        )

    def success_url(self, result: OldLoan) -> str:
        """Its page."""
        return reverse("lending:old_loan_detail", args=[result.pk])
