"""A new version of a chart: what it changes, account by account, then loaded from a day on."""

from datetime import timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.ledger import services
from handup.ledger.chart_changes import Change, ChartChange, changes
from handup.ledger.models import Book
from handup.ledger.packs import Pack, packs
from handup.ledger.rules.words import BookKind
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_money
from handup.org.web.pages import State, Table, Tone
from handup.org.web.refusals import message_of

CHANGE_LABELS = {
    Change.ADDED: (_("New account"), Tone.GOOD),
    Change.RENAMED: (_("Another name"), Tone.INFO),
    Change.ROLES: (_("Other roles"), Tone.WARN),
    Change.OUT_OF_USE: (_("Out of use"), Tone.WARN),
    Change.IN_USE_AGAIN: (_("In use again"), Tone.INFO),
    Change.ANOTHER_KIND: (_("Another kind: not possible"), Tone.BAD),
}
COLUMNS = (
    Column("code", _("Code")),
    Column("change", _("What changes"), Kind.STATE, value=lambda row: State(*_word(row))),
    Column("before", _("Before")),
    Column("after", _("After")),
    Column("held", _("Holds still"), value=lambda row: _held(row)),
)


def _word(row: ChartChange) -> tuple[Any, Tone]:
    return CHANGE_LABELS[row.change]


def _held(row: ChartChange) -> str:
    return ", ".join(format_money(units, currency) for units, currency in row.held)


def packs_for(book: Book) -> list[Pack]:
    """The charts that are for this kind of book, its own first."""
    found = [pack for pack in packs().values() if BookKind(book.kind) in pack.kinds]
    return sorted(found, key=lambda pack: (pack.name != book.chart_pack.lower(), pack.name))


class ChartForm(HouseForm):
    """Which chart, from which day on."""

    pack = forms.ChoiceField(label=_("Chart"))
    effective_from = DayField(
        label=_("From"),
        required=False,
        help_text=_("The first day of a month; every month before must be closed for facts."),
    )

    def __init__(self, *args: Any, offered: list[Pack], **options: Any) -> None:
        """Offer the charts there are, each with its version."""
        super().__init__(*args, **options)
        field = self.fields["pack"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (pack.name, _("%(name)s, version %(version)s") % {
                "name": pack.name, "version": pack.version
            })
            for pack in offered
        ]  # fmt: skip


class ChangeChart(FormPage):
    """Look at what a chart changes, and load it."""

    form_class = ChartForm
    permission = "ledger.load_chart"
    subject_model = Book
    title = _("Change the chart of accounts")
    intro = _("Accounts move by entries, never by relabelling: one that goes out of use is empty.")
    verb = _("Load this chart")
    template = "ledger/chart.html"
    subject: Book

    def form_options(self) -> dict[str, Any]:
        """The charts of this kind of book."""
        return {"offered": packs_for(self.subject)}

    def _pack(self) -> str:
        names = [pack.name for pack in packs_for(self.subject)]
        told = self.request.POST.get("pack") or self.request.GET.get("pack", "")
        return told if told in names else names[0]

    def initial(self) -> dict[str, Any]:
        """The book's own chart, from the day after the last closed one."""
        locked = self.subject.locked_through
        first = locked + timedelta(days=1) if locked else timezone.localdate().replace(day=1)
        return {"pack": self._pack(), "effective_from": first}

    def context(self) -> dict[str, Any]:
        """What the chosen chart would change."""
        empty = EmptyState(_("This chart changes nothing"), _("The book has it already."))
        try:
            rows = changes(self.subject, self._pack())
        except Refusal as refusal:
            rows, empty = [], EmptyState(message_of(refusal))
        title = _("What %(pack)s changes") % {"pack": self._pack()}
        return {
            "tables": [Table(title, COLUMNS, rows, empty)],
            "packs": [pack.name for pack in packs_for(self.subject)],
        }

    def perform(self, values: dict[str, Any]) -> Book:
        """Load it."""
        return services.load_chart(acting_staff=self.staff, book=self.subject, **values)

    def success_url(self, result: Book) -> str:
        """The book."""
        return reverse("ledger:book_detail", args=[result.pk])

    def done_message(self, result: Book) -> str:
        """What was done."""
        return str(_("The chart is loaded."))
