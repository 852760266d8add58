"""Answers of a round as files: which versions there are, and each as a workbook, text or SPSS."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import limits, reads
from handup.org.permissions import require
from handup.org.scope import hidden_from, without_opened
from handup.org.web import factor
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.pages import Header, RecordPage, Table, Tone
from handup.surveys.export.files import MADE, file_name
from handup.surveys.export.panel import Panel, panel_of
from handup.surveys.export.rows import Exported, Wanted, wanted
from handup.surveys.models import QuestionnaireVersion, Round, Submission
from handup.surveys.views.quality import to_round

PERMISSION = "surveys.export_answers"
FORMATS = (
    ("xlsx", _("Workbook")),
    ("csv", _("Text files (CSV)")),
    ("sav", _("For SPSS, with labels")),
)


class ExportAnswers(RecordPage):
    """The answers of a round to take away, one version at a time."""

    model = Round
    permission = PERMISSION
    related = ("questionnaire", "programme")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or a file after a fresh factor."""
        wish = request.GET.get("as", "")
        if not wish:
            return super().get(request, *args, **kwargs)
        self.staff = request.user
        require(self.staff, PERMISSION)
        round = self.rows().filter(pk=kwargs["pk"]).first()
        if round is None or wish not in MADE:
            raise Http404
        if factor.is_stale(request):
            return factor.ask(request)
        if request.GET.get("panel") == "1":
            return sent(request, self._panel(round, request), wish)
        return sent(request, self._wanted(round, request), wish)

    def _panel(self, round: Round, request: HttpRequest) -> Panel:
        staff = without_opened(self.staff)
        return panel_of(
            Submission.objects.visible_to(staff),
            round.questionnaire,
            round.programme,
            texts=request.GET.get("texts") == "1",
            without=hidden_from(staff),
        )

    def _wanted(self, round: Round, request: HttpRequest) -> Wanted:
        version = versions_of(round).filter(version=request.GET.get("version", "")).first()
        if version is None:
            raise Http404
        staff = without_opened(self.staff)
        texts = request.GET.get("texts") == "1"
        return wanted(
            Submission.objects.visible_to(staff),
            round,
            version,
            texts=texts,
            without=hidden_from(staff),
        )

    def header(self) -> Header:
        """The round."""
        return Header(_t("Answers as files"), self.record.name, crumbs=to_round(self.record))

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What is left out."""
        return [
            (
                Tone.INFO,
                _(
                    "Names, telephone numbers, places, pictures and questions marked sensitive are"
                    " left out; people stand there by a code that is the same in every round. Every"
                    " file is noted in the read log."
                ),
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Each version with its files."""
        staff = without_opened(self.staff)
        rows = Submission.objects.visible_to(staff)
        lines = [
            {"version": one, "as": code, "label": label, "texts": texts}
            for one in versions_of(self.record)
            for texts in (False, True)
            for code, label in FORMATS
        ]
        counts = {
            one.pk: wanted(rows, self.record, one).rows.count() for one in versions_of(self.record)
        }
        address = reverse("surveys:round_answers", args=[self.record.pk])
        columns = (
            Column(
                "file",
                _("File"),
                Kind.LINK,
                value=lambda line: str(line["label"]),
                href=lambda line: _address(address, line),
            ),
            Column("version", _("Version"), value=lambda line: line["version"].version),
            Column(
                "texts",
                _("Free texts"),
                value=lambda line: _("with them") if line["texts"] else _("left out"),
            ),
            Column(
                "count",
                _("Sets of answers"),
                Kind.NUMBER,
                value=lambda line: counts[line["version"].pk],
            ),
        )
        empty = EmptyState(_("No answers yet"), _("They arrive when a round is open."))
        return [Table(_("Files"), columns, lines, empty=empty), self._panel_table(address, rows)]

    def _panel_table(self, address: str, rows: Any) -> Table:
        """Every round of the questionnaire in one file, a row a subject and round."""
        round = self.record
        lines = [
            {"panel": "1", "as": code, "label": label, "texts": texts}
            for texts in (False, True)
            for code, label in FORMATS
        ]
        count = panel_of(rows, round.questionnaire, round.programme).rows.count()
        columns = (
            Column(
                "file",
                _("File"),
                Kind.LINK,
                value=lambda line: str(line["label"]),
                href=lambda line: _address(address, line),
            ),
            Column(
                "texts",
                _("Free texts"),
                value=lambda line: _("with them") if line["texts"] else _("left out"),
            ),
            Column("count", _("Sets of answers"), Kind.NUMBER, value=lambda line: count),
        )
        empty = EmptyState(_("Nothing is accepted yet"))
        return Table(
            _("Panel: a row a subject and round"), columns, lines if count else [], empty=empty
        )


def _address(page: str, line: dict[str, Any]) -> str:
    asked = {"as": line["as"]}
    asked |= {"panel": "1"} if "panel" in line else {"version": line["version"].version}
    return f"{page}?{urlencode(asked | ({'texts': '1'} if line['texts'] else {}))}"


def versions_of(round: Round) -> Any:
    """The versions a round was answered on."""
    answered = Submission.objects.filter(round=round).values("version")
    return QuestionnaireVersion.objects.filter(pk__in=answered).order_by("recorded_at", "pk")


def sent(request: HttpRequest, wish: Exported, kind: str) -> FileResponse:
    """A file, noted in the read log before it is made. Raises TooOften."""
    staff: Any = getattr(request, "auth_staff", None) or request.user
    limits.require_export_left(staff)
    persons = (
        wish.rows.exclude(case__person=None).order_by().values_list("case__person_id", flat=True)
    )
    reads.note(request, persons=list(persons), action="EXPORT", highest="S", purpose=wish.subject)
    make, ending, content_type = MADE[kind]
    return FileResponse(
        make(wish),
        as_attachment=True,
        filename=file_name(wish, ending),
        content_type=content_type,
    )
