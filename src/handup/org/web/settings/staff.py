"""Staff users and their grants: who works here, what she may do, where, until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import reach
from handup.org.models import Area, Grant, Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.services.access import end_grant, give_grant, review_grant, to_review
from handup.org.services.staff import disable_staff, issue_password, register_staff
from handup.org.web import labels
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm, Question
from handup.org.web.lists import Action, Choice, EmptyState, ListPage, Search, Tick
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table

OPEN, CLOSED = State(_("open"), Tone.GOOD), State(_("closed"), Tone.PLAIN)
ROLE_CHOICES = [(role.value, label) for role, label in labels.ROLES.items()]
SCOPE_CHOICES = [(scope.value, label) for scope, label in labels.SCOPES.items()]


ROLE_COLUMN = Column(
    "role", _("Role"), value=lambda g: labels.role(g.role), url_name="org:grant_detail"
)


def live_roles(staff: StaffUser) -> str:
    """Her roles of today, in words."""
    today = timezone.localdate()
    live = [g for g in staff.grants.all() if g.ended_at is None and g.starts <= today <= g.ends]
    return ", ".join(sorted({force_str(labels.role(grant.role)) for grant in live}))


def by_role(rows: QuerySet[Any], role: str) -> QuerySet[Any]:
    """Those who hold a live grant of one role."""
    today = timezone.localdate()
    live = Grant.objects.filter(role=role, ended_at=None, starts__lte=today, ends__gte=today)
    return rows.filter(pk__in=live.values("staff_id"))


class StaffList(ListPage):
    """Everyone who may sign in."""

    model = StaffUser
    permission = "org.view_staff"
    title = _("Staff")
    columns = (
        Column("display_name", _("Name"), sort="display_name", url_name="org:staff_detail"),
        Column("username", _("User name"), sort="username"),
        Column("roles", _("Roles"), value=live_roles),
        Column("home_office", _("Office"), sort="home_office__name"),
        Column(
            "is_active", _("Account"), Kind.STATE, value=lambda s: OPEN if s.is_active else CLOSED
        ),
        Column("last_login", _("Last sign-in"), Kind.INSTANT, sort="last_login"),
    )
    filters = (
        Search(("display_name", "username"), label=_("Name or user name")),
        Choice("role", _("Role"), ROLE_CHOICES, using=by_role),
    )
    order = "display_name"
    related = ("home_office",)
    prefetch = ("grants",)
    primary = Action(
        _("Register a staff user"), "org:staff_new", "org.register_staff", icon="user-plus"
    )
    empty = EmptyState(_("Nobody yet"), _("An administrator registers who signs in here."))

    def rows(self) -> QuerySet[Any]:
        """All of them: the permission is the whole rule."""
        return StaffUser.objects.select_related(*self.related).prefetch_related(*self.prefetch)


Kept = Mapping[str, Mapping[UUID, str]]


def all_kept() -> Kept:
    """Programmes and organisations by name, read once for many grants."""
    return {kind: reach.names(kind) for kind in ("programme", "organisation")}


def place_of(grant: Grant, kept: Kept | None = None) -> str:
    """Where a grant reaches, in words."""
    scope = force_str(labels.SCOPES[ScopeKind(grant.scope)])
    place = grant.office or grant.area or _kept("programme", grant.programme_id, kept)
    where = f"{scope}: {place}" if place else scope
    house = _kept("organisation", grant.organisation_id, kept)
    return f"{where} · {house}" if house else where


def _kept(kind: str, key: UUID | None, kept: Kept | None) -> str:
    """The name of a programme or an organisation; its number where it is no longer kept."""
    if key is None:
        return ""
    return (reach.names(kind) if kept is None else kept[kind]).get(key, str(key))


def state_of(grant: Grant) -> State:
    """Where a grant stands today."""
    today = timezone.localdate()
    if grant.ended_at is not None or grant.ends < today:
        return State(_("ended"), Tone.PLAIN)
    if grant.starts > today:
        return State(_("to come"), Tone.INFO)
    soon = grant.ends - today <= timedelta(days=30)
    return State(_("ends soon"), Tone.WARN) if soon else State(_("in force"), Tone.GOOD)


class StaffPage(RecordPage):
    """One staff user: account, grants."""

    model = StaffUser
    permission = "org.view_staff"

    def rows(self) -> Any:
        """All of them: the permission is the whole rule."""
        return StaffUser.objects.select_related("home_office")

    def header(self) -> Header:
        """Her name, whether the account is open, what an administrator may do."""
        who, key = self.record, (self.record.pk,)
        give = Action(_("Give a role"), "org:grant_new", "org.give_grant", args=key)
        part = Action(_("Give the roles of her part"), "org:part_new", "org.give_grant", args=key)
        actions = [
            *([part] if who.is_active else ()),
            Action(_("Give a new password"), "org:staff_password", "org.register_staff", args=key),
        ]
        if who.is_active and who != self.staff:
            may, close = "org.register_staff", _("Close the account")
            lost = Action(_("Take away a lost second factor"), "org:staff_factor", may, args=key)
            actions += [lost, Action(close, "org:staff_disable", may, args=key, tone="bad")]
        return Header(
            who.display_name or who.username,
            who.username,
            OPEN if who.is_active else CLOSED,
            give if who.is_active else None,
            actions,
            (Crumb(_("Staff"), reverse("org:staff_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What is known of the account."""
        who = self.record
        languages = dict(settings.LANGUAGES)
        return [
            FactGroup(
                _("Account"),
                [
                    Fact(_("E-mail"), who.email),
                    Fact(_("Office"), who.home_office),
                    Fact(_("Language"), languages.get(who.language, who.language)),
                    Fact(_("Registered"), who.recorded_at),
                    Fact(_("Last sign-in"), who.last_login),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Her grants, the youngest first."""
        columns = [
            ROLE_COLUMN,
            Column("scope", _("Reaches"), value=partial(place_of, kept=all_kept())),
            Column("starts", _("From"), Kind.DATE),
            Column("ends", _("Until"), Kind.DATE),
            Column("reviewed_at", _("Reviewed"), Kind.DATE),
            Column("given_by", _("Given by")),
            Column("state", _("State"), Kind.STATE, value=state_of),
        ]
        grants = self.record.grants.select_related("office", "area__parent", "given_by")
        empty = EmptyState(_("No role yet"), _("Without a role she sees nothing."))
        return [Table(_("Roles"), columns, grants, empty)]


class StaffForm(HouseForm):
    """Who she is."""

    display_name = forms.CharField(label=_("Name"), max_length=120)
    username = forms.CharField(
        label=_("User name"), max_length=60, help_text=_("What she types to sign in.")
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    home_office = forms.ModelChoiceField(
        Office.objects.filter(active=True), label=_("Office"), required=False
    )


class RegisterStaff(FormPage):
    """A new staff user; a role and a first password follow."""

    form_class = StaffForm
    permission = "org.register_staff"
    title = _("Register a staff user")
    verb = _("Register")

    def perform(self, values: dict[str, Any]) -> StaffUser:
        """Register her."""
        return register_staff(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: StaffUser) -> str:
        """Her page, where a role is given."""
        return reverse("org:staff_detail", args=[result.pk])

    def done_message(self, result: StaffUser) -> str:
        """What to do next."""
        return _now("Registered. Give her a role and a first password.")


class OnStaff(FormPage):
    """A form about one staff user."""

    subject_model = StaffUser
    asks_factor = True

    def find_subject(self, pk: UUID) -> StaffUser | None:
        """Any staff user: the permission is the whole rule."""
        return StaffUser.objects.filter(pk=pk).first()

    def success_url(self, result: Any) -> str:
        """Back to her page."""
        return reverse("org:staff_detail", args=[self.subject.pk])

    def context(self) -> dict[str, Any]:
        """Whom it is about."""
        crumbs = (Crumb(str(self.subject), reverse("org:staff_detail", args=[self.subject.pk])),)
        return {"header": Header(self.title, self.intro, crumbs=crumbs)}


def _one_of(kind: str) -> Callable[[], list[tuple[str, str]]]:
    return lambda: [("", ""), *((str(key), name) for key, name in reach.names(kind).items())]


class GrantForm(HouseForm):
    """Which role, how far, how long."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES)
    scope = forms.ChoiceField(
        label=_("How far it reaches"), choices=SCOPE_CHOICES, widget=forms.RadioSelect
    )
    office = forms.ModelChoiceField(
        Office.objects.filter(active=True),
        label=_("Office"),
        required=False,
        help_text=_("When it reaches one office."),
    )
    area = forms.ModelChoiceField(
        Area.objects.filter(level__lte=3),
        label=_("Area"),
        required=False,
        help_text=_("When it reaches one area and all below."),
    )
    programme = forms.TypedChoiceField(
        label=_("Programme"),
        choices=_one_of("programme"),
        coerce=UUID,
        empty_value=None,
        required=False,
        help_text=_("When it reaches one programme."),
    )
    organisation = forms.TypedChoiceField(
        label=_("Organisation"),
        choices=_one_of("organisation"),
        coerce=UUID,
        empty_value=None,
        required=False,
        help_text=_("When she works for a partner bank or another house: she sees only its share."),
    )
    starts = DayField(label=_("From"))
    ends = DayField(label=_("Until"), help_text=_("At most twelve months."))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        help_text=_("Only where one person does the work of several."),
    )
    questions = (
        Question(_("What may she do?"), ("role",)),
        Question(_("Where?"), ("scope", "office", "area", "programme", "organisation")),
        Question(_("How long?"), ("starts", "ends", "reason")),
    )


class GiveGrant(OnStaff):
    """A role with its reach and its end."""

    form_class = GrantForm
    permission = "org.give_grant"
    title = _("Give a role")
    verb = _("Give this role")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """A year from today."""
        today = timezone.localdate()
        return {"starts": today, "ends": today + timedelta(days=365), "scope": "OFFICE"}

    def perform(self, values: dict[str, Any]) -> Grant:
        """Give it."""
        programme_id, organisation_id = values.pop("programme"), values.pop("organisation")
        role, scope = Role(values.pop("role")), ScopeKind(values.pop("scope"))
        return give_grant(
            acting_staff=self.staff,
            staff=self.subject,
            role=role,
            scope=scope,
            programme_id=programme_id,
            organisation_id=organisation_id,
            id=self.new_id,
            **values,
        )


class NoQuestions(HouseForm):
    """Nothing to fill in: the button is the answer."""


def grant_of(pk: UUID) -> Grant | None:
    """Any grant: the permission is the whole rule."""
    related = ("staff", "office", "area__parent", "given_by")
    return Grant.objects.select_related(*related).filter(pk=pk).first()


class GrantPage(RecordPage):
    """One grant: reviewed each quarter, ended when it is not needed."""

    model = Grant
    permission = "org.view_staff"

    def rows(self) -> Any:
        """All of them: the permission is the whole rule."""
        return Grant.objects.select_related(
            "staff", "office", "area__parent", "given_by", "acting_for"
        )

    def header(self) -> Header:
        """The role, whose it is, what may be done."""
        grant, key = self.record, (self.record.pk,)
        over = grant.ended_at is not None
        review = Action(_("It is still needed"), "org:grant_review", "org.review_grant", args=key)
        end = Action(_("End it"), "org:grant_end", "org.end_grant", args=key, tone="bad")
        who = reverse("org:staff_detail", args=[grant.staff_id])
        return Header(
            labels.role(grant.role),
            str(grant.staff),
            state_of(grant),
            None if over else review,
            () if over else (end,),
            (Crumb(_("Staff"), reverse("org:staff_list")), Crumb(str(grant.staff), who)),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Where, how long, by whom."""
        grant = self.record
        facts = [
            Fact(_("Reaches"), place_of(grant)),
            Fact(_("From"), grant.starts),
            Fact(_("Until"), grant.ends),
            Fact(_("Stands in for"), grant.acting_for),
            Fact(_("Given by"), grant.given_by),
            Fact(_("Reviewed"), grant.reviewed_at),
            Fact(_("Ended"), grant.ended_at),
        ]
        return [FactGroup(_("This role"), facts)]


def _due(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those in force that nobody has reviewed for a quarter."""
    return to_review(rows, timezone.localdate())


class GrantList(ListPage):
    """Every role given, with its review."""

    model = Grant
    permission = "org.view_staff"
    title = _("Roles given")
    intro = _("A role that nobody reviews within a quarter and its days of grace lapses.")
    related = ("staff", "office", "area__parent")
    columns = (
        Column("staff", _("Staff"), sort="staff__display_name"),
        ROLE_COLUMN,
        Column("scope", _("Reaches"), value=place_of),
        Column("ends", _("Until"), Kind.DATE, sort="ends"),
        Column("reviewed_at", _("Reviewed"), Kind.DATE, sort="reviewed_at"),
        Column("lapsed", _("Lapsed"), Kind.TICK),
        Column("state", _("State"), Kind.STATE, value=state_of),
    )
    filters = (
        Search(("staff__display_name", "staff__username"), label=_("Name or user name")),
        Choice("role", _("Role"), ROLE_CHOICES),
        Tick("due", _("only those to review"), _due),
    )
    order = "ends"
    empty = EmptyState(_("No role is given"), _("A role is given on the page of a staff user."))

    def rows(self) -> QuerySet[Any]:
        """All of them: the permission is the whole rule."""
        return Grant.objects.select_related(*self.related)


class OnGrant(FormPage):
    """Reviewing or ending one grant."""

    form_class = NoQuestions
    subject_model = Grant

    def find_subject(self, pk: UUID) -> Grant | None:
        """Any grant: the permission is the whole rule."""
        return grant_of(pk)

    def success_url(self, result: Grant) -> str:
        """Back to her page."""
        return reverse("org:staff_detail", args=[self.subject.staff_id])

    def context(self) -> dict[str, Any]:
        """The grant in words."""
        grant = self.subject
        words = f"{force_str(labels.role(grant.role))} · {grant.staff} · {place_of(grant)}"
        crumb = Crumb(labels.role(grant.role), reverse("org:grant_detail", args=[grant.pk]))
        return {"header": Header(self.title, words, crumbs=(crumb,))}


class ReviewGrant(OnGrant):
    """Still needed: confirmed for another quarter."""

    permission = "org.review_grant"
    asks_factor = True
    title = _("Review this role")
    verb = _("It is still needed")

    def perform(self, values: dict[str, Any]) -> Grant:
        """Confirm it."""
        return review_grant(acting_staff=self.staff, grant=self.subject)


class EndGrant(OnGrant):
    """Not needed any more: it ends at once."""

    permission = "org.end_grant"
    title = _("End this role")
    verb = _("End it now")

    def perform(self, values: dict[str, Any]) -> Grant:
        """End it."""
        return end_grant(acting_staff=self.staff, grant=self.subject)


class GivePassword(OnStaff):
    """A new password, shown once."""

    form_class = NoQuestions
    permission = "org.register_staff"
    title = _("Give a new password")
    intro = _("The old one stops working and every browser she is signed in with is signed out.")
    verb = _("Make a new password")

    def perform(self, values: dict[str, Any]) -> str:
        """Make it."""
        return issue_password(acting_staff=self.staff, staff=self.subject)

    def answer(self, result: str) -> HttpResponseBase:
        """Show it, this once."""
        context = {"header": Header(_("Password"), str(self.subject)), "secret": result}
        context["back_href"] = self.success_url(None)
        return render(self.request, "org/secret.html", context)


class CloseAccount(OnStaff):
    """The account is closed; history and grants stay."""

    form_class = NoQuestions
    permission = "org.register_staff"
    title = _("Close this account?")
    intro = _("She is signed out everywhere at once. What she did stays on record.")
    verb = _("Close the account")

    def perform(self, values: dict[str, Any]) -> StaffUser:
        """Close it."""
        return disable_staff(acting_staff=self.staff, staff=self.subject)
