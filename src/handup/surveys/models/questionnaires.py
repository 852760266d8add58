"""Questionnaires, their versions for ever, and their questions with the keys reports read."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.surveys.models.labels import (
    PURPOSE,
    QUESTION_TYPE,
    SUBJECT_KIND,
    VERSION_STATE,
    choices,
)
from handup.surveys.rules.answers import Asked
from handup.surveys.rules.codes import QuestionType, VersionState


def in_language(texts: dict[str, str], fallback: str) -> str:
    """Pick a text in the active language, else English, else any, else the fallback."""
    language = (get_language() or "en").split("-")[0]
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "") or fallback


class InOrderField(models.JSONField):
    """What codes mean, in their order. It is kept as pairs, as a database may sort the keys of an
    object; an object kept before is read as it comes.
    """

    def deconstruct(self) -> Any:
        """To the database it is a JSON column as any other."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Write pairs."""
        if isinstance(value, dict):
            value = [[code, meaning] for code, meaning in value.items()]
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Read them as codes with what each means."""
        found = super().from_db_value(value, expression, connection)
        return dict(found) if isinstance(found, list) else found


class Questionnaire(House):
    """What is asked, of whom, and what for."""

    CLASSES = classify(O="id recorded_at code title purpose subject_kind")
    VIEW = "surveys.view_questionnaire"

    code = models.CharField(_("code"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=12, choices=choices(PURPOSE))
    subject_kind = models.CharField(
        _("asked about a"), max_length=10, choices=choices(SUBJECT_KIND)
    )

    objects: ClassVar[ScopedManager["Questionnaire"]] = ScopedManager()

    class Meta:
        ordering = ("title",)
        verbose_name = _("questionnaire")

    def __str__(self) -> str:
        return self.title


class QuestionnaireVersion(House):
    """One version, kept for ever with its checksum; a second person publishes it."""

    CLASSES = classify(
        O="id recorded_at questionnaire version state languages sha256 published_at double_entry",
        I="prepared_by published_by",
    )
    VIEW = "surveys.view_questionnaire"

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="versions")
    version = models.CharField(_("version"), max_length=40)
    state = models.CharField(
        _("state"), max_length=9, choices=choices(VERSION_STATE), default=VersionState.DRAFT
    )
    languages = models.JSONField(_("languages"), default=list)
    sha256 = models.CharField(max_length=64)
    double_entry = models.BooleanField(_("typed twice from paper"), default=False)
    published_at = models.DateTimeField(null=True, blank=True)
    prepared_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    published_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["QuestionnaireVersion"]] = ScopedManager()

    class Meta:
        ordering = ("questionnaire", "recorded_at")
        verbose_name = _("version of a questionnaire")
        constraints = (
            models.UniqueConstraint(
                fields=("questionnaire", "version"), name="one_version_of_a_questionnaire"
            ),
        )

    def __str__(self) -> str:
        return f"{self.questionnaire} {self.version}"


class Question(House):
    """One question; `handup_key` is what reports read, never its name."""

    CLASSES = classify(
        O="id recorded_at version number name type labels hints choice_labels handup_key core"
        " sensitive required repeat_path"
    )
    VIEW = "surveys.view_questionnaire"

    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="questions")
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=60)
    type = models.CharField(_("type"), max_length=15, choices=choices(QUESTION_TYPE))
    labels = models.JSONField(_("question per language"), default=dict)
    hints = models.JSONField(_("hint per language"), default=dict, blank=True)
    choice_labels = InOrderField(_("answers per language"), default=dict, blank=True)
    handup_key = models.CharField(max_length=60, blank=True, default="", db_index=True)
    core = models.BooleanField(default=False)
    sensitive = models.BooleanField(default=False)
    required = models.BooleanField(_("must be answered"), default=False)
    repeat_path = models.CharField(max_length=60, blank=True, default="")

    objects: ClassVar[ScopedManager["Question"]] = ScopedManager()

    class Meta:
        ordering = ("version", "number")
        verbose_name = _("question")
        constraints = (
            models.UniqueConstraint(
                fields=("version", "name"), name="one_question_per_name_in_a_version"
            ),
        )

    def __str__(self) -> str:
        return in_language(self.labels, self.name)

    def asked(self) -> Asked:
        """Return the question as the check needs it."""
        return Asked(
            self.name,
            QuestionType(self.type),
            self.required,
            frozenset(self.choice_labels),
            bool(self.repeat_path),
        )

    def offered(self) -> list[tuple[str, str]]:
        """Return the codes with their words in the active language, in their order."""
        labels: dict[str, dict[str, str]] = self.choice_labels
        return [(code, in_language(texts, code)) for code, texts in labels.items()]

    def word(self, value: str) -> str:
        """Return an answer as it is read."""
        return dict(self.offered()).get(value, value)


class CompiledForm(House):
    """What a version was compiled from and to, kept for ever with a checksum each."""

    CLASSES = classify(
        O="id recorded_at version filename sheet sheet_sha256 survey_json json_sha256 xform"
        " xform_sha256 compiled_with warnings code_map"
    )
    VIEW = "surveys.view_questionnaire"

    version = models.OneToOneField(
        QuestionnaireVersion, models.PROTECT, related_name="compiled_form"
    )
    filename = models.CharField(_("file"), max_length=200)
    sheet = models.BinaryField()
    sheet_sha256 = models.CharField(max_length=64)
    survey_json = models.TextField()
    json_sha256 = models.CharField(max_length=64)
    xform = models.TextField()
    xform_sha256 = models.CharField(max_length=64)
    compiled_with = models.CharField(_("compiled with"), max_length=40)
    warnings = models.JSONField(default=list)
    code_map = models.JSONField(default=dict)

    objects: ClassVar[ScopedManager["CompiledForm"]] = ScopedManager()

    class Meta:
        ordering = ("version",)
        verbose_name = _("compiled questionnaire")

    def __str__(self) -> str:
        return self.filename
