"""Roles asked for, for a colleague or for who stands in for one; given or refused by another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import installation
from handup.org.models import Grant, GrantRequest, RequestState, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.rules.duties import Profile
from handup.org.services.asking import (
    ASK,
    ask_for_deputy,
    ask_for_grant,
    give_asked_grant,
    refuse_asked_grant,
    requests_seen_by,
)
from handup.org.web import labels
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm, Question
from handup.org.web.lists import Action, Choice, EmptyState, ListPage
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage
from handup.org.web.settings.staff import ROLE_CHOICES, GrantForm, Kept, all_kept, place_of

VIEW = "org.view_grant_requests"
GIVE = "org.give_grant"
TONES = {"ASKED": Tone.WARN, "GIVEN": Tone.GOOD, "REFUSED": Tone.BAD}


def role_of(row: GrantRequest) -> str:
    """The role in words."""
    return force_str(labels.role(row.role))


class AskedList(ListPage):
    """What was asked for; who gives sees everybody's, who asks her own."""

    model = GrantRequest
    permission = VIEW
    title = _("Roles asked for")
    intro = _("One person asks for a role, another gives it.")
    columns = (
        Column("recorded_at", _("Asked"), Kind.DATE, sort="pk", url_name="org:asked_detail"),
        Column("staff", _("Staff"), sort="staff__display_name"),
        Column("role", _("Role"), value=role_of),
        Column("acting_for", _("Stands in for")),
        Column("starts", _("From"), Kind.DATE, sort="starts"),
        Column("ends", _("Until"), Kind.DATE, sort="ends"),
        Column("asked_by", _("Asked by")),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
    )
    filters = (
        Choice("state", _("State"), RequestState.choices),
        Choice("role", _("Role"), ROLE_CHOICES),
    )
    related = ("staff", "acting_for", "asked_by")
    primary = Action(_("Ask for a role"), "org:asked_new", ASK, icon="plus")
    actions = (Action(_("Ask for a deputy"), "org:deputy_new", ASK),)
    empty = EmptyState(_("Nothing was asked for"), _("A manager asks; an administrator gives."))

    def rows(self) -> QuerySet[Any]:
        """As far as the reader may see them."""
        staff: Any = self.request.user
        return requests_seen_by(staff).select_related(*self.related)


class AskedPage(RecordPage):
    """One request."""

    model = GrantRequest
    permission = VIEW

    def rows(self) -> Any:
        """As far as the reader may see them."""
        related = ("staff", "acting_for", "asked_by", "answered_by", "office", "area__parent")
        return requests_seen_by(self.staff).select_related(*related)

    def header(self) -> Header:
        """The role, for whom, and the answer that may be given."""
        row, key = self.record, (self.record.pk,)
        alone = installation.profile() is Profile.SOLO
        another = alone or row.asked_by_id != self.staff.pk
        waits = row.state == RequestState.ASKED and another
        refuse = Action(_("Refuse it"), "org:asked_refuse", GIVE, args=key, tone="bad")
        return Header(
            role_of(row),
            str(row.staff),
            State(row.get_state_display(), TONES.get(row.state, Tone.PLAIN)),
            Action(_("Give it"), "org:asked_give", GIVE, args=key) if waits else None,
            (refuse,) if waits else (),
            (Crumb(self.crumb, reverse("org:asked_list")),),
        )

    crumb = _("Roles asked for")

    def facts(self) -> Sequence[FactGroup]:
        """What was asked, by whom, why, and the answer."""
        row = self.record
        facts = [
            Fact(_("Reaches"), place_of(row)),
            Fact(_("From"), row.starts),
            Fact(_("Until"), row.ends),
            Fact(_("Stands in for"), row.acting_for),
            Fact(_("Why"), row.why),
            Fact(_("Asked by"), row.asked_by),
            Fact(_("Answered by"), row.answered_by),
            Fact(_("Answered"), row.answered_at),
            Fact(_("Why it was refused"), row.answer),
        ]
        return [FactGroup(_("This request"), facts)]


