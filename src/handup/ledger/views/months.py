"""The board of months, and the two steps that close one."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.models import Period
from handup.ledger.models.books import PERIOD_STATUS_LABELS
from handup.ledger.reports import late_facts
from handup.ledger.rules.words import PeriodStatus
from handup.ledger.views.journal import books_of, practice_note
from handup.ledger.views.reason import ReasonForm
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Tone,
)

PERIOD_TONES = {
    PeriodStatus.OPEN.value: Tone.GOOD,
    PeriodStatus.SOFT_CLOSED.value: Tone.WARN,
    PeriodStatus.CLOSED.value: Tone.PLAIN,
}


class PeriodList(ListPage):
    """The board of months, the newest first."""

    model = Period
    permission = "ledger.view_period"
    title = _("Months")
    intro = _("A month is closed for facts by one person and for good by another.")
    related = ("book", "soft_closed_by", "closed_by")
    columns = (
        Column(
            "month",
            _("Month"),
            Kind.LINK,
            sort="starts",
            value=str,
            url_name="ledger:period_detail",
        ),
        Column("book.name", _("Book")),
        Column("status", _("State"), Kind.STATE, tones=PERIOD_TONES),
        Column("soft_closed_by.display_name", _("Closed for facts by")),
        Column("closed_by.display_name", _("Closed by")),
    )
    filters = (
        Choice("book", _("Book"), books_of),
        Choice("status", _("State"), list(PERIOD_STATUS_LABELS.items())),
    )
    order = "-starts"
    empty = EmptyState(_("No months yet"), _("A month opens with its first entry."))


class PeriodPage(RecordPage):
    """One month of one book, and what closes it next."""

    model = Period
    permission = "ledger.view_period"
    related = ("book", "soft_closed_by", "closed_by")
    record: Period

    def header(self) -> Header:
        """The month and the next step."""
        period = self.record
        return Header(
            str(period),
            subtitle=period.book.name,
            state=State(period.get_status_display(), PERIOD_TONES[period.status]),
            primary=self._next(),
            actions=(
                Action(_("What is still open"), "ledger:close_checks", args=(period.pk,)),
                Action(
                    _("Trial balance"),
                    href=reverse("ledger:trial_balance", args=[period.book_id])
                    + f"?from={period.starts}&to={period.ends}",
                ),
            ),
            crumbs=(Crumb(_("Months"), reverse("ledger:period_list")),),
        )

    def _next(self) -> Action | None:
        period = self.record
        if period.status == PeriodStatus.OPEN:
            return Action(
                _("Close for facts"),
                "ledger:soft_close",
                "ledger.soft_close_period",
                args=(period.pk,),
            )
        if period.status == PeriodStatus.SOFT_CLOSED:
            return Action(
                _("Close for good"), "ledger:close", "ledger.close_period", args=(period.pk,)
            )
        return None

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """A book for exercises says so."""
        return practice_note(self.record.book)

    def facts(self) -> Sequence[FactGroup]:
        """Who closed it and when."""
        period = self.record
        return (
            FactGroup(
                _("Closing"),
                (
                    Fact(_("From"), period.starts),
                    Fact(_("Until"), period.ends),
                    Fact(_("Closed for facts by"), period.soft_closed_by),
                    Fact(_("Closed for facts at"), period.soft_closed_at),
                    Fact(_("Closed by"), period.closed_by),
                    Fact(_("Closed at"), period.closed_at),
                    Fact(_("Hash of its trial balance"), period.balance_hash[:16]),
                ),
            ),
            self._late(),
        )

    def _late(self) -> FactGroup:
        """What stands here of closed months before, and what of this month came too late for it."""
        period = self.record
        late = late_facts([period.book], period.starts, period.ends)
        journal = reverse("ledger:entry_list") + f"?book={period.book_id}&late=1"
        here = f"{journal}&posted_from={period.starts}&posted_to={period.ends}"
        later = f"{journal}&happened_from={period.starts}&happened_to={period.ends}"
        return FactGroup(
            _("Late facts"),
            (
                Fact(
                    _("Happened in closed months before, posted here"),
                    late.brought_in,
                    here if late.brought_in else "",
                ),
                Fact(
                    _("Happened in this month, posted later"),
                    late.left_out,
                    later if late.left_out else "",
                ),
            ),
        )


class ClosePage(FormPage):
    """What both ways of closing share."""

    form_class: ClassVar[type[HouseForm]] = ReasonForm
    subject_model = Period
    subject: Period

    def subject_name(self) -> str:
        """The month and whose it is."""
        return f"{self.subject} · {self.subject.book}"

    def success_url(self, result: Period) -> str:
        """The month's page."""
        return reverse("ledger:period_detail", args=[result.pk])

    def done_message(self, result: Period) -> str:
        """What was done."""
        return str(_("The month is closed."))


class SoftClose(ClosePage):
    """Close a month for facts."""

    form_class = HouseForm
    permission = "ledger.soft_close_period"
    title = _("Close the month for facts")
    intro = _("Later facts will be posted in the next open month; adjustments can still enter.")
    verb = _("Close for facts")

    def perform(self, values: dict[str, Any]) -> Period:
        """Close it."""
        return services.soft_close_period(acting_staff=self.staff, period=self.subject)


class Close(ClosePage):
    """Close a month for good."""

    permission = "ledger.close_period"
    title = _("Close the month for good")
    intro = _("It is never opened again. The books are proved first.")
    verb = _("Close for good")

    def perform(self, values: dict[str, Any]) -> Period:
        """Close it."""
        return services.close_period(acting_staff=self.staff, period=self.subject, **values)
