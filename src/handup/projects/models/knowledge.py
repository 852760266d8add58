"""Documents, lessons and where they were applied, and figures as others printed them."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser, StoredFile
from handup.org.rules.access import Role
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models.labels import (
    ACCESS,
    BOUND,
    CONFIDENCE,
    DOCUMENT_STATE,
    LESSON_STATE,
    PRECISION,
    TARGET_KIND,
    Access,
    Confidence,
    choices,
)
from handup.projects.models.programmes import Phase, Programme, open_to_readers
from handup.projects.rules.states import DocumentState, LessonState

OUTSIDE = frozenset({Role.FUNDER, Role.SUCCESSOR, Role.BANK_CLERK})
FOR_PARTNERS = frozenset({Access.PUBLIC.value, Access.PARTNERS.value})


def is_outside(staff: StaffUser) -> bool:
    """Tell whether somebody only reads as a partner: funder, successor, bank."""
    return bool(staff.access) and all(grant.role in OUTSIDE for grant in staff.access)


def closed_to(staff: StaffUser) -> Q:
    """Which documents are not for this reader, nor their files: of a partner drafts and what is
    internal.
    """
    if not is_outside(staff):
        return Q(pk__in=())
    return ~Q(access__in=FOR_PARTNERS) | Q(state=DocumentState.DRAFT.value)


def is_for_partners(document: "Document") -> bool:
    """Tell the same of one document: whether partners may read it."""
    return document.access in FOR_PARTNERS and document.state != DocumentState.DRAFT


class DocumentType(House):
    """A kind of document with its order on the public page and its IATI categories; types are
    data. Of most kinds one document is current in a language and a phase; of some (`several`)
    many stand side by side: studies, missions, agreements."""

    CLASSES = classify(O="id recorded_at code names position iati_categories several")
    VIEW = "projects.view_programme"

    code = models.CharField(_("code"), max_length=60, unique=True)
    names = models.JSONField(_("names per language"), default=dict)
    position = models.PositiveSmallIntegerField(_("order"))
    iati_categories = models.JSONField(_("IATI categories"), default=list)
    several = models.BooleanField(_("several may be current side by side"), default=False)

    objects: ClassVar[ScopedManager["DocumentType"]] = ScopedManager()

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        names: dict[str, str] = self.names
        language = (get_language() or "en").split("-")[0]
        return names.get(language) or names.get("en") or self.code


class Document(House):
    """One document of the library; it may be known without its file, which is said to staff
    only."""

    CLASSES = classify(
        I="id recorded_at programme phase type title document_date date_precision language version"
        " supersedes access state file sha256 link text page_map searchable"
        " remark added_by"
    )
    SCOPE = ScopePaths(programme="programme_id", known=open_to_readers, sealed=closed_to)
    VIEW = "projects.view_document"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="documents")
    phase = models.ForeignKey(
        Phase, models.PROTECT, null=True, blank=True, related_name="documents"
    )
    type = models.ForeignKey(DocumentType, models.PROTECT, related_name="documents")
    title = models.CharField(_("title"), max_length=300)
    document_date = models.DateField(_("date"), null=True, blank=True)
    date_precision = models.CharField(
        _("date known to the"), max_length=5, choices=choices(PRECISION), default="DAY"
    )
    language = models.CharField(_("language"), max_length=10, default="en")
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    access = models.CharField(
        _("who may read it"), max_length=8, choices=choices(ACCESS), default=Access.INTERNAL.value
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=choices(DOCUMENT_STATE),
        default=DocumentState.DRAFT.value,
    )
    file = models.ForeignKey(
        StoredFile,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("file"),
    )
    sha256 = models.CharField(max_length=64, blank=True, default="", db_index=True)
    link = models.URLField(_("address"), max_length=500, blank=True, default="")
    text = models.TextField(blank=True, default="")
    page_map = models.JSONField(default=list, blank=True)
    searchable = models.BooleanField(default=False)
    remark = models.TextField(_("remark"), blank=True, default="")
    added_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Document"]] = ScopedManager()

    class Meta:
        ordering = ("type__position", "-document_date", "title")

    def __str__(self) -> str:
        return self.title


class Lesson(House):
    """What was learned, with the page that shows it; without evidence it stays proposed."""

    CLASSES = classify(
        I="id recorded_at programme phase statement topic evidence evidence_page confidence owner"
        " review_date state remark proposed_by"
    )
    SCOPE = ScopePaths(programme="programme_id", known=open_to_readers)
    VIEW = "projects.view_lesson"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="lessons")
    phase = models.ForeignKey(Phase, models.PROTECT, null=True, blank=True, related_name="lessons")
    statement = models.TextField(_("what was learned"))
    topic = models.CharField(_("topic"), max_length=80, blank=True, default="")
    evidence = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="lessons"
    )
    evidence_page = models.CharField(_("page"), max_length=40, blank=True, default="")
    confidence = models.CharField(
        _("confidence"),
        max_length=6,
        choices=choices(CONFIDENCE),
        default=Confidence.MEDIUM.value,
    )
    owner = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    review_date = models.DateField(_("review on"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=11, choices=choices(LESSON_STATE), default=LessonState.PROPOSED.value
    )
    remark = models.TextField(_("remark"), blank=True, default="")
    proposed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Lesson"]] = ScopedManager()

    class Meta:
        ordering = ("state", "review_date", "id")

    def __str__(self) -> str:
        return self.statement[:80]


class LessonApplication(House):
    """Where a lesson was applied: the chain from what one phase learned to what the next one
    does."""

    CLASSES = classify(
        I="id recorded_at lesson target_kind target_phase target what_changed applied_date"
        " decided_by"
        " result_seen"
    )
    VIEW = "projects.view_lesson"

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="applications")
    target_kind = models.CharField(_("applied to"), max_length=16, choices=choices(TARGET_KIND))
    target_phase = models.ForeignKey(
        Phase, models.PROTECT, null=True, blank=True, related_name="lessons_applied"
    )
    target = models.CharField(_("name"), max_length=200)
    what_changed = models.TextField(_("what changed"))
    applied_date = models.DateField(_("date"))
    decided_by = models.CharField(_("decided by"), max_length=200)
    result_seen = models.TextField(_("result seen"), blank=True, default="")

    objects: ClassVar[ScopedManager["LessonApplication"]] = ScopedManager()

    class Meta:
        ordering = ("applied_date", "id")

    def __str__(self) -> str:
        return self.target


class StatedFigure(House):
    """A figure as a source printed it, with what it claims (a bound); sources may disagree, both
    stay."""

    CLASSES = classify(
        O="id recorded_at programme phase reference subject printed number bound step unit"
        " as_of_date"
        " as_of_precision document page source remark indicator_code"
    )
    VIEW = "projects.view_stated_figure"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="stated_figures")
    phase = models.ForeignKey(
        Phase, models.PROTECT, null=True, blank=True, related_name="stated_figures"
    )
    reference = models.CharField(_("reference"), max_length=40, blank=True, default="")
    subject = models.CharField(_("what it is about"), max_length=300)
    printed = models.TextField(_("as printed"))
    number = models.DecimalField(
        _("number"), max_digits=15, decimal_places=3, null=True, blank=True
    )
    bound = models.CharField(_("bound"), max_length=8, choices=choices(BOUND), default="EXACT")
    step = models.DecimalField(
        _("printed to"), max_digits=15, decimal_places=3, null=True, blank=True
    )
    unit = models.CharField(_("unit"), max_length=40, blank=True, default="")
    as_of_date = models.DateField(_("as of"), null=True, blank=True)
    as_of_precision = models.CharField(max_length=5, choices=choices(PRECISION), default="DAY")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="stated_figures"
    )
    page = models.CharField(_("page"), max_length=40, blank=True, default="")
    source = models.CharField(_("source"), max_length=300)
    remark = models.TextField(_("remark"), blank=True, default="")
    indicator_code = models.CharField(_("indicator"), max_length=40, blank=True, default="")

    objects: ClassVar[ScopedManager["StatedFigure"]] = ScopedManager()

    class Meta:
        ordering = ("reference", "id")

    def __str__(self) -> str:
        return f"{self.subject}: {self.printed}"

    def allows(self, counted: Decimal | int) -> bool | None:
        """Tell whether an own count fits the printed claim; None when no number was printed or
        only "about"."""
        if self.number is None or self.bound == "ABOUT":
            return None
        return {
            "EXACT": counted == self.number,
            "OVER": counted > self.number,
            "AT_LEAST": counted >= self.number,
            "UP_TO": counted <= self.number,
        }[self.bound]
