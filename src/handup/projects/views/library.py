"""The library set up on pages: kinds of documents, a draft made final, related programmes."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage
from handup.projects import forms as f
from handup.projects import queries, services
from handup.projects.models import Document, DocumentType, Programme, RelatedProgramme
from handup.projects.models import labels as lb
from handup.projects.views.acts import OnProgramme

NEW_TYPE = Action(
    _("Add a kind of document"), "projects:document_type_new", "projects.add_document_type"
)
STANDARD_LIST = Action(
    _("Add the standard list"), "projects:document_type_standard", "projects.add_document_type"
)


class DocumentTypeList(ListPage):
    """The kinds of documents, in the order of the public page."""

    model = DocumentType
    permission = "projects.view_document"
    title = _("Kinds of documents")
    columns = (
        Column("position", _("Order"), Kind.NUMBER, sort="position"),
        Column("name", _("Name"), Kind.LINK, value=str, url_name="projects:document_type_detail"),
        Column("code", _("Code"), sort="code"),
        Column("several", _("Several may be current side by side"), Kind.TICK),
    )
    order = "position"
    primary = NEW_TYPE
    actions = (STANDARD_LIST,)
    empty = EmptyState(
        _("No kind of document is set up yet"),
        _("Documents of a programme lie on its page by kind: an evaluation, a report, a film."),
        STANDARD_LIST,
    )


class StandardTypes(FormPage):
    """Add the standard kinds that are missing."""

    form_class = HouseForm
    permission = "projects.add_document_type"
    title = _("Add the standard list")
    intro = _(
        "The kinds of a funder's public page in its order, and agreements, curricula, market"
        " studies and policy briefs. What you have stays as it is."
    )
    verb = _("Add what is missing")

    def perform(self, values: dict[str, Any]) -> list[DocumentType]:
        """Add them."""
        return services.add_standard_types(acting_staff=self.staff)

    def success_url(self, result: list[DocumentType]) -> str:
        """The kinds."""
        return reverse("projects:document_type_list")


class DocumentTypeNew(FormPage):
    """Add a kind of document; it comes last on the public page."""

    form_class = f.DocumentTypeForm
    permission = "projects.add_document_type"
    title = _("Add a kind of document")
    verb = _("Add it")

    def perform(self, values: dict[str, Any]) -> DocumentType:
        """Add it after the last."""
        last = DocumentType.objects.order_by("-position").first()
        return services.add_document_type(
            acting_staff=self.staff,
            code=values["code"],
            names={
                name.removeprefix("name_"): text
                for name, text in values.items()
                if name.startswith("name_") and text
            },
            position=1 if last is None else last.position + 1,
            several=values["several"],
        )

    def success_url(self, result: DocumentType) -> str:
        """The kinds."""
        return reverse("projects:document_type_list")


class DocumentTypePage(RecordPage):
    """One kind of document."""

    model = DocumentType
    permission = "projects.view_document"
    record: DocumentType

    def header(self) -> Header:
        """Its name."""
        return Header(
            str(self.record),
            primary=Action(
                _("Change a kind of document"),
                "projects:document_type_change",
                "projects.add_document_type",
                args=(self.record.pk,),
            ),
            crumbs=(Crumb(_("Kinds of documents"), reverse("projects:document_type_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What holds for its documents."""
        row = self.record
        several = _("yes") if row.several else _("no")
        told = [Fact(_("Code"), row.code), Fact(_("Several may be current side by side"), several)]
        return [FactGroup(_("Kind"), told)]


class DocumentTypeChange(FormPage):
    """Say whether several documents of a kind stand side by side."""

    form_class = f.SeveralForm
    permission = "projects.add_document_type"
    title = _("Change a kind of document")
    subject_model = DocumentType
    subject: DocumentType

    def initial(self) -> dict[str, Any]:
        """As it is."""
        return {"several": self.subject.several}

    def perform(self, values: dict[str, Any]) -> DocumentType:
        """Change it."""
        return services.change_document_type(
            acting_staff=self.staff, type=self.subject, several=values["several"]
        )

    def success_url(self, result: DocumentType) -> str:
        """Its page."""
        return reverse("projects:document_type_detail", args=[result.pk])


class DocumentPublish(FormPage):
    """Make a draft final, by another person than added it."""

    form_class = HouseForm
    permission = "projects.publish_document"
    title = _("Make a document final")
    verb = _("Make it final")
    subject_model = Document
    subject: Document

    def lead(self) -> str:
        """What it takes the place of, by name."""
        titles = [f"\u201c{row.title}\u201d" for row in queries.replaced_by(self.subject)]
        if not titles:
            return gettext("No other document is replaced by it.")
        return gettext("These documents are then replaced by it: %(titles)s.") % {
            "titles": ", ".join(titles)
        }

    def perform(self, values: dict[str, Any]) -> Document:
        """Publish it."""
        return services.publish_document(acting_staff=self.staff, document=self.subject)

    def success_url(self, result: Document) -> str:
        """Its programme."""
        return reverse("projects:programme_detail", args=[self.subject.programme_id])


class RelationNew(OnProgramme):
    """Say what a programme is to another."""

    form_class = f.RelationForm
    permission = "projects.relate_programme"
    title = _("Name a related programme")
    verb = _("Name it")

    def form_options(self) -> dict[str, Any]:
        """Every other programme the reader may see."""
        others = Programme.objects.visible_to(self.staff).exclude(pk=self.subject.pk)
        return {"programme": self.subject, "others": others}

    def perform(self, values: dict[str, Any]) -> RelatedProgramme:
        """Say it."""
        told = values | {"relation": lb.Relation(values["relation"])}
        return services.relate_programme(acting_staff=self.staff, programme=self.subject, **told)
