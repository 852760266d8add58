"""What an auditor takes away: the export of a book, its Standard Audit File, and the entries to
look at first.
"""

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import IO, Any, cast
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator
from django.http import FileResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.audit_span import span_of
from handup.ledger.fund_report import funds_of
from handup.ledger.models import Book, Entry
from handup.ledger.saft import MIDDLE, SHORT, WIDE, Company
from handup.ledger.sampling import MOST, ODD, Sampling, Why, sample
from handup.ledger.services import Extent
from handup.ledger.statements import year_start
from handup.ledger.views.fund_pages import BookPeriodPage
from handup.ledger.views.journal import EntryList
from handup.org.models import Setting
from handup.org.permissions import may
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField, Question
from handup.org.web.lists import EmptyState
from handup.org.web.money import format_number
from handup.org.web.pages import Action, Header, Table

WHY_LABELS = {
    Why.AMOUNT: _("Large ones"),
    Why.RANDOM: _("Drawn by chance"),
    Why.REVERSAL: _("Reversals"),
    Why.BACK_DATED: _("Posted on another day than it happened"),
    Why.MANUAL: _("Written by hand"),
}
SHOWN = 200


class DaysForm(HouseForm):
    """Which days; and, for who may, whether names are part of it."""

    since = DayField(label=_("From"))
    on = DayField(label=_("Until"))
    names = forms.BooleanField(
        label=_("With names of staff members and remarks"),
        required=False,
        help_text=_("Without them, persons appear by id only."),
    )

    def __init__(self, *args: Any, book: Book, named: bool, **options: Any) -> None:
        """Keep the names away from who may not take them along."""
        super().__init__(*args, **options)
        self.book = book
        if not named:
            del self.fields["names"]


