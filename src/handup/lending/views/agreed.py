"""Agreed changes of a loan: proposed with what they would do in view, decided by another person."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.credit.codes import DueUnit, Method, Repayment
from handup.kernel.errors import Refusal
from handup.lending import services
from handup.lending.change_forms import (
    ChangeForm,
    MoratoriumForm,
    RefinanceForm,
    RescheduleForm,
    RestructureForm,
)
from handup.lending.models import Loan, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.codes import Method as PaidBy
from handup.lending.rules.preview import Preview
from handup.lending.services.refinancing import look_at, may_refinance
from handup.lending.still_here import loans_here
from handup.lending.views.previews import (
    preview_facts,
    preview_table,
    preview_tiles,
    refinance_tiles,
)
from handup.lending.views.steps import LoanForm
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.money import format_money
from handup.org.web.pages import (
    Crumb,
    Header,
    RecordPage,
    Task,
    TaskGroup,
    Tile,
)


def drawn(found: Preview, currency: str) -> dict[str, Any]:
    """A preview as the templates take it."""
    return {
        "preview": True,
        "tiles": preview_tiles(found, currency),
        "fact_groups": preview_facts(found, currency),
        "tables": [preview_table(found, currency)],
    }


class ShowsPreview(FormPage, ABC):
    """A form whose second page shows what the change would do before it is sent."""

    template = "lending/change.html"
    reads_back = True
    _preview: dict[str, Any] | None = None

    @abstractmethod
    def preview(self, values: dict[str, Any]) -> Preview | None:
        """What the answers would do; None when they do nothing. Raises what is refused."""

    @abstractmethod
    def currency(self) -> str:
        """The currency of the loan."""

    def _show(self, form: HouseForm, *, reading_back: bool = False) -> HttpResponse:
        if reading_back:
            try:
                found = self.preview(form.cleaned_data)
            except Refusal as refusal:
                form.refuse(refusal)
                return super()._show(form)
            self._preview = None if found is None else drawn(found, self.currency())
        return super()._show(form, reading_back=reading_back)

    def context(self) -> dict[str, Any]:
        """The preview, on the page that reads back."""
        return self._preview or {}


class ProposeChange(ShowsPreview, LoanForm):
    """Propose a change of one loan; somebody else decides."""

    form_class: ClassVar[type[ChangeForm]]
    permission = "lending.propose_change"
    verb = _("Propose the change")
    kind: ClassVar[EventKind]

    def currency(self) -> str:
        """That of the loan."""
        return str(self.subject.currency)

    @abstractmethod
    def asked(self, values: dict[str, Any]) -> dict[str, Any]:
        """The answers as the service takes them."""

    @abstractmethod
    def payload(self, values: dict[str, Any]) -> dict[str, Any]:
        """The answers as the proposal keeps them."""

    def preview(self, values: dict[str, Any]) -> Preview:
        """What they would do from the day named."""
        payload = self.payload(self.asked(values))
        return services.preview_of(self.subject, self.kind, payload, values["value_date"])

    @abstractmethod
    def propose(self, **told: Any) -> LoanProposal:
        """Call the service."""

    def perform(self, values: dict[str, Any]) -> LoanProposal:
        """Propose it."""
        return self.propose(
            acting_staff=self.staff,
            loan=self.subject,
            proposed_date=values["value_date"],
            reason=values["reason"],
            id=self.new_id,
            **self.asked(values),
        )

    def success_url(self, result: Any) -> str:
        """The proposal."""
        return reverse("lending:change_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The change is proposed; another person decides.")


_ASKED = ("from_date", "shift_to")


def _day_asked(text: str) -> date | None:
    """A day of the address; None where it says none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class ProposeReschedule(ProposeChange):
    """Instalments on other days, with grace, more of them, or at another rate."""

    form_class = RescheduleForm
    title = _("Move instalments")
    intro = _("What is owed stays as it is; only when it is paid, or its rate, changes.")
    kind = EventKind.RESCHEDULED

    def initial(self) -> dict[str, Any]:
        """Today, from the next instalment on, or as the list of closed days asks it."""
        today = timezone.localdate()
        asked = {name: _day_asked(self.request.GET.get(name, "")) for name in _ASKED}
        row = self.subject.dues.filter(
            replaced_at=None, to_date=None, settled_date=None, due_date__gte=today
        ).first()
        return {
            "value_date": today,
            "from_date": row.due_date if row else today,
            "principal_grace": 0,
            "extra_instalments": 0,
            "alone": self.request.GET.get("alone") == "1",
            **{name: day for name, day in asked.items() if day is not None},
        }

    def asked(self, values: dict[str, Any]) -> dict[str, Any]:
        """As they are."""
        names = ("from_date", "shift_to", "principal_grace", "extra_instalments", "rate_ppm")
        return {name: values[name] for name in (*names, "alone")}

    def payload(self, values: dict[str, Any]) -> dict[str, Any]:
        """Days as text."""
        return services.reschedule_payload(**values)

    def propose(self, **told: Any) -> LoanProposal:
        """Propose it."""
        return services.propose_reschedule(**told)


