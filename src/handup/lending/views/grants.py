"""Grants and kits: the list, the record, and each step with its own form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.ledger.models import Book
from handup.lending.grant_forms import (
    AssetCheckForm,
    GrantDecisionForm,
    GrantForm,
    HandOverForm,
    PayTrancheForm,
    TakeBackForm,
    TrancheConditionForm,
    UseForm,
)
from handup.lending.models import AssetTransfer, EnterpriseGrant, GrantTranche
from handup.lending.models.labels import PROPOSAL_STATES
from handup.lending.rules.codes import EarlierKind, Method, ProposalState
from handup.lending.services import grant_money, grants
from handup.lending.views.funds import fund_facts, may_name
from handup.lending.views.links import borrower_href
from handup.lending.views.search import by_borrower
from handup.lending.views.steps import EarlierPage
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Label, State, Tone
from handup.org.web.forms import FormPage
from handup.org.web.lists import Choice, EmptyState, ListPage, Search, Total
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.people.models import Enterprise, Person
from handup.people.queries.merging import number_asked
from handup.projects.models import Programme

TONES = {
    ProposalState.PROPOSED.value: Tone.INFO,
    ProposalState.APPROVED.value: Tone.GOOD,
    ProposalState.DECLINED.value: Tone.BAD,
}
PROPOSE = Action(_("Propose a grant"), "lending:grant_new", "lending.propose_grant")


class GrantList(ListPage):
    """Every grant the reader may see."""

    model = EnterpriseGrant
    permission = "lending.view_grant"
    title = _("Grants and kits")
    related = ("person", "enterprise", "group", "programme", "officer")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="lending:grant_detail"),
        Column("receiver", _("Receiver"), value=lambda row: str(row.borrower)),
        Column("purpose", _("What for")),
        Column("approved_units", _("Amount"), Kind.MONEY, sort="approved_units"),
        Column("proposed_date", _("Proposed on"), Kind.DATE, sort="proposed_date"),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("officer.display_name", _("Officer"), shown=False),
    )
    filters = (
        Search(label=_("Number or name"), using=by_borrower("code")),
        Choice("state", _("State"), PROPOSAL_STATES),
    )
    order = "-pk"
    totals = (Total(_("Granted"), "approved_units", Kind.MONEY, "currency"),)
    primary = PROPOSE
    empty = EmptyState(
        _("No grants yet"),
        _("Money in tranches, or a kit handed over, to start or rebuild a business."),
        PROPOSE,
    )
    person_path = "person_id"
    highest = "P"


@dataclass(frozen=True, slots=True)
class PartStep:
    """A step on a tranche or a thing: its page, its verb, who may take it, whether it is next."""

    name: str
    verb: Label
    permission: str
    is_next: Callable[[Any], bool]


class GrantPage(RecordPage):
    """One grant: its tranches, what was handed over, what visits found."""

    model = EnterpriseGrant
    permission = "lending.view_grant"
    related = (
        "person",
        "enterprise",
        "group",
        "programme",
        "officer",
        "book",
        "pathway",
        "proposed_by",
        "approved_by",
    )
    person_path = "person_id"

    def header(self) -> Header:
        """Number, receiver, the decision as next step."""
        row = self.record
        decide = Action(_("Decide"), "lending:grant_decide", "lending.approve_grant", (row.pk,))
        return Header(
            row.code,
            str(row.borrower),
            state=State(row.get_state_display(), TONES[row.state]),
            primary=decide if row.state == ProposalState.PROPOSED else None,
            crumbs=(Crumb(_("Grants and kits"), reverse("lending:grant_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Who, for what, decided by whom."""
        row = self.record
        return [
            FactGroup(
                _("Grant"),
                [
                    Fact(_("Receiver"), row.borrower, borrower_href(row)),
                    Fact(_("Programme"), row.programme),
                    Fact(_("What for"), row.purpose),
                    Fact(_("Amount"), format_money(row.approved_units, row.currency)),
                    Fact(_("Criteria met"), len(row.criteria_met or ())),
                    Fact(_("Posted to"), row.book),
                    *fund_facts(_("Out of the fund"), row.fund),
                    *self._pathway(),
                    Fact(_("Officer"), row.officer),
                    Fact(_("Proposed on"), row.proposed_date),
                    Fact(_("Proposed by"), row.proposed_by),
                    Fact(_("Decided on"), row.approved_date),
                    Fact(_("Decided by"), row.approved_by),
                    Fact(_("Reason"), row.decision_reason),
                ],
            )
        ]

    def _pathway(self) -> Sequence[Fact]:
        """The pathway it is given on, for those who may know of it."""
        found = self.record.pathway
        if found is None or not may(self.staff, "lending.view_enrolment", found):
            return ()
        return (Fact(_("On the pathway"), found, found.get_absolute_url()),)

    def tables(self) -> Sequence[Table]:
        """Tranches and things, each with its next step."""
        row = self.record
        found = []
        tranches = list(row.tranches.select_related("paid_by"))
        if tranches:
            columns = [
                Column("number", _("No."), Kind.NUMBER),
                Column("units", _("Amount"), Kind.MONEY, currency=row.currency),
                Column("planned_date", _("Planned for"), Kind.DATE),
                Column("condition", _("Once this is there"), value=_condition),
                Column("paid_date", _("Paid on"), Kind.DATE),
                Column("receipt", _("Receipt")),
                Column("use", _("Use"), value=_use),
                *self._steps(TRANCHE_STEPS),
            ]
            found.append(Table(_("Tranches"), columns, tranches))
        assets = list(row.assets.all())
        if assets:
            columns = [
                Column("description", _("What")),
                Column("quantity", _("How many"), Kind.NUMBER),
                Column("value_units", _("Value"), Kind.MONEY, currency=row.currency),
                Column("handed_over_date", _("Handed over on"), Kind.DATE),
                Column("receipt", _("Receipt")),
                Column("held", _("Seen"), value=_held),
                *self._steps(ASSET_STEPS),
            ]
            found.append(Table(_("Kits and animals"), columns, assets))
        return found

    def _steps(self, steps: Sequence[PartStep]) -> list[Column]:
        """The one next step this reader may take on each part of an approved grant."""
        mine = [step for step in steps if may(self.staff, step.permission, self.record)]
        if self.record.state != ProposalState.APPROVED or not mine:
            return []

        def first(part: Any) -> PartStep | None:
            return next((step for step in mine if step.is_next(part)), None)

        def verb(part: Any) -> Label:
            step = first(part)
            return "" if step is None else step.verb

        def href(part: Any) -> str:
            step = first(part)
            return "" if step is None else reverse(f"lending:{step.name}", args=[part.pk])

        return [Column("step", _("Next step"), Kind.LINK, value=verb, href=href)]


