"""Pages of providers paid on results: terms, claims, and each step of a claim."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.permissions import may
from handup.org.scope import hidden_from
from handup.org.web.forms import FormPage
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage, Search, Tone, Total
from handup.org.web.money import format_money
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.training import services
from handup.training.forms import provider_pay as forms
from handup.training.models import Enrolment, ProviderClaim, ProviderTerms
from handup.training.models.labels import choices
from handup.training.models.provider_pay import CLAIM_STATE, PROVIDER_RESULT
from handup.training.rules.provider_pay import ClaimState
from handup.training.views.courses import StaffFormPage

CLAIM_TONES = {"APPROVED": Tone.INFO, "PAID": Tone.GOOD, "REFUSED": Tone.WARN, "BACK": Tone.WARN}
NEW_TERMS = Action(
    _("Set terms of a provider"), "training:provider_terms_new", "training.set_provider_terms"
)


class TermsList(ListPage):
    """Terms by which providers are paid on results."""

    model = ProviderTerms
    permission = "training.view_provider_claim"
    title = _("Providers paid on results")
    related = ("programme", "provider", "course")
    columns = (
        Column(
            "provider",
            _("Provider"),
            Kind.LINK,
            sort="provider__name",
            url_name="training:provider_terms_detail",
        ),
        Column("programme", _("Programme"), value=lambda row: str(row.programme)),
        Column("result", _("Paid for"), value=lambda row: row.get_result_display()),
        Column("month", _("Months after"), Kind.NUMBER),
        Column(
            "amount_units", _("Amount for each person"), Kind.MONEY, currency="programme.currency"
        ),
        Column("starts", _("From"), Kind.DATE, sort="starts"),
        Column("ends", _("Until"), Kind.DATE, sort="ends"),
    )
    filters = (
        Search(("provider__name", "provider__short_name"), label=_("Provider")),
        Choice("result", _("Paid for"), choices(PROVIDER_RESULT)),
    )
    order = "provider__name"
    primary = NEW_TERMS
    empty = EmptyState(
        _("No provider is paid on results"),
        _("Say what a provider gets for each person who completed or found work."),
        NEW_TERMS,
    )


class NewTerms(StaffFormPage):
    """Set terms of a provider."""

    form_class = forms.ProviderTermsForm
    permission = "training.set_provider_terms"
    title = _("Set terms of a provider")
    intro = _("Each person is paid for once, and only when the result was checked.")
    verb = _("Set the terms")

    def perform(self, values: dict[str, Any]) -> Any:
        """Set them."""
        return services.set_provider_terms(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To the terms."""
        return reverse("training:provider_terms_detail", args=[result.pk])