class ProposeRestructure(ProposeChange):
    """New terms for all that is owed."""

    form_class = RestructureForm
    title = _("Put the loan on new terms")
    intro = _(
        "All that is owed that day becomes a new schedule. The loan counts as restructured from"
        " then on, in every figure of the portfolio."
    )
    kind = EventKind.RESTRUCTURED

    def initial(self) -> dict[str, Any]:
        """Today, with as many instalments as are left."""
        left = self.subject.dues.filter(replaced_at=None, to_date=None, settled_date=None).count()
        return {
            "value_date": timezone.localdate(),
            "instalments": max(left, 1),
            "grace_principal": 0,
            "interest": Treatment.CAPITALISE.value,
            "fee": Treatment.CARRY.value,
            "penalty": Treatment.WAIVE.value,
        }

    def asked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Codes as the enumerations they are of; what is empty stays as it is."""
        return {
            "instalments": values["instalments"],
            "every": values["every"],
            "unit": DueUnit(values["unit"]) if values["unit"] else None,
            "first_due": values["first_due"],
            "rate_ppm": values["rate_ppm"],
            "method": Method(values["method"]) if values["method"] else None,
            "repayment": Repayment(values["repayment"]) if values["repayment"] else None,
            "grace_principal": values["grace_principal"],
            **{name: Treatment(values[name]) for name in ("interest", "fee", "penalty")},
        }

    def payload(self, values: dict[str, Any]) -> dict[str, Any]:
        """Codes as text."""
        return services.restructure_payload(**values)

    def propose(self, **told: Any) -> LoanProposal:
        """Propose it."""
        return services.propose_restructure(**told)


def moratorium_asked(values: dict[str, Any]) -> dict[str, Any]:
    """The answers about a moratorium as the service takes them."""
    return {
        "begins": values["begins"],
        "until": values["until"],
        "scope": Scope(values["scope"]),
        "interest_runs": values["interest_runs"] == "yes",
        "ageing_runs": values["ageing_runs"] == "yes",
    }


class ProposeMoratorium(ProposeChange):
    """No instalments for a time."""

    form_class = MoratoriumForm
    title = _("Pause the loan")
    intro = _("Instalments of these days move behind them by whole periods.")
    kind = EventKind.MORATORIUM

    def initial(self) -> dict[str, Any]:
        """From today."""
        today = timezone.localdate()
        return {"value_date": today, "begins": today}

    def asked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Yes and no as they are meant."""
        return moratorium_asked(values)

    def payload(self, values: dict[str, Any]) -> dict[str, Any]:
        """Days as text."""
        return services.moratorium_payload(**values)

    def propose(self, **told: Any) -> LoanProposal:
        """Propose it."""
        return services.propose_moratorium(**told)


class ProposeRefinance(ShowsPreview, LoanForm):
    """A new loan pays the old one off; no money changes hands for that part."""

    form_class = RefinanceForm
    permission = "lending.propose_change"
    title = _("Pay the loan off with a new one")
    intro = _(
        "A loan that is signed and not paid out yet pays this one off; the borrower is handed"
        " the rest. The new loan counts as refinanced in every figure of the portfolio."
    )
    verb = _("Propose the change")
    _tiles: Sequence[Tile] = ()

    def currency(self) -> str:
        """That of the loan."""
        return str(self.subject.currency)

    def form_options(self) -> dict[str, Any]:
        """The loans that could, with their amounts."""
        return {
            "loans": [
                (str(loan.pk), f"{loan.code}, {format_money(loan.approved_units, loan.currency)}")
                for loan in may_refinance(self.subject, self.staff)
            ]
        }

    def payload(self, values: dict[str, Any]) -> dict[str, Any]:
        """The answers as the proposal keeps them."""
        return {name: values[name] for name in ("into", "method", "reference")}

    def preview(self, values: dict[str, Any]) -> Preview:
        """The old schedule beside the new one, and what is handed over."""
        found = look_at(self.subject, self.payload(values), values["value_date"])
        self._tiles = refinance_tiles(found)
        return found.preview

    def context(self) -> dict[str, Any]:
        """First what the new loan pays, then the schedules."""
        shown = super().context()
        return {**shown, "tiles": [*self._tiles, *shown["tiles"]]} if shown else {}

    def perform(self, values: dict[str, Any]) -> LoanProposal:
        """Propose it."""
        into = may_refinance(self.subject, self.staff).get(pk=values["into"])
        return services.propose_refinance(
            acting_staff=self.staff,
            loan=self.subject,
            into=into,
            proposed_date=values["value_date"],
            reason=values["reason"],
            method=PaidBy(values["method"]),
            reference=values["reference"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The proposal."""
        return reverse("lending:change_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The change is proposed; another person decides.")


class ChooseChange(RecordPage):
    """What can be agreed about a running loan, each with what it is for."""

    model = Loan
    permission = "lending.propose_change"
    related = ("person", "enterprise", "group")
    person_path = "person_id"
    template = "lending/change_choice.html"

    def rows(self) -> Any:
        """Running loans."""
        return loans_here(super().rows()).filter(state=LoanState.ACTIVE)

    def header(self) -> Header:
        """The loan."""
        loan = self.record
        return Header(
            _("Agree a change"),
            f"{loan.code} · {loan.borrower}",
            crumbs=(Crumb(loan.code, reverse("lending:loan_detail", args=[loan.pk])),),
        )

    def context(self) -> dict[str, Any]:
        """Name, address and meaning of each."""
        pages = (
            ("propose_reschedule", ProposeReschedule),
            ("propose_restructure", ProposeRestructure),
            ("propose_moratorium", ProposeMoratorium),
            ("propose_refinance", ProposeRefinance),
        )
        tasks = [
            Task(page.title, page.intro, reverse(f"lending:{name}", args=[self.record.pk]))
            for name, page in pages
        ]
        return {"groups": [TaskGroup(_("What is to change?"), tasks)]}
