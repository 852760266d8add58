"""Guarantors and collateral: the tables of an application and of a loan, and their forms."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import WHOLE_BPS
from handup.lending.models import Application, Collateral, Guarantor, Loan
from handup.lending.rules.codes import LoanState
from handup.lending.rules.security import (
    CallOrder,
    CollateralKind,
    TieKind,
    cap_units,
    covered_units,
)
from handup.lending.security_forms import (
    CollateralForm,
    GuarantorForm,
    ReleaseForm,
    TieForm,
    ValueForm,
    word_of,
)
from handup.lending.services import security as services
from handup.lending.services.security import Anchor
from handup.org.models import StaffUser
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import FormPage
from handup.org.web.money import format_money, format_share
from handup.org.web.pages import Action, Table
from handup.projects.models import Organisation


def owed_units(anchor: Anchor, loan: Loan | None) -> int:
    """What the security stands behind: the outstanding principal, before pay-out the amount."""
    if loan is None:
        return lent_units(anchor, None)
    return loan.approved_units if loan.state == LoanState.AGREED else loan.principal_units


def lent_units(anchor: Anchor, loan: Loan | None) -> int:
    """The amount a share is a share of."""
    row = anchor if loan is None else loan
    return row.approved_units if isinstance(row, Loan) else row.asked_units


def _answers_for(row: Guarantor, lent: int, currency: str) -> str:
    most = format_money(cap_units(row.cap_units, row.share_bps, lent), currency)
    if row.share_bps is None:
        return most
    return f"{most} ({format_share(row.share_bps, WHOLE_BPS)})"


def _released(row: Guarantor | Collateral) -> State:
    if row.released_date is not None:
        return State(_("Given back"), Tone.PLAIN)
    return State(_("Stands"), Tone.GOOD)


def _release_href(row: Guarantor | Collateral) -> str:
    name = "guarantor_release" if isinstance(row, Guarantor) else "collateral_release"
    return reverse(f"lending:{name}", args=[row.pk])


def _change(staff: StaffUser, row: Guarantor | Collateral) -> str:
    return "" if row.released_date is not None else str(_("Give back"))


def hanging_on(anchor: Anchor) -> Q:
    """What hangs on an application, or on a loan that was entered without one."""
    return Q(loan=anchor) if isinstance(anchor, Loan) else Q(application=anchor)


def guarantor_table(staff: StaffUser, anchor: Anchor, loan: Loan | None) -> Sequence[Table]:
    """Who answers for the loan, as far as the reader may see."""
    rows = list(
        Guarantor.objects.visible_to(staff)
        .filter(hanging_on(anchor))
        .select_related("person", "organisation")
    )
    if not rows:
        return ()
    currency, lent = anchor.currency, lent_units(anchor, loan)
    columns = (
        Column("place", _("No."), Kind.NUMBER),
        Column("name", _("Guarantor"), value=str),
        Column(
            "cap_units",
            _("Answers for at most"),
            value=lambda row: _answers_for(row, lent, currency),
        ),
        Column("order", _("Called"), value=lambda row: row.get_order_display()),
        Column("agreed_date", _("Agreed on"), Kind.DATE),
        Column("agreed_how", _("How"), value=lambda row: row.get_agreed_how_display()),
        Column("released_date", _("State"), value=_released),
        Column(
            "change",
            _("Change"),
            Kind.LINK,
            value=lambda row: _change(staff, row),
            href=_release_href,
        ),
    )
    return (Table(_("Guarantors"), columns, rows),)


def collateral_table(staff: StaffUser, anchor: Anchor, loan: Loan | None) -> Sequence[Table]:
    """What is pledged, and how far it covers what is owed."""
    rows = list(
        Collateral.objects.visible_to(staff).filter(hanging_on(anchor)).select_related("owner")
    )
    if not rows:
        return ()
    live = [row for row in rows if row.released_date is None]
    covered = sum(covered_units(row.value_units, row.haircut_bps) for row in live)
    owed = owed_units(anchor, loan)
    currency = anchor.currency
    columns = (
        Column(
            "description",
            _("Collateral"),
            Kind.LINK,
            href=lambda row: reverse("lending:collateral_value", args=[row.pk]),
        ),
        Column("kind", _("Kind"), value=lambda row: row.get_kind_display()),
        Column("owned_by", _("Owner"), value=lambda row: row.owned_by or _("the borrower")),
        Column("valued_date", _("Valued on"), Kind.DATE),
        Column("value_units", _("Value"), Kind.MONEY, currency=currency),
        Column("haircut", _("Haircut"), value=lambda row: format_share(row.haircut_bps, WHOLE_BPS)),
        Column(
            "covered",
            _("Counts for"),
            Kind.MONEY,
            value=lambda row: covered_units(row.value_units, row.haircut_bps),
            currency=currency,
        ),
        Column("released_date", _("State"), value=_released),
        Column(
            "change",
            _("Change"),
            Kind.LINK,
            value=lambda row: _change(staff, row),
            href=_release_href,
        ),
    )
    text = (
        _now("covers %(share)s of what is owed") % {"share": format_share(covered, owed)}
        if owed
        else _now("nothing is owed")
    )
    foot = ("", "", "", "", "", "", format_money(covered, currency), text)
    return (Table(_("Collateral"), columns, rows, footer=foot),)


def security_actions(anchor: Anchor) -> tuple[Action, ...]:
    """What may be added to what stands behind a loan."""
    pk = (anchor.pk,)
    on = "loan_" if isinstance(anchor, Loan) else ""
    guarantor, collateral = f"lending:{on}guarantor_new", f"lending:{on}collateral_new"
    return (
        Action(_("Add a guarantor"), guarantor, "lending.record_guarantor", pk),
        Action(_("Take collateral"), collateral, "lending.record_collateral", pk),
    )


def page_of(anchor: Anchor) -> str:
    """The page of the loan, before it is signed that of the application."""
    loan = services.loan_of(anchor)
    if loan is not None:
        return reverse("lending:loan_detail", args=[loan.pk])
    return reverse("lending:application_detail", args=[anchor.pk])


class OnApplication(FormPage):
    """A step on one application; afterwards the page of its loan, or its own."""

    subject_model: ClassVar[Any] = Application
    anchor_name: ClassVar[str] = "application"

    def success_url(self, result: Any) -> str:
        """The page it stands on."""
        return page_of(self.subject)

    def anchor(self) -> dict[str, Any]:
        """What it hangs on, as the services take it."""
        return {self.anchor_name: self.subject}


class NewGuarantor(OnApplication):
    """Somebody answers for the loan."""

    form_class = GuarantorForm
    permission = "lending.record_guarantor"
    title = _("Add a guarantor")
    intro = _("Only who has agreed answers for a loan: read her the text and record what she says.")
    verb = _("Record the guarantor")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Currency, organisations, who reads."""
        rows = Organisation.objects.visible_to(self.staff).order_by("name")
        return {"currency": self.subject.currency, "organisations": rows, "staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"agreed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        told = dict(values)
        return services.record_guarantor(
            acting_staff=self.staff,
            **self.anchor(),
            word=word_of(told),
            recorded_date=timezone.localdate(),
            order=CallOrder(told.pop("order")),
            id=self.new_id,
            **told,
        )

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The guarantor is recorded.")


class NewCollateral(OnApplication):
    """Something is pledged."""

    form_class = CollateralForm
    permission = "lending.record_collateral"
    title = _("Take collateral")
    intro = _("Only what its owner has agreed to pledge is taken.")
    verb = _("Record the collateral")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Currency, who reads."""
        return {"currency": self.subject.currency, "staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today."""
        today = timezone.localdate()
        return {"agreed_date": today, "valued_date": today, "haircut_bps": 0}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        told = dict(values)
        return services.record_collateral(
            acting_staff=self.staff,
            **self.anchor(),
            word=word_of(told),
            recorded_date=timezone.localdate(),
            kind=CollateralKind(told.pop("kind")),
            id=self.new_id,
            **told,
        )

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The collateral is recorded.")


class NewLoanGuarantor(NewGuarantor):
    """Somebody answers for a loan of an old book."""

    subject_model = Loan
    anchor_name = "loan"


class NewLoanCollateral(NewCollateral):
    """Something is pledged for a loan of an old book."""

    subject_model = Loan
    anchor_name = "loan"


class SecurityStep(FormPage):
    """A step on a guarantor or a pledge; afterwards the loan's page, or the application's."""

    def success_url(self, result: Any) -> str:
        """The page it stands on."""
        return page_of(self.subject.anchor)


class ValueCollateral(SecurityStep):
    """A pledge is valued anew."""

    form_class = ValueForm
    permission = "lending.record_collateral"
    subject_model = Collateral
    title = _("Value the collateral anew")
    verb = _("Record the value")

    def form_options(self) -> dict[str, Any]:
        """Currency."""
        return {"currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today, and the haircut as it is."""
        return {
            "valued_date": timezone.localdate(),
            "haircut_bps": self.subject.haircut_bps / 100,
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.value_collateral(
            acting_staff=self.staff,
            collateral=self.subject,
            recorded_date=timezone.localdate(),
            **values,
        )


class ReleaseSecurity(SecurityStep):
    """Let a guarantor go, or give a pledge back."""

    form_class = ReleaseForm
    permission = "lending.release_security"
    title = _("Give back what secures the loan")
    intro = _("After signing, only when nothing is owed any more.")
    verb = _("Give back")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"released_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Give it back."""
        return services.release_security(acting_staff=self.staff, item=self.subject, **values)


class ReleaseGuarantor(ReleaseSecurity):
    """A guarantor answers no more."""

    subject_model = Guarantor
    title = _("Let the guarantor go")


class ReleaseCollateral(ReleaseSecurity):
    """A pledge goes back to its owner."""

    subject_model = Collateral
    title = _("Give back the collateral")


class DeclareTie(OnApplication):
    """A relative or co-borrower keeps out."""

    form_class = TieForm
    permission = "lending.declare_tie"
    title = _("Declare a tie to who asks")
    intro = _("A relative, co-borrower or guarantor neither appraises nor votes nor decides.")
    verb = _("Declare the tie")

    def form_options(self) -> dict[str, Any]:
        """Staff of the house."""
        return {"members": StaffUser.objects.filter(is_active=True).order_by("display_name")}

    def initial(self) -> dict[str, Any]:
        """Herself, today."""
        return {"declared_date": timezone.localdate(), "member": self.staff.pk}

    def perform(self, values: dict[str, Any]) -> Any:
        """Declare it."""
        return services.declare_tie(
            acting_staff=self.staff,
            application=self.subject,
            id=self.new_id,
            **{**values, "kind": TieKind(values["kind"])},
        )

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The tie is declared; this person takes no step on the application.")