class TermsPage(RecordPage):
    """Terms of one provider with the claims under them."""

    model = ProviderTerms
    permission = "training.view_provider_claim"
    related = ("programme", "provider", "course", "set_by")

    def header(self) -> Header:
        """Who, for what; count a claim."""
        row = self.record
        draw = Action(
            _t("Count a claim"),
            "training:provider_claim_new",
            "training.draw_up_claim",
            args=(row.pk,),
        )
        return Header(
            str(row.provider),
            subtitle=f"{row.get_result_display()} · {row.programme}",
            primary=draw,
            crumbs=(Crumb(_t("Providers paid on results"), reverse("training:provider_terms")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What is paid, from when until when."""
        row = self.record
        return [
            FactGroup(
                _t("Terms"),
                [
                    Fact(_t("Course"), row.course or _t("every course of the provider")),
                    Fact(
                        _t("Amount for each person"),
                        format_money(row.amount_units, row.programme.currency),
                    ),
                    Fact(_t("Months after completion"), row.month),
                    Fact(_t("From"), row.starts),
                    Fact(_t("Until"), row.ends),
                    Fact(_t("Set by"), row.set_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The claims."""
        columns = (
            Column("until", _("Results until"), Kind.LINK, url_name="training:provider_claim"),
            Column("persons", _("Persons"), Kind.NUMBER),
            Column("amount_units", _("Amount"), Kind.MONEY),
            Column("state", _("State"), Kind.STATE, tones=CLAIM_TONES),
        )
        return [Table(_t("Claims"), columns, self.record.claims.all())]


class ClaimList(ListPage):
    """Claims of providers in every state."""

    model = ProviderClaim
    permission = "training.view_provider_claim"
    title = _("Claims of providers")
    related = ("terms__provider", "terms__programme")
    columns = (
        Column(
            "terms.provider",
            _("Provider"),
            Kind.LINK,
            value=lambda row: str(row.terms.provider),
            url_name="training:provider_claim",
        ),
        Column("until", _("Results until"), Kind.DATE, sort="until"),
        Column("persons", _("Persons"), Kind.NUMBER),
        Column("amount_units", _("Amount"), Kind.MONEY, sort="amount_units"),
        Column("state", _("State"), Kind.STATE, tones=CLAIM_TONES),
        Column("paid_date", _("Paid on"), Kind.DATE, sort="paid_date"),
        Column("receipt", _("Receipt")),
    )
    filters = (
        Search(("terms__provider__name", "receipt"), label=_("Provider or receipt")),
        Choice("state", _("State"), choices(CLAIM_STATE)),
    )
    order = "-until"
    totals = (Total(_("Sum"), "amount_units", Kind.MONEY, "currency"),)
    empty = EmptyState(_("No claim is counted yet"), _("Count it on the page of the terms."))


class ClaimPage(RecordPage):
    """One claim: how many, how much, for whom, where it stands."""

    model = ProviderClaim
    permission = "training.view_provider_claim"
    related = (
        "terms__provider",
        "terms__programme",
        "drawn_by",
        "approved_by",
        "paid_by",
        "taken_by",
        "book",
        "fund",
    )

    def header(self) -> Header:
        """The next step."""
        row = self.record

        def act(label: str, page: str, code: str) -> Action:
            return Action(label, f"training:provider_claim_{page}", f"training.{code}", (row.pk,))

        approve = act(_t("Approve the claim"), "approve", "approve_claim")
        refuse = act(_t("Refuse the claim"), "refuse", "approve_claim")
        pay = act(_t("Pay the claim"), "pay", "pay_claim")
        back = act(_t("Take back a payment"), "take_back", "take_back_claim")
        steps: dict[str, tuple[Action, tuple[Action, ...]]] = {
            ClaimState.DUE.value: (approve, (refuse,)),
            ClaimState.APPROVED.value: (pay, (refuse,)),
            ClaimState.PAID.value: (back, ()),
        }
        found = steps.get(row.state)
        primary, more = found if found is not None else (None, ())
        page = reverse("training:provider_terms_detail", args=[row.terms_id])
        return Header(
            str(row.terms.provider),
            subtitle=str(row.terms.get_result_display()),
            state=State(row.get_state_display(), CLAIM_TONES.get(row.state, Tone.PLAIN)),
            primary=primary,
            actions=more,
            crumbs=(Crumb(str(row.terms), page),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """How much and by whom."""
        row = self.record
        return [
            FactGroup(
                _t("Claim"),
                [
                    Fact(_t("Results until"), row.until),
                    Fact(_t("Persons"), row.persons),
                    Fact(_t("Amount"), format_money(row.amount_units, row.currency)),
                    Fact(_t("Counted by"), row.drawn_by),
                    Fact(_t("Decided by"), row.approved_by),
                    Fact(_t("Decided on"), row.approved_date),
                    Fact(_t("Why not"), row.get_refusal_display()),
                    Fact(_t("Paid by"), row.paid_by),
                    Fact(_t("Paid on"), row.paid_date),
                    Fact(_t("Receipt"), row.receipt),
                    Fact(_t("Book"), row.book),
                    Fact(_t("Taken back by"), row.taken_by),
                    Fact(_t("Taken back on"), row.taken_date),
                    Fact(_t("Why taken back"), row.get_back_reason_display()),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """For whom, as far as the reader may see them."""
        if not may(self.staff, "training.view_enrolment"):
            return []
        rows = self.record.lines.exclude(enrolment__person_id__in=hidden_from(self.staff))
        rows = rows.filter(enrolment__in=Enrolment.objects.visible_to(self.staff))
        found = list(rows.select_related("enrolment__person", "enrolment__cohort")[:500])
        persons = [row.enrolment.person_id for row in found]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        columns = (
            Column(
                "enrolment.person",
                _("Name"),
                Kind.LINK,
                href=lambda row: reverse("training:enrolment_detail", args=[row.enrolment_id]),
            ),
            Column("cohort", _("Cohort"), value=lambda row: str(row.enrolment.cohort)),
            Column("enrolment.completed_date", _("Completed"), Kind.DATE),
        )
        return [Table(_t("For whom"), columns, found)]


class DrawUpClaim(FormPage):
    """Count who reached the result."""

    subject_model = ProviderTerms
    form_class = forms.DrawUpClaimForm
    permission = "training.draw_up_claim"
    title = _("Count a claim")
    intro = _("Everybody who reached the result by this day and was not paid for before.")
    verb = _("Count it")

    def initial(self) -> dict[str, Any]:
        """Today, or the last day of the terms."""
        return {"until": min(timezone.localdate(), self.subject.ends)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Count it."""
        return services.draw_up_claim(
            acting_staff=self.staff, terms=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """To the claim."""
        return reverse("training:provider_claim", args=[result.pk])


def page_of_payment(payment: UUID) -> str:
    """The page of the claim that a payment in the books tells of; empty where there is none."""
    row = ProviderClaim.objects.filter(payment=payment).first()
    return "" if row is None else reverse("training:provider_claim", args=[row.pk])


class OnClaim(FormPage):
    """A step of a claim that leads back to it."""

    subject_model = ProviderClaim
    day: str

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {self.day: timezone.localdate()}

    def success_url(self, result: Any) -> str:
        """Back to the claim."""
        return reverse("training:provider_claim", args=[self.subject.pk])


class ApproveClaim(OnClaim):
    """Approve a claim."""

    form_class = forms.ApproveClaimForm
    permission = "training.approve_claim"
    title = _("Approve the claim")
    verb = _("Approve")
    day = "approved_date"

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve it."""
        return services.approve_claim(acting_staff=self.staff, claim=self.subject, **values)


class RefuseClaim(OnClaim):
    """Refuse a claim, with the reason."""

    form_class = forms.RefuseClaimForm
    permission = "training.approve_claim"
    title = _("Refuse the claim")
    intro = _("Its persons may stand in a further claim.")
    verb = _("Refuse")
    day = "refused_date"

    def perform(self, values: dict[str, Any]) -> Any:
        """Refuse it."""
        return services.refuse_claim(acting_staff=self.staff, claim=self.subject, **values)


class PayClaim(OnClaim):
    """Pay an approved claim."""

    form_class = forms.PayClaimForm
    permission = "training.pay_claim"
    title = _("Pay the claim")
    verb = _("Pay")
    day = "paid_date"

    def form_options(self) -> dict[str, Any]:
        """The books and funds she may see."""
        return {"staff": self.staff}

    def perform(self, values: dict[str, Any]) -> Any:
        """Pay it and post it."""
        return services.pay_claim(acting_staff=self.staff, claim=self.subject, **values)


class TakeBackClaim(OnClaim):
    """Take back a claim that was paid."""

    form_class = forms.TakeBackClaimForm
    permission = "training.take_back_claim"
    title = _("Take back a payment")
    intro = _("Its entry in the books is reversed, and its persons may stand in a further claim.")
    verb = _("Take it back")
    day = "taken_date"

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return services.take_back_claim(acting_staff=self.staff, claim=self.subject, **values)
