"""Opening a book: a programme's, a lender's or a guarantee fund's own."""

from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.models import Book
from handup.ledger.models.books import BOOK_KIND_LABELS
from handup.ledger.rules.words import BookKind
from handup.org import reach
from handup.org.models import Office
from handup.org.web.forms import FormPage, HouseForm, Question

# A group's book is opened with the group.
KINDS = [(kind.value, label) for kind, label in BOOK_KIND_LABELS.items() if kind != BookKind.GROUP]
MONTHS = [(number, str(number)) for number in range(1, 13)]


def _one_of(kind: str) -> list[tuple[str, str]]:
    return [("", ""), *((str(key), name) for key, name in reach.names(kind).items())]


class BookForm(HouseForm):
    """Whose book, in which currency, from which month its years run."""

    name = forms.CharField(label=_("Name"), max_length=160)
    code = forms.CharField(label=_("Code"), max_length=40)
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    programme_id = forms.TypedChoiceField(
        label=_("Programme"), coerce=UUID, empty_value=None, required=False
    )
    organisation_id = forms.TypedChoiceField(
        label=_("Organisation"), coerce=UUID, empty_value=None, required=False
    )
    office = forms.ModelChoiceField(
        Office.objects.filter(active=True), label=_("Office"), required=False
    )
    base_currency = forms.RegexField(
        "^[A-Z]{3}$", label=_("Currency"), help_text=_("Three letters, for example USD.")
    )
    fiscal_year_start = forms.TypedChoiceField(
        label=_("First month of its year"), choices=MONTHS, coerce=int, initial=1
    )
    questions = (
        Question(_("What is it?"), ("name", "code", "kind")),
        Question(_("Whose is it?"), ("programme_id", "organisation_id", "office")),
        Question(_("How is it kept?"), ("base_currency", "fiscal_year_start")),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the programmes and organisations there are."""
        super().__init__(*args, **options)
        for name, kind in (("programme_id", "programme"), ("organisation_id", "organisation")):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = _one_of(kind)


class OpenBook(FormPage):
    """Open a book with the chart of accounts of its kind."""

    form_class = BookForm
    permission = "ledger.open_book"
    title = _("Open a book")
    intro = _("Its chart of accounts comes with its kind. A group's book is opened with the group.")
    verb = _("Open")

    def perform(self, values: dict[str, Any]) -> Book:
        """Open it."""
        told = {**values, "kind": BookKind(values["kind"])}
        return services.open_book(acting_staff=self.staff, id=self.new_id, **told)

    def success_url(self, result: Book) -> str:
        """The book."""
        return reverse("ledger:book_detail", args=[result.pk])
