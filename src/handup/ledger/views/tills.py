"""Counting a till: what lies in it, seen by another person, what differs posted with both names."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.models import Account, CashCount
from handup.ledger.models.tills import COUNT_STATUS_LABELS
from handup.ledger.rules.words import CountStatus
from handup.ledger.services.tills import held_by_till
from handup.ledger.views.journal import books_of
from handup.ledger.views.reason import ReasonForm
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.lists import Choice, Column, DateRange, EmptyState, Kind, ListPage
from handup.org.web.money import format_money
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Tile,
    Tone,
)

TONES = {
    CountStatus.COUNTED.value: Tone.WARN,
    CountStatus.CONFIRMED.value: Tone.GOOD,
    CountStatus.DECLINED.value: Tone.PLAIN,
}


class CountList(ListPage):
    """Tills that were counted, the newest first."""

    model = CashCount
    permission = "ledger.view_account"
    title = _("Tills counted")
    intro = _("A till is counted by one person at the end of a day and seen by another.")
    related = ("account__book", "counted_by", "confirmed_by")
    columns = (
        Column(
            "counted_date",
            _("Day"),
            Kind.LINK,
            sort="counted_date",
            url_name="ledger:cashcount_detail",
        ),
        Column("account", _("Till")),
        Column("account.book.name", _("Book")),
        Column("counted_units", _("Counted"), Kind.MONEY),
        Column("expected_units", _("By the books"), Kind.MONEY),
        Column("difference_units", _("Difference"), Kind.MONEY),
        Column("status", _("State"), Kind.STATE, tones=TONES),
        Column("counted_by.display_name", _("Counted by")),
        Column("confirmed_by.display_name", _("Confirmed by")),
    )
    filters = (
        Choice("book", _("Book"), books_of, field="account__book"),
        Choice("status", _("State"), list(COUNT_STATUS_LABELS.items())),
        DateRange("day", _("Day"), "counted_date"),
    )
    order = "-counted_date"
    empty = EmptyState(
        _("No till was counted yet"), _("Counting begins on the page of a cash account.")
    )


class CountPage(RecordPage):
    """One count: what lay there, what the books say, who counted and who saw it."""

    model = CashCount
    permission = "ledger.view_account"
    related = ("account__book", "counted_by", "confirmed_by", "entry")
    record: CashCount

    def header(self) -> Header:
        """The till and the day; the other person's decision while it waits."""
        count = self.record
        waiting = count.status == CountStatus.COUNTED
        confirm = Action(
            _("Confirm the count"), "ledger:confirm_count", "ledger.confirm_count", args=(count.pk,)
        )
        decline = Action(
            _("Decline"), "ledger:decline_count", "ledger.confirm_count", args=(count.pk,)
        )
        return Header(
            str(count.account),
            subtitle=count.account.book.name,
            state=State(count.get_status_display(), TONES[count.status]),
            primary=confirm if waiting else None,
            actions=(decline,) if waiting else (),
            crumbs=(Crumb(_("Tills counted"), reverse("ledger:cashcount_list")),),
        )

    def tiles(self) -> Sequence[Tile]:
        """Counted beside the books."""
        count = self.record
        counted = Tile(_("Counted"), format_money(count.counted_units, count.currency))
        if count.status == CountStatus.DECLINED:
            return (counted,)  # nobody set it beside the books
        books = count.expected_units
        books = held_by_till(count) if books is None else books
        over = count.counted_units - books
        return (
            counted,
            Tile(
                _("By the books"),
                format_money(books, count.currency),
                how=_("What the till holds at the end of that day, before the difference."),
            ),
            Tile(
                _("Difference"),
                format_money(over, count.currency),
                tone=Tone.WARN if over else Tone.GOOD,
                how=_("Posted to cash differences when another person confirms the count."),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The day and both names."""
        count = self.record
        entry = count.entry
        return (
            FactGroup(
                _("Count"),
                (
                    Fact(_("Day"), count.counted_date),
                    Fact(_("Counted by"), count.counted_by),
                    Fact(_("Counted at"), count.recorded_at),
                    Fact(_("Confirmed by"), count.confirmed_by),
                    Fact(_("Confirmed at"), count.confirmed_at),
                    Fact(_("Remark"), count.remark),
                    Fact(
                        _("Entry of the difference"),
                        entry and str(entry.seq),
                        reverse("ledger:entry_detail", args=[entry.pk]) if entry else "",
                    ),
                ),
            ),
        )


class CountForm(HouseForm):
    """What lies in the till."""

    counted_date = DayField(label=_("End of which day"))
    counted_units = MoneyField(label=_("Counted in the till"), least_units=0)
    remark = forms.CharField(label=_("Remark"), max_length=300, required=False)

    def __init__(self, *args: Any, account: Account, **options: Any) -> None:
        """In the till's currency."""
        super().__init__(*args, **options)
        amount = self.fields["counted_units"]
        assert isinstance(amount, MoneyField)
        amount.currency = account.currency or account.book.base_currency


class CountCash(FormPage):
    """Count a till; the amount by the books is not shown, so that it is really counted."""

    form_class = CountForm
    permission = "ledger.count_cash"
    subject_model = Account
    title = _("Count the till")
    intro = _("Count first. What the books say is shown afterwards; another person confirms it.")
    verb = _("State the count")
    reads_back = True
    subject: Account

    def form_options(self) -> dict[str, Any]:
        """The till."""
        return {"account": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"counted_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> CashCount:
        """State it."""
        return services.count_cash(
            acting_staff=self.staff, account=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: CashCount) -> str:
        """The count's page."""
        return reverse("ledger:cashcount_detail", args=[result.pk])

    def done_message(self, result: CashCount) -> str:
        """What was done."""
        return str(_("The count waits to be seen by another person."))


class SettleCount(FormPage):
    """What confirming and declining share."""

    form_class = ReasonForm
    permission = "ledger.confirm_count"
    subject_model = CashCount
    subject: CashCount

    def success_url(self, result: CashCount) -> str:
        """The count's page."""
        return reverse("ledger:cashcount_detail", args=[result.pk])


class ConfirmCount(SettleCount):
    """Confirm what another person counted."""

    title = _("Confirm the count")
    intro = _("What differs from the books is posted at once, with both names.")
    verb = _("I have seen it counted")

    def perform(self, values: dict[str, Any]) -> CashCount:
        """Confirm it."""
        return services.confirm_count(acting_staff=self.staff, count=self.subject, **values)

    def done_message(self, result: CashCount) -> str:
        """What was done."""
        return str(_("The till is counted."))


class DeclineCount(SettleCount):
    """Decline it; the till is counted anew."""

    title = _("Decline the count")
    verb = _("Decline")

    def perform(self, values: dict[str, Any]) -> CashCount:
        """Decline it."""
        return services.decline_count(acting_staff=self.staff, count=self.subject, **values)

    def done_message(self, result: CashCount) -> str:
        """What was done."""
        return str(_("The count is declined; count the till anew."))
