"""What has been kept long enough, for the data protection officer: listed every night, blanked when
she approves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import retention
from handup.org.models import RetentionListing, RetentionState
from handup.org.services.retention import NotDue, approve_retention
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.filters import Choice
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import EmptyState, ListPage
from handup.org.web.money import format_day, format_number
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage

TONES = {
    RetentionState.DUE.value: Tone.WARN,
    RetentionState.BLANKED.value: Tone.GOOD,
    RetentionState.LAPSED.value: Tone.PLAIN,
}


def title_of(row: RetentionListing) -> str:
    """What a listing is about, in words."""
    rule = retention.rules.get(row.rule)
    return row.rule if rule is None else str(rule.title)


class RetentionList(ListPage):
    """Listings, the newest first."""

    model = RetentionListing
    permission = "org.view_retention"
    title = _("Kept long enough")
    intro = _("Every night what is due is counted. Nothing is blanked before somebody approves it.")
    columns = (
        Column("what", _("What"), Kind.LINK, value=title_of, url_name="org:retention_detail"),
        Column("before_date", _("Older than"), Kind.DATE),
        Column("found", _("Records"), Kind.NUMBER),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("approved_date", _("Approved on"), Kind.DATE),
        Column("blanked", _("Blanked"), Kind.NUMBER),
    )
    filters = (Choice("state", _("State"), RetentionState.choices),)
    empty = EmptyState(_("Nothing is due"), _("It is counted again every night."))


class RetentionPage(RecordPage):
    """One listing: what it is, how long it is kept, and who approved."""

    model = RetentionListing
    permission = "org.view_retention"
    record: RetentionListing

    def header(self) -> Header:
        """What it is about, with the way to approve."""
        row = self.record
        verb = _("Propose them") if proposes(row) else _("Blank them")
        approve = Action(verb, "org:retention_approve", "org.approve_retention", (row.pk,))
        return Header(
            title_of(row),
            state=State(row.get_state_display(), TONES[row.state]),
            crumbs=(Crumb(_("Kept long enough"), reverse("org:retention_list")),),
            actions=(approve,) if row.state == RetentionState.DUE.value else (),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The rule, the days, the numbers."""
        row = self.record
        rule = retention.rules.get(row.rule)
        facts = [
            Fact(_("What is blanked"), "" if rule is None else str(rule.says)),
            Fact(_("Kept for"), "" if rule is None else days_told(retention.days_of(rule))),
            Fact(_("Older than"), row.before_date),
            Fact(_("Records"), format_number(row.found)),
        ]
        if row.approved_by is not None:
            facts += [
                Fact(_("Approved by"), str(row.approved_by)),
                Fact(_("Approved on"), row.approved_date),
                Fact(_("Blanked"), format_number(row.blanked)),
            ]
        return (FactGroup(_("What is due"), tuple(facts)),)


def proposes(row: RetentionListing) -> bool:
    """Whether approval asks others to decide of each record, and blanks nothing itself."""
    rule = retention.rules.get(row.rule)
    return rule is not None and rule.propose is not None


def days_told(days: int) -> str:
    """So many days, in words."""
    return _now("%(number)s days") % {"number": format_number(days)}


class ApproveForm(HouseForm):
    """The button is the answer; the day is the one that was shown beside it."""

    before = forms.DateField(required=False, widget=forms.HiddenInput)


class ApproveRetention(FormPage):
    """The one step that blanks; it cannot be taken back."""

    form_class = ApproveForm
    permission = "org.approve_retention"
    subject_model = RetentionListing
    title = _("Blank what is due?")
    verb = _("Blank them")
    asks_factor = True

    def initial(self) -> dict[str, Any]:
        """The day that is shown."""
        return {"before": self.subject.before_date}

    def context(self) -> dict[str, Any]:
        """What would go, and how old it is."""
        row = self.subject
        told = _now("%(what)s: %(number)s records older than %(day)s. This cannot be taken back.")
        if proposes(row):
            told = _now("%(what)s: %(number)s, last on a day before %(day)s. Two decide of each.")
        words = {
            "what": title_of(row),
            "number": format_number(row.found),
            "day": format_day(row.before_date),
        }
        return {"header": Header(self.title, told % words)}

    def perform(self, values: dict[str, Any]) -> RetentionListing:
        """Blank what was shown. Raises NotDue: it was counted anew meanwhile."""
        if values["before"] != self.subject.before_date:
            raise NotDue
        return approve_retention(
            acting_staff=self.staff, listing=self.subject, on=timezone.localdate()
        )

    def success_url(self, result: RetentionListing) -> str:
        """To the listing, which says how many."""
        return reverse("org:retention_detail", args=[result.pk])