def _working(form: forms.Form) -> None:
    field = form.fields["staff"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = StaffUser.objects.working()


class AskForm(GrantForm):
    """For whom, which role, how far, how long, why."""

    staff = forms.ModelChoiceField(StaffUser.objects.none(), label=_("Staff"))
    why = forms.CharField(label=_("Why is it needed?"), max_length=300)
    questions = (
        Question(_("Who needs it?"), ("staff", "role", "why")),
        Question(_("Where?"), ("scope", "office", "area", "programme", "organisation")),
        Question(_("How long?"), ("starts", "ends")),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer those who work here now; a reason is told by who gives."""
        super().__init__(*args, **options)
        del self.fields["reason"]
        _working(self)


class AskForGrant(FormPage):
    """A role for a colleague, given by another."""

    form_class: ClassVar[type[HouseForm]] = AskForm
    permission = ASK
    title = _("Ask for a role")
    intro = _("Nothing changes until an administrator gives it.")
    verb = _("Ask for it")

    def initial(self) -> dict[str, Any]:
        """A year from today."""
        today = timezone.localdate()
        return {"starts": today, "ends": today + timedelta(days=365), "scope": "OFFICE"}

    def perform(self, values: dict[str, Any]) -> GrantRequest:
        """Ask."""
        programme_id, organisation_id = values.pop("programme"), values.pop("organisation")
        role, scope = Role(values.pop("role")), ScopeKind(values.pop("scope"))
        return ask_for_grant(
            acting_staff=self.staff,
            role=role,
            scope=scope,
            programme_id=programme_id,
            organisation_id=organisation_id,
            id=self.new_id,
            **values,
        )

    def success_url(self, result: GrantRequest) -> str:
        """The request."""
        return reverse("org:asked_detail", args=[result.pk])

    def done_message(self, result: GrantRequest) -> str:
        """What happens now."""
        return _now("Asked. An administrator gives it or says why not.")


def _told(grant: Grant, kept: Kept) -> str:
    """Whose role, which, how far."""
    return f"{grant.staff}: {force_str(labels.role(grant.role))} · {place_of(grant, kept)}"


class DeputyForm(HouseForm):
    """For whose role, who, from when to when."""

    grant: Any = forms.ModelChoiceField(
        Grant.objects.none(), label=_("Who is away, in which role?")
    )
    staff = forms.ModelChoiceField(StaffUser.objects.none(), label=_("Who stands in?"))
    starts = DayField(label=_("From"))
    ends = DayField(label=_("Until"), help_text=_("At most 60 days. It ends by itself."))
    why = forms.CharField(label=_("Why is it needed?"), max_length=300)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the roles held now, but caseloads, and those who work here."""
        super().__init__(*args, **options)
        today = timezone.localdate()
        held = Grant.objects.filter(
            ended_at=None, starts__lte=today, ends__gte=today, acting_for=None,
            staff__is_active=True,
        ).exclude(scope=ScopeKind.CASELOAD.value)  # fmt: skip
        field: Any = self.fields["grant"]
        field.label_from_instance = partial(_told, kept=all_kept())
        field.queryset = held.select_related("staff", "office", "area__parent").order_by(
            "staff__display_name", "role"
        )
        _working(self)


class AskForDeputy(AskForGrant):
    """Somebody stands in for who is away."""

    form_class = DeputyForm
    title = _("Ask for a deputy")
    intro = _("She gets the same role and reach for these days, when an administrator gives it.")

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"starts": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> GrantRequest:
        """Ask."""
        return ask_for_deputy(acting_staff=self.staff, id=self.new_id, **values)


class OnAsked(FormPage):
    """The answer to one request."""

    subject_model = GrantRequest
    permission = GIVE

    def find_subject(self, pk: UUID) -> GrantRequest | None:
        """As far as the reader may see it."""
        found: GrantRequest | None = requests_seen_by(self.staff).filter(pk=pk).first()
        return found

    def lead(self) -> str:
        """The request in words."""
        row = self.subject
        return f"{role_of(row)} · {row.staff} · {place_of(row)} · {row.why}"

    def success_url(self, result: GrantRequest) -> str:
        """The request."""
        return reverse("org:asked_detail", args=[result.pk])


class ReasonForm(HouseForm):
    """The reason where one person does the work of several."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        help_text=_("Only where one person does the work of several."),
    )


class GiveAsked(OnAsked):
    """It is given as asked."""

    form_class = ReasonForm
    asks_factor = True
    title = _("Give this role")
    verb = _("Give this role")

    def perform(self, values: dict[str, Any]) -> GrantRequest:
        """Give it."""
        return give_asked_grant(acting_staff=self.staff, request=self.subject, **values)


class RefuseForm(HouseForm):
    """Why not."""

    answer = forms.CharField(label=_("Why not?"), max_length=300)


class RefuseAsked(OnAsked):
    """It is refused, with the reason."""

    form_class = RefuseForm
    title = _("Refuse this role")
    verb = _("Refuse it")

    def perform(self, values: dict[str, Any]) -> GrantRequest:
        """Refuse it."""
        return refuse_asked_grant(acting_staff=self.staff, request=self.subject, **values)
