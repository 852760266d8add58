"""Emergency access: opened on one page, reviewed on another; the register says who opened whom and
nothing of her.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import limits, safety
from handup.org.permissions import may
from handup.org.scope import unseen_by
from handup.org.web.forms import FormPage, HouseForm, Question
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Tick, Tone
from handup.org.web.money import format_instant, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, Moment, RecordPage, State
from handup.people.forms.fields import one_of
from handup.people.models import BreakGlass
from handup.people.models import labels as lb
from handup.people.rules.glass import UNREVIEWED, GlassReason, GlassState
from handup.people.services import glass

TONES = {
    GlassState.OPEN: Tone.BAD,
    GlassState.EXPIRED: Tone.WARN,
    GlassState.REVIEWED: Tone.GOOD,
    GlassState.ABUSE: Tone.BAD,
}
VIEW = "people.view_break_glass"


def state_of(row: BreakGlass) -> State:
    """Where it stands now."""
    state = row.standing()
    return State(lb.GLASS_STATE[state], TONES[state])


def waiting(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those nobody has reviewed."""
    return rows.filter(state__in=[state.value for state in UNREVIEWED])


class GlassList(ListPage):
    """The register of emergency accesses."""

    model = BreakGlass
    permission = VIEW
    title = _("Emergency access")
    intro = _("Who opened somebody outside her sight, and why. Each is reviewed by somebody else.")
    related = ("staff",)
    columns = (
        Column("code", _("Number"), Kind.LINK, url_name="people:breakglass_detail"),
        Column("staff", _("Opened by")),
        Column("opened_at", _("Opened"), Kind.INSTANT, sort="opened_at"),
        Column("ends_at", _("Until"), Kind.INSTANT, shown=False),
        Column("reason", _("Reason"), sort="reason"),
        Column("review_by", _("To review by"), Kind.DATE, sort="review_by"),
        Column("state", _("State"), Kind.STATE, value=state_of),
    )
    filters = (
        Choice("reason", _("Reason"), lb.choices(lb.GLASS_REASON)),
        Tick("waiting", _("only those to review"), waiting),
        Tick(
            "late",
            _("only those reviewed too late"),
            lambda rows: waiting(rows).filter(review_by__lt=timezone.localdate()),
        ),
    )
    order = "-opened_at"
    empty = EmptyState(_("Nobody opened anybody"), _("Each emergency access is listed here."))


class GlassPage(RecordPage):
    """One emergency access, for whoever reviews it."""

    model = BreakGlass
    permission = VIEW
    related = ("staff", "reviewed_by", "person")
    record: BreakGlass

    def header(self) -> Header:
        """Who, when, and the review."""
        row = self.record
        review = Action(_("Review it"), "people:breakglass_review", glass.REVIEW, args=(row.pk,))
        her = (row.person_id,)
        seen = Action(_("Who saw her"), "people:person_seen", "org.view_reads", args=her)
        open_to_review = GlassState(row.state) in UNREVIEWED and row.staff != self.staff
        known = self._known()
        return Header(
            _t("Emergency access %(code)s") % {"code": row.code},
            subtitle=str(row.staff),
            state=state_of(row),
            primary=review if open_to_review else None,
            actions=(seen,) if known else (),
            crumbs=(Crumb(_("Emergency access"), reverse("people:breakglass_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What is late."""
        if not self.record.is_late():
            return ()
        return ((Tone.BAD, _("It was to be reviewed by now, and is with the director too.")),)

    def facts(self) -> Sequence[FactGroup]:
        """Why, whom, how long."""
        row = self.record
        reviews = may(self.staff, glass.REVIEW)
        facts = [
            Fact(_("Opened by"), row.staff),
            Fact(_("Reason"), row.get_reason_display()),
            Fact(_("Opened"), row.opened_at),
            Fact(_("Until"), row.ends_at),
            Fact(_("To review by"), row.review_by),
        ]
        if reviews:
            number = row.person.registration_no if self._known() else _("a hidden person")
            facts.insert(1, Fact(_("Registration number of whom"), number))
            facts.insert(3, Fact(_("In her words"), row.words))
            facts.append(Fact(_("What the review found"), row.finding))
        return (FactGroup(_("Emergency access"), facts),)

    def _known(self) -> bool:
        """Whether the reader may know of her; that somebody was opened she knows in any case."""
        return self.record.person_id not in unseen_by(self.staff, glass.VIEW_PERSON)

    def timeline(self) -> Sequence[Moment]:
        """What happened."""
        row = self.record
        over = row.standing() is not GlassState.OPEN
        found = [
            Moment(row.opened_at, _("Opened"), str(row.staff)),
            Moment(row.ends_at, _("Over"), ahead=not over),
        ]
        if row.escalated_at is not None:
            found.append(Moment(row.escalated_at, _("Escalated"), tone=Tone.BAD))
        if row.reviewed_at is not None:
            found.append(Moment(row.reviewed_at, state_of(row).label, str(row.reviewed_by)))
        return found


class GlassForm(HouseForm):
    """Whom, why."""

    registration_no = forms.CharField(
        label=_("Her registration number"),
        max_length=12,
        help_text=_("As it stands on her card."),
    )
    reason = one_of(lb.GLASS_REASON, _("Why do you have to see her now?"))
    words = forms.CharField(
        label=_("In your words"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("At least 20 signs."),
    )
    questions = (
        Question(_("Whom?"), ("registration_no",)),
        Question(_("Why?"), ("reason", "words")),
    )


class BreakTheGlass(FormPage):
    """Open one person in an emergency."""

    form_class = GlassForm
    permission = glass.BREAK
    title = _("Open somebody in an emergency")
    verb = _("Open her now")
    asks_factor = True

    def lead(self) -> Any:
        """What follows from it."""
        minutes = format_number(safety.value("protection.break_glass_minutes"))
        return _t(
            "You see one person for %(minutes)s minutes, for reading only. Those who protect her"
            " see it at once, and somebody else reviews it."
        ) % {"minutes": minutes}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Numbers are not to be tried out."""
        limits.require_within(request, "reveal")
        return super().post(request, *args, **kwargs)

    def perform(self, values: dict[str, Any]) -> BreakGlass:
        """Open her."""
        values["reason"] = GlassReason(values["reason"])
        return glass.break_glass(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: BreakGlass) -> str:
        """Her page."""
        return reverse("people:person_detail", args=[result.person_id])

    def done_message(self, result: BreakGlass) -> str:
        """Until when."""
        return _t("Open to you until %(when)s.") % {"when": format_instant(result.ends_at)}


class ReviewForm(HouseForm):
    """What the review found."""

    abuse = forms.ChoiceField(
        label=_("Was it in order?"),
        choices=(("no", _("It was in order")), ("yes", _("It was misused: open an incident"))),
        widget=forms.RadioSelect,
    )
    finding = forms.CharField(
        label=_("What did you find?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


class ReviewGlass(FormPage):
    """Say whether it was in order."""

    form_class = ReviewForm
    permission = glass.REVIEW
    subject_model = BreakGlass
    title = _("Review this emergency access")
    verb = _("Save the review")

    def perform(self, values: dict[str, Any]) -> BreakGlass:
        """Save it."""
        return glass.review_break_glass(
            acting_staff=self.staff,
            access=self.subject,
            abuse=values["abuse"] == "yes",
            finding=values["finding"],
        )

    def success_url(self, result: BreakGlass) -> str:
        """The access."""
        return reverse("people:breakglass_detail", args=[result.pk])