def _may_be_paid(row: GrantTranche) -> bool:
    return row.paid_date is None and (not row.condition or row.condition_met_date is not None)


TRANCHE_STEPS = (
    PartStep(
        "tranche_condition",
        _("Check off the condition"),
        "lending.check_grant",
        lambda row: bool(row.condition) and row.condition_met_date is None,
    ),
    PartStep("tranche_pay", _("Pay"), "lending.pay_grant", _may_be_paid),
    PartStep(
        "tranche_use",
        _("Record a visit"),
        "lending.check_grant",
        lambda row: row.paid_date is not None,
    ),
    PartStep(
        "tranche_take_back",
        _("Take back"),
        "lending.reverse_grant",
        lambda row: row.paid_date is not None,
    ),
)
ASSET_STEPS = (
    PartStep(
        "asset_hand_over",
        _("Hand over"),
        "lending.pay_grant",
        lambda row: row.handed_over_date is None,
    ),
    PartStep(
        "asset_check",
        _("Record a visit"),
        "lending.check_grant",
        lambda row: row.handed_over_date is not None,
    ),
)


def _condition(row: GrantTranche) -> str:
    if row.condition_met_date is None:
        return row.condition
    return _now("%(condition)s (met on %(day)s)") % {
        "condition": row.condition,
        "day": format_day(row.condition_met_date),
    }


def _use(row: GrantTranche) -> Any:
    if row.use_checked_date is None:
        return ""
    if row.use_as_agreed:
        return State(_("As agreed"), Tone.GOOD)
    return State(_("Not as agreed"), Tone.BAD)


def _held(row: AssetTransfer) -> Any:
    if row.checked_date is None:
        return ""
    return State(_("Still there"), Tone.GOOD) if row.still_held else State(_("Gone"), Tone.BAD)


