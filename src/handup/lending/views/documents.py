"""Documents of an application: what is asked for, what was seen, what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Application, ApplicationDocument
from handup.lending.rules.codes import ApplicationState
from handup.lending.rules.documents import asked_in
from handup.lending.services import documents as services
from handup.lending.uploads import kept_file
from handup.lending.views.security import page_of
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Label, State, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.pages import Action, Table

CLOSED = (ApplicationState.DECLINED, ApplicationState.SIGNED)
OTHER = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One document as the page shows it; without a row it is still missing."""

    kind: str
    row: ApplicationDocument | None = None

    @property
    def seen_date(self) -> date | None:
        """The day it was seen."""
        return None if self.row is None else self.row.seen_date

    @property
    def state(self) -> State:
        """Where it stands."""
        if self.row is None:
            return State(_("Missing"), Tone.WARN)
        if self.row.set_aside_date is not None:
            return State(_("Set aside"), Tone.PLAIN)
        return State(_("Seen"), Tone.GOOD)

    @property
    def said(self) -> str:
        """The number on it, or why it was set aside."""
        return "" if self.row is None else self.row.set_aside_reason or self.row.number

    @property
    def file(self) -> str:
        """What its file is called."""
        return "" if self.row is None or self.row.file is None else self.row.file.name

    @property
    def file_href(self) -> str:
        """Where its file is sent from."""
        if self.row is None or self.row.file_id is None:
            return ""
        return reverse("org:file", args=[self.row.file_id])

    @property
    def aside_href(self) -> str:
        """Where it is set aside, while it stands."""
        if self.row is None or self.row.set_aside_date is not None:
            return ""
        return reverse("lending:document_set_aside", args=[self.row.pk])


def _missing(row: Application) -> tuple[str, ...]:
    return services.missing_documents([row]).get(row.pk, ())


def document_table(staff: StaffUser, row: Application) -> Sequence[Table]:
    """What the product asks for and what was seen, as far as the reader may see it."""
    if not may(staff, ApplicationDocument.VIEW, row):
        return ()
    seen = ApplicationDocument.objects.visible_to(staff).filter(application=row)
    held = [Line(item.kind, item) for item in seen.select_related("seen_by", "file")]
    lines = [*(Line(kind) for kind in _missing(row)), *held]
    if not lines:
        return ()
    columns = [
        Column("kind", _("Document")),
        Column("state", _("State"), value=lambda line: line.state),
        Column("seen_date", _("Seen on"), Kind.DATE),
        Column("by", _("By"), value=lambda line: str(line.row.seen_by) if line.row else ""),
        Column("said", _("Number or reason")),
        Column("file", _("File"), Kind.LINK, href=lambda line: line.file_href),
    ]
    if may(staff, "lending.keep_document", row) and row.state not in CLOSED:
        columns.append(
            Column(
                "aside",
                _("Next step"),
                Kind.LINK,
                value=lambda line: _("Set aside") if line.aside_href else "",
                href=lambda line: line.aside_href,
            )
        )
    return (Table(_("Documents"), columns, lines),)


def missing_note(row: Application) -> Sequence[tuple[Tone, Label]]:
    """One sentence that names what nobody has seen yet, until it is decided."""
    open_states = (ApplicationState.SUBMITTED, ApplicationState.APPRAISED)
    missing = _missing(row) if row.state_now in open_states else ()
    if not missing:
        return ()
    return ((Tone.WARN, _now("Not seen yet: %(documents)s") % {"documents": "; ".join(missing)}),)


def document_action(row: Application) -> tuple[Action, ...]:
    """Take down a document, unless the application is declined."""
    if row.state == ApplicationState.DECLINED:
        return ()
    keep = Action(_("Add a document"), "lending:document_new", "lending.keep_document", (row.pk,))
    return (keep,)


class DocumentForm(HouseForm):
    """A document somebody saw."""

    kind = forms.ChoiceField(label=_("Which document"), required=False)
    other = forms.CharField(label=_("What it is"), max_length=80, required=False)
    seen_date = DayField(label=_("Seen on"))
    number = forms.CharField(label=_("Number on it"), max_length=60, required=False)
    file = forms.FileField(
        label=_("Picture or scan"),
        required=False,
        help_text=_("PDF, PNG or JPEG, 10 MB at most. It is kept sealed."),
    )

    def __init__(self, *args: Any, asked: Sequence[str], **options: Any) -> None:
        """Offer what the product asks for, what is missing first."""
        super().__init__(*args, **options)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [*((name, name) for name in asked), (OTHER, _("Another document"))]
        if not asked:
            del self.fields["kind"]
            self.fields["other"].required = True
        else:
            self.fields["other"].help_text = _("Only for another document.")

    def clean(self) -> dict[str, Any]:
        """One of the two says what it is."""
        found = super().clean() or {}
        if not found.get("kind") and not found.get("other") and "kind" in self.fields:
            self.add_error("other", _("Say what the document is."))
        return found


class AsideForm(HouseForm):
    """When and why a document counts no more."""

    set_aside_date = DayField(label=_("Set aside on"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class KeepDocument(FormPage):
    """Take down a document of an application."""

    form_class = DocumentForm
    permission = "lending.keep_document"
    subject_model = Application
    title = _("Add a document")
    intro = _("Who saw it and when is kept. Where there is a picture of it, it is kept too.")
    verb = _("Add it")

    def form_options(self) -> dict[str, Any]:
        """What is missing first."""
        asked = asked_in(self.subject.product_version.eligibility)
        missing = _missing(self.subject)
        return {"asked": [*missing, *(kind for kind in asked if kind not in missing)]}

    def initial(self) -> dict[str, Any]:
        """What is missing first, seen today."""
        missing = _missing(self.subject)
        return {"kind": missing[0] if missing else OTHER, "seen_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        file = values["file"]
        return services.keep_document(
            acting_staff=self.staff,
            application=self.subject,
            kind=values.get("kind") or values["other"],
            seen_date=values["seen_date"],
            number=values["number"],
            content=kept_file(file) if file else None,
            file_name=file.name if file else "",
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The page it stands on."""
        return page_of(self.subject)

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The document is kept.")


class SetDocumentAside(FormPage):
    """Let a document count no more."""

    form_class = AsideForm
    permission = "lending.keep_document"
    subject_model = ApplicationDocument
    title = _("Set a document aside")
    intro = _("It stays on the page, with the reason. What it met is asked for again.")
    verb = _("Set it aside")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"set_aside_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Set it aside."""
        return services.set_document_aside(acting_staff=self.staff, document=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The application's page."""
        return page_of(self.subject.application)
