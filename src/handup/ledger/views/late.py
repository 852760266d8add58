"""The work list of late facts: what happened in a closed month and stands in a later one."""

from typing import Any

from django import forms
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.labels import kind_label
from handup.ledger.models import Entry, LateFactSeen
from handup.ledger.views.journal import amount_in_base, books_of
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Choice, Column, DateRange, EmptyState, Kind, ListPage, Tick


def _to_look_at(rows: Any) -> Any:
    return rows.filter(late_seen=None)


class LateFacts(ListPage):
    """Late facts, those nobody looked at marked."""

    model = Entry
    permission = "ledger.view_entry"
    title = _("Late facts")
    intro = _("What happened in a closed month stands in the next open one with its own day.")
    related = ("book", "posted_by", "late_seen__seen_by")
    prefetch = ("lines",)
    columns = (
        Column("seq", _("Number"), Kind.LINK, url_name="ledger:entry_detail"),
        Column("book.name", _("Book")),
        Column("happened_date", _("Happened on"), Kind.DATE, sort="happened_date"),
        Column("entry_date", _("Posted on"), Kind.DATE, sort="entry_date"),
        Column("kind", _("What"), value=lambda entry: kind_label(entry.kind)),
        Column(
            "amount",
            _("Amount"),
            Kind.MONEY,
            value=amount_in_base,
            currency="book.base_currency",
        ),
        Column("posted_by.display_name", _("Posted by")),
        Column(
            "seen",
            _("Looked at by"),
            Kind.LINK,
            value=lambda entry: (
                entry.late_seen.seen_by if hasattr(entry, "late_seen") else _("Look at it")
            ),
            href=lambda entry: reverse(
                "ledger:entry_detail" if hasattr(entry, "late_seen") else "ledger:late_seen",
                args=[entry.pk],
            ),
        ),
        Column(
            "note",
            _("Why it came late"),
            value=lambda entry: entry.late_seen.note if hasattr(entry, "late_seen") else "",
        ),
    )
    filters = (
        Choice("book", _("Book"), books_of),
        Tick("open", _("only those nobody looked at"), _to_look_at),
        DateRange("happened", _("Happened"), "happened_date"),
        DateRange("posted", _("Posted"), "entry_date"),
    )
    order = "-pk"
    empty = EmptyState(_("No late facts"), _("Everything stands in the month it happened in."))

    def rows(self) -> Any:
        """Entries of a later day than their fact."""
        return super().rows().filter(entry_date__gt=F("happened_date"))


class LookForm(HouseForm):
    """Why it came late."""

    note = forms.CharField(
        label=_("Why it came late, or what was told to whom"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LookAtLateFact(FormPage):
    """Say that a late fact was looked at."""

    form_class = LookForm
    permission = "ledger.acknowledge_late_fact"
    subject_model = Entry
    title = _("Look at a late fact")
    intro = _("The entry stays as it is.")
    verb = _("I looked at it")
    subject: Entry

    def perform(self, values: dict[str, Any]) -> LateFactSeen:
        """Keep it."""
        return services.acknowledge_late_fact(
            acting_staff=self.staff,
            entry=self.subject,
            note=values["note"],
            seen_date=timezone.localdate(),
            id=self.new_id,
        )

    def success_url(self, result: LateFactSeen) -> str:
        """The work list."""
        return f"{reverse('ledger:late_list')}?open=1"

    def done_message(self, result: LateFactSeen) -> str:
        """Said when it is stored."""
        return str(_("It is noted."))