class ProposeGrant(FormPage):
    """Propose a grant; somebody else decides."""

    form_class = GrantForm
    permission = "lending.propose_grant"
    title = _("Propose a grant")
    intro = _("Another person approves it, and a third pays it out.")
    verb = _("Propose the grant")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Programmes and books the reader may see."""
        return {
            "staff": self.staff,
            "programmes": Programme.objects.visible_to(self.staff).order_by("title"),
            "books": Book.objects.visible_to(self.staff).order_by("name"),
            "funds": may_name(self.staff),
        }

    def initial(self) -> dict[str, Any]:
        """Today; who receives it and her pathway, when the address says so."""
        seen, asked = Person.objects.visible_to(self.staff), self.request.GET
        return {
            "proposed_date": timezone.localdate(),
            "receiver": number_asked(seen, asked.get("receiver", "")),
            "pathway": asked.get("pathway", ""),
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Propose."""
        receiver = values["receiver"]
        return grants.propose_grant(
            acting_staff=self.staff,
            programme=values["programme"],
            purpose=values["purpose"],
            criteria=values["criteria"],
            proposed_date=values["proposed_date"],
            tranches=values["tranches"],
            assets=values["assets"],
            person=receiver if isinstance(receiver, Person) else None,
            enterprise=receiver if isinstance(receiver, Enterprise) else None,
            group=receiver if isinstance(receiver, Group) else None,
            book=values["book"],
            fund=values.get("fund"),
            pathway=values["pathway"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The grant's page."""
        return reverse("lending:grant_detail", args=[result.pk])


class GrantStep(FormPage):
    """A step on a grant or a part of it; afterwards the grant's page."""

    def success_url(self, result: Any) -> str:
        """The grant's page."""
        row = self.subject
        pk = row.pk if isinstance(row, EnterpriseGrant) else row.grant_id
        return reverse("lending:grant_detail", args=[pk])

    def initial(self) -> dict[str, Any]:
        """Today, whatever the day is called."""
        today = timezone.localdate()
        return {name: today for name in self.form_class.base_fields if name.endswith("_date")}


class LateGrantStep(EarlierPage, GrantStep):
    """Money or a thing of a grant on its day; too long ago, it waits for another person."""

    day_field: ClassVar[str]
    part: ClassVar[str] = "tranche"
    act: ClassVar[Callable[..., Any]]

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it, or say why only now."""
        late = values.pop("late_reason", "")
        if values.get("method"):
            values["method"] = Method(values["method"])
        elif "method" in values:
            values["method"] = None
        if late:
            on = values.pop(self.day_field)
            return self.propose(late, on, {**values, self.part: self.subject})
        return self.act(acting_staff=self.staff, **{self.part: self.subject}, **values)


class DecideGrant(GrantStep):
    """The second person's word."""

    form_class = GrantDecisionForm
    permission = "lending.approve_grant"
    subject_model = EnterpriseGrant
    title = _("Decide on the grant")
    verb = _("Decide")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve or decline."""
        return grants.approve_grant(
            acting_staff=self.staff,
            grant=self.subject,
            **{**values, "approve": values["approve"] == "yes"},
        )


class MeetTrancheCondition(GrantStep):
    """What a tranche waits for is there."""

    form_class = TrancheConditionForm
    permission = "lending.check_grant"
    subject_model = GrantTranche
    title = _("Check off the condition of a tranche")
    verb = _("It is met")

    def perform(self, values: dict[str, Any]) -> Any:
        """Check it off."""
        return grants.meet_tranche_condition(
            acting_staff=self.staff, tranche=self.subject, **values
        )


class PayTranche(LateGrantStep):
    """Money is handed over."""

    form_class = PayTrancheForm
    permission = "lending.pay_grant"
    subject_model = GrantTranche
    title = _("Pay a tranche of the grant")
    verb = _("Pay")
    reads_back = True
    earlier = EarlierKind.GRANT_PAID
    day_field = "paid_date"
    act = staticmethod(grant_money.pay_tranche)


class TakeBackTranche(LateGrantStep):
    """A payment was wrong."""

    form_class = TakeBackForm
    permission = "lending.reverse_grant"
    subject_model = GrantTranche
    title = _("Take a payment of the grant back")
    verb = _("Take it back")
    reads_back = True
    earlier = EarlierKind.GRANT_TAKEN_BACK
    day_field = "taken_date"
    act = staticmethod(grant_money.take_back_tranche)


class CheckTrancheUse(GrantStep):
    """What a visit found of the money."""

    form_class = UseForm
    permission = "lending.check_grant"
    subject_model = GrantTranche
    title = _("Record how the money was used")
    verb = _("Record the visit")

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return grants.check_tranche_use(
            acting_staff=self.staff,
            tranche=self.subject,
            **{**values, "as_agreed": values["as_agreed"] == "yes"},
        )


class HandOverAsset(LateGrantStep):
    """A kit or an animal is handed over."""

    form_class = HandOverForm
    permission = "lending.pay_grant"
    subject_model = AssetTransfer
    title = _("Hand over what was granted")
    verb = _("Hand over")
    reads_back = True
    earlier = EarlierKind.GRANT_HANDED_OVER
    day_field, part = "handed_over_date", "asset"
    act = staticmethod(grant_money.hand_over_asset)


class CheckAsset(GrantStep):
    """What a visit found of the thing."""

    form_class = AssetCheckForm
    permission = "lending.check_grant"
    subject_model = AssetTransfer
    title = _("Record whether it is still there")
    verb = _("Record the visit")

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return grants.check_asset(
            acting_staff=self.staff,
            asset=self.subject,
            **{**values, "still_held": values["still_held"] == "yes"},
        )
