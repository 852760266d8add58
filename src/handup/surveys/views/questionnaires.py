"""Questionnaires from spreadsheets: upload with every fault, a version with its questions, publish,
the printed form, and the files a version is kept as.
"""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    PaperPage,
    RecordPage,
    State,
    Table,
    Tone,
)
from handup.surveys import services
from handup.surveys.compiling import FaultyQuestionnaire
from handup.surveys.fault_words import as_faults
from handup.surveys.models import CompiledForm, Question, QuestionnaireVersion
from handup.surveys.models.questionnaires import in_language
from handup.surveys.rules.codes import VersionState
from handup.surveys.rules.form.whole import marks
from handup.surveys.rules.xlsform.reading import BYTES_MOST
from handup.surveys.services.uploads import definition_of
from handup.surveys.skip_words import SkipWords

VERSION_TONES = {"CHECKED": Tone.INFO, "PUBLISHED": Tone.GOOD, "RETIRED": Tone.PLAIN}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(HouseForm):
    """The spreadsheet and the languages that are not ready."""

    file = forms.FileField(
        label=_("Spreadsheet (XLSForm)"),
        help_text=_("An .xlsx or .xls file with the sheets survey, choices and settings."),
    )
    draft_languages = forms.CharField(
        label=_("Languages not yet offered"),
        help_text=_("Codes with spaces between, as hy mn; leave empty when all are finished."),
        required=False,
        max_length=200,
    )

    code_map = forms.CharField(
        label=_("What old answers become"),
        help_text=_(
            "Only where answers of a core question are coded anew: a line each, question, old"
            " code, new code, with spaces between."
        ),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_code_map(self) -> dict[str, dict[str, str]]:
        """Question, old code, new code of each line."""
        found: dict[str, dict[str, str]] = {}
        for number, line in enumerate(self.cleaned_data["code_map"].splitlines(), 1):
            parts = line.split()
            if not parts:
                continue
            if len(parts) != 3:
                raise forms.ValidationError(
                    _now("Line {number}: write question, old code, new code.").format(number=number)
                )
            found.setdefault(parts[0], {})[parts[1]] = parts[2]
        return found


class UploadQuestionnaire(FormPage):
    """Take a version from a spreadsheet."""

    form_class = UploadForm
    permission = "surveys.draft_questionnaire"
    title = _("Take a questionnaire from a spreadsheet")
    intro = _(
        "It is checked whole before anything is stored: every fault is named with its sheet and"
        " cell. A second person publishes it."
    )
    verb = _("Check and take over")

    def perform(self, values: dict[str, Any]) -> Any:
        """Check and take it."""
        file = values["file"]
        assert isinstance(file, UploadedFile)
        content = file.read(BYTES_MOST + 1)
        try:
            return services.upload_questionnaire(
                acting_staff=self.staff,
                content=content,
                filename=str(file.name or ""),
                draft_languages=values["draft_languages"].split(),
                code_map=values["code_map"],
            )
        except FaultyQuestionnaire as refusal:
            raise as_faults(refusal) from refusal

    def success_url(self, result: Any) -> str:
        """The version."""
        return reverse("surveys:version_detail", args=[result.pk])


class PublishVersion(FormPage):
    """Publish a version, as a second person."""

    subject_model = QuestionnaireVersion
    form_class = HouseForm
    permission = "surveys.publish_version"
    title = _("Publish this version")
    intro = _("From now on it is asked with this version; the one before it retires.")
    verb = _("Publish")

    def perform(self, values: dict[str, Any]) -> Any:
        """Publish it."""
        return services.publish_version(acting_staff=self.staff, version=self.subject)

    def success_url(self, result: Any) -> str:
        """Back to the version."""
        return reverse("surveys:version_detail", args=[self.subject.pk])


class VersionPage(RecordPage):
    """One version: its state, its sums, what to mind, its questions."""

    model = QuestionnaireVersion
    permission = "surveys.view_questionnaire"
    related = ("questionnaire", "prepared_by", "published_by")

    def compiled(self) -> CompiledForm | None:
        """What it was compiled from and to, without the large columns."""
        rows = CompiledForm.objects.filter(version=self.record)
        row: CompiledForm | None = rows.defer("sheet", "xform", "survey_json").first()
        return row

    def header(self) -> Header:
        """Its title, its state, the next step."""
        row = self.record
        publish = Action(
            _("Publish"), "surveys:version_publish", "surveys.publish_version", args=(row.pk,)
        )
        paper = Action(
            _("Print"), "surveys:version_paper", "surveys.view_questionnaire", args=(row.pk,)
        )
        waits = row.state in {VersionState.DRAFT, VersionState.CHECKED}
        return Header(
            str(row),
            state=State(row.get_state_display(), VERSION_TONES.get(row.state, Tone.PLAIN)),
            primary=publish if waits else None,
            actions=(paper,),
            crumbs=(
                Crumb(_("Questionnaires"), reverse("surveys:questionnaire_list")),
                Crumb(
                    row.questionnaire.title,
                    reverse("surveys:questionnaire_detail", args=[row.questionnaire_id]),
                ),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Who, when, with what sums."""
        row, kept = self.record, self.compiled()
        facts = [
            Fact(_("Languages"), ", ".join(row.languages)),
            Fact(_("Prepared by"), row.prepared_by),
            Fact(_("Published by"), row.published_by),
            Fact(_("Published"), row.published_at),
            Fact(_("Typed twice from paper"), _("yes") if row.double_entry else _("no")),
        ]
        if kept is not None:
            facts += [
                Fact(_("File"), kept.filename),
                Fact(_("Compiled with"), kept.compiled_with),
                Fact(_("Sum of the spreadsheet (SHA-256)"), kept.sheet_sha256),
                Fact(_("Sum of the XForm (SHA-256)"), kept.xform_sha256),
            ]
        return [FactGroup(_("Version"), facts)]

    def tables(self) -> Sequence[Table]:
        """Its questions, and what to mind."""
        found = [
            Table(
                _("Questions"),
                (
                    Column("number", _("Number"), Kind.NUMBER),
                    Column("text", _("Question"), value=str),
                    Column("type", _("Answer"), value=lambda row: row.get_type_display()),
                    Column("handup_key", _("Key")),
                    Column("required", _("Must be answered"), Kind.TICK),
                ),
                self.record.questions.all(),
                empty=EmptyState(_("There is no question")),
            )
        ]
        found.append(self._previews())
        kept = self.compiled()
        if kept is not None and kept.code_map:
            lines = [
                {"name": name, "old": old, "new": new}
                for name, codes in sorted(kept.code_map.items())
                for old, new in sorted(codes.items())
            ]
            mapped = (
                Column("name", _("Question"), value=lambda one: one["name"]),
                Column("old", _("Old code"), value=lambda one: one["old"]),
                Column("new", _("New code"), value=lambda one: one["new"]),
            )
            found.append(Table(_("What old answers become"), mapped, lines))
        if kept is not None and kept.warnings:
            columns = (
                Column("place", _("Place"), value=lambda one: f"{one['sheet']} {one['cell']}"),
                Column(
                    "text",
                    _("To mind"),
                    value=lambda one: _now(one["sentence"]).format(**one["parts"]),
                ),
            )
            found.append(Table(_("To mind"), columns, kept.warnings))
        return found

    def _previews(self) -> Table:
        """The questionnaire as it is read, in each of its languages."""
        paper = reverse("surveys:version_paper", args=[self.record.pk])
        columns = (
            Column(
                "language",
                _("Language"),
                Kind.LINK,
                value=lambda code: code,
                href=lambda code: f"{paper}?language={code}",
            ),
            Column(
                "offered",
                _("Offered to interviewers"),
                value=lambda code: _("yes") if code in self.record.languages else _("no"),
            ),
        )
        return Table(_("Preview in each language"), columns, languages_of(self.record))


class VersionPaper(PaperPage):
    """The questionnaire on paper: numbered questions, their choices, room for answers."""

    model = QuestionnaireVersion
    permission = "surveys.view_questionnaire"
    related = ("questionnaire",)
    template = "surveys/paper.html"

    def header(self) -> Header:
        """Its title."""
        return Header(str(self.record))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """In the reader's language, or in the one she asks for."""
        wanted = request.GET.get("language", "")
        if not re.fullmatch("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?", wanted):
            return super().get(request, *args, **kwargs)
        with override(wanted):
            return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        """The questions in the language of the page, when each is asked; a question inside a repeat
        says so.
        """
        rows = list(self.record.questions.exclude(type__in=("calculate", "hidden")))
        language = (get_language() or "en").split("-")[0]
        definition = definition_of(self.record)
        numbers = {row.name: row.number for row in rows}
        skips = SkipWords(definition, numbers, language) if definition is not None else None
        return {
            "languages": languages_of(self.record),
            "questions": [
                {
                    "number": row.number,
                    "text": str(row),
                    "hint": in_language(row.hints, ""),
                    "choices": _with_marks(row),
                    "required": row.required,
                    "repeats": bool(row.repeat_path),
                    "when": skips.note(row.name) if skips is not None else "",
                }
                for row in rows
            ],
        }


def languages_of(version: QuestionnaireVersion) -> list[str]:
    """Every language a version has texts in, those not offered yet too."""
    definition = definition_of(version)
    written = definition.languages if definition is not None else ()
    return list(dict.fromkeys([*version.languages, *written]))


def _with_marks(question: Question) -> list[tuple[str, str]]:
    """The choices with the marks by which they are typed from paper."""
    offered = question.offered()
    printed = marks([code for code, _word in offered])
    return [(printed[code], word) for code, word in offered]


@require_safe
def version_file(request: HttpRequest, pk: Any, kind: str) -> HttpResponse:
    """Send the spreadsheet, the survey JSON or the XForm of a version, byte for byte as it is
    kept.
    """
    staff = request.user
    assert isinstance(staff, StaffUser)
    require(staff, "surveys.view_questionnaire")
    versions = QuestionnaireVersion.objects.visible_to(staff)
    row = CompiledForm.objects.filter(version__in=versions, version_id=pk).first()
    if row is None or kind not in {"xlsx", "xml", "json"}:
        raise Http404
    if kind == "xml":
        response = HttpResponse(row.xform.encode(), content_type="text/xml; charset=utf-8")
    elif kind == "json":
        response = HttpResponse(row.survey_json.encode(), content_type="application/json")
    else:
        response = HttpResponse(bytes(row.sheet), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="questionnaire.{kind}"'
    return response