class ExportForm(DaysForm):
    """Which fund, and how the sample is drawn."""

    questions = (
        Question(_("What is exported"), ("since", "on", "fund", "names")),
        Question(_("Which entries to look at first"), ("size", "from_units", "seed", "odd")),
    )
    fund = forms.ChoiceField(label=_("Fund"), required=False)
    size = forms.IntegerField(
        label=_("How many by chance"),
        min_value=1,
        max_value=MOST,
        help_text=_("As many of the largest, where no amount is written."),
    )
    from_units = MoneyField(label=_("Large: from this amount on"), required=False)
    seed = forms.IntegerField(
        label=_("Seed of the random sample"),
        min_value=0,
        max_value=10**9,
        help_text=_("The same number draws the same sample again."),
    )
    odd = forms.MultipleChoiceField(
        label=_("And all of these"),
        required=False,
        choices=[(why.value, WHY_LABELS[why]) for why in ODD],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the book's funds; amounts are in the book's currency."""
        super().__init__(*args, **options)
        field, amount = self.fields["fund"], self.fields["from_units"]
        assert isinstance(field, forms.ChoiceField)
        assert isinstance(amount, MoneyField)
        funds = funds_of(self.book, timezone.localdate())
        field.choices = [("", _("all")), *((str(fund.pk), fund.name) for fund in funds)]
        amount.currency = self.book.base_currency


class SaftForm(DaysForm):
    """What the file says of who keeps the book."""

    questions = (
        Question(_("What is exported"), ("since", "on", "names")),
        Question(
            _("Who keeps the book"),
            ("name", "registration_number", "city", "postal_code", "country"),
        ),
        Question(_("Whom to ask"), ("first_name", "last_name", "telephone")),
    )
    name = forms.CharField(label=_("Name"), max_length=WIDE)
    registration_number = forms.CharField(label=_("Registration number"), max_length=MIDDLE)
    city = forms.CharField(label=_("Town"), max_length=MIDDLE)
    postal_code = forms.CharField(label=_("Postal code"), max_length=SHORT)
    country = forms.CharField(
        label=_("Country"),
        help_text=_("Two letters, for example AM or RW."),
        validators=[RegexValidator(r"^[A-Z]{2}\Z")],
    )
    first_name = forms.CharField(label=_("First name"), max_length=MIDDLE)
    last_name = forms.CharField(label=_("Family name"), max_length=WIDE)
    telephone = forms.CharField(label=_("Telephone"), max_length=SHORT)


class AuditPage(FormPage, ABC):
    """A file made of a book, sent when it is made."""

    permission = "ledger.export_audit"
    subject_model = Book
    suffix = ""
    subject: Book

    def form_options(self) -> dict[str, Any]:
        """The book, and whether its reader may take names along."""
        return {
            "book": self.subject,
            "named": may(self.staff, "ledger.export_names", self.subject),
        }

    def initial(self) -> dict[str, Any]:
        """This year."""
        on = timezone.localdate()
        return {"since": year_start(self.subject, on), "on": on}

    @abstractmethod
    def write(self, values: dict[str, Any], into: IO[bytes]) -> None:
        """Write the file."""

    def perform(self, values: dict[str, Any]) -> IO[bytes]:
        """Write it."""
        file = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115 (the answer closes it)
        self.write(values, file)
        file.seek(0)
        return file

    def answer(self, result: IO[bytes]) -> HttpResponseBase:
        """Send it."""
        name = f"{slugify(self.subject.code)}-{self.suffix}"
        return FileResponse(result, as_attachment=True, filename=name)


class ExportForAudit(AuditPage):
    """Make the auditor's export of a book."""

    form_class = ExportForm
    title = _("Auditor's export")
    intro = _("The whole journal as files with their digests; persons appear by id only.")
    verb = _("Make the export")
    suffix = "audit.zip"

    def initial(self) -> dict[str, Any]:
        """This year, and a first sample."""
        how = Sampling()
        odd = [why.value for why in how.odd]
        return super().initial() | {"size": how.size, "seed": how.seed, "odd": odd}

    def write(self, values: dict[str, Any], into: IO[bytes]) -> None:
        """The ZIP."""
        fund = values["fund"]
        extent = Extent(
            values["since"],
            values["on"],
            fund=UUID(fund) if fund else None,
            names=values.get("names", False),
            sampling=Sampling(
                values["size"],
                values["from_units"] or 0,
                values["seed"],
                tuple(why for why in ODD if why in values["odd"]),
            ),
        )
        services.export_for_audit(
            acting_staff=self.staff, book=self.subject, extent=extent, into=into
        )


class ExportSaft(AuditPage):
    """Make the Standard Audit File of a book."""

    form_class = SaftForm
    title = _("Standard Audit File (SAF-T)")
    intro = _("Accounts and journal as XML by the OECD's SAF-T 2.0, for a tax authority's tools.")
    verb = _("Make the file")
    suffix = "saf-t.xml"

    def initial(self) -> dict[str, Any]:
        """This year, and the institution's name."""
        told = Setting.objects.filter(key="institution_name").values_list("value", flat=True)
        return super().initial() | {"name": told.first() or ""}

    def write(self, values: dict[str, Any], into: IO[bytes]) -> None:
        """The XML."""
        since, on, names = values.pop("since"), values.pop("on"), values.pop("names", False)
        services.export_saft(
            acting_staff=self.staff,
            book=self.subject,
            extent=Extent(since, on, names=names),
            company=Company(**values),
            into=into,
        )


class SamplePage(BookPeriodPage):
    """The entries an auditor looks at first, each opening to its page."""

    permission = "ledger.export_audit"
    template = "ledger/sample.html"

    def header(self) -> Header:
        """What, whose, when."""
        page = reverse("ledger:export_audit", args=[self.record.pk])
        return Header(
            _("Entries to look at first"),
            subtitle=self.subtitle(),
            primary=Action(_("Auditor's export"), href=page, icon="download"),
            crumbs=self.crumbs(),
        )

    @cached_property
    def amount(self) -> tuple[int, str]:
        """From which amount on an entry is large, 0 for none; and why it cannot be read."""
        field = MoneyField(currency=self.record.base_currency, required=False)
        try:
            return field.clean(self.request.GET.get("amount", "")) or 0, ""
        except forms.ValidationError as fault:
            return 0, " ".join(fault.messages)

    def how(self) -> Sampling:
        """How it is drawn."""
        told, first = self.request.GET, Sampling()
        return Sampling(
            _number(told.get("size"), first.size, least=1, most=SHOWN),
            self.amount[0],
            _number(told.get("seed"), first.seed, least=0, most=10**9),
        )

    def tables(self) -> Sequence[Table]:
        """One table for each reason; none of large ones when the amount cannot be read."""
        since, on = self.days
        found: dict[Why, list[UUID]] = {why: [] for why in Why}
        for drawn in sample(span_of(self.record, since, on), self.how()):
            found[drawn.why].append(drawn.id)
        if self.amount[1]:
            del found[Why.AMOUNT]
        return [self._table(why, ids) for why, ids in found.items()]

    def _table(self, why: Why, ids: list[UUID]) -> Table:
        rows = (
            Entry.objects.visible_to(self.staff)
            .filter(pk__in=ids[:SHOWN])
            .select_related("book", "posted_by", "reversal")
            .prefetch_related("lines")
            .order_by("seq")
        )
        words = {"why": WHY_LABELS[why], "count": format_number(len(ids)), "shown": SHOWN}
        title = (
            _("%(why)s: %(count)s, the first %(shown)s here") % words
            if len(ids) > SHOWN
            else _("%(why)s: %(count)s") % words
        )
        columns = [column for column in EntryList.columns if column.name != "book.name"]
        return Table(title, columns, rows, EmptyState(_("None in these days.")))

    def context(self) -> dict[str, Any]:
        """The days and how it is drawn, for the form."""
        told = self.how()
        return super().context() | {
            "size": told.size,
            "seed": told.seed,
            "amount": self.request.GET.get("amount", ""),
            "amount_fault": self.amount[1],
            "most": SHOWN,
        }


def _number(text: str | None, otherwise: int, *, least: int, most: int) -> int:
    if text is None or not text.isascii() or not text.isdigit():
        return otherwise
    return min(max(int(text[:10]), least), most)
