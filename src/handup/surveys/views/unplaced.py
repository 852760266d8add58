"""Answers that belong to no case: the list, what came, and placing them on a case."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from lxml import etree

from handup.org import reads
from handup.org.permissions import may
from handup.org.scope import hidden_from
from handup.org.web.forms import FormPage
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage
from handup.org.web.money import format_instant
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.surveys import services
from handup.surveys.forms.unplaced import PlaceForm
from handup.surveys.models import Case, Question, UnplacedAnswers
from handup.surveys.rules.form.filling import NotAnswers, parsed
from handup.surveys.services.unplaced import case_named_by, case_with
from handup.surveys.views.records import HIDDEN

TITLE = _("Answers that belong to no case")
REASONS = {
    "CASE_UNKNOWN": _("They name no case that is known here."),
    "OTHER_INTERVIEWER": _("They name a case of another interviewer."),
}
ROWS_MOST = 500


def why(row: UnplacedAnswers) -> str:
    """Why they could not be placed, in words."""
    return str(REASONS.get(row.reason, row.reason))


STATES = [("waiting", _("not placed yet")), ("placed", _("placed on a case"))]


def state_of(row: UnplacedAnswers) -> str:
    """Whether they wait or are placed, in words."""
    return str(dict(STATES)["waiting" if row.placed_as_id is None else "placed"])


def _in_state(rows: Any, code: str) -> Any:
    return rows.filter(placed_as__isnull=code == "waiting")


class UnplacedList(ListPage):
    """Answers nobody could place yet."""

    model = UnplacedAnswers
    permission = "surveys.view_submission"
    title = TITLE
    intro = _("They were received and are kept until somebody says whose they are.")
    related = ("sent_by", "programme")
    columns = (
        Column(
            "recorded_at",
            _("Received"),
            Kind.LINK,
            value=lambda row: format_instant(row.recorded_at),
            sort="recorded_at",
            url_name="surveys:unplaced_detail",
        ),
        Column("sent_by", _("Sent by")),
        Column("programme", _("Programme")),
        Column("reason", _("Why"), value=why),
        Column("device", _("Device")),
        Column("state", _("State"), value=state_of),
    )
    filters = (Choice("state", _("State"), STATES, using=_in_state),)
    order = "-recorded_at"
    empty = EmptyState(_("None"), _("All answers that came belong to a case."))


class UnplacedPage(RecordPage):
    """What came, and whose it may be."""

    model = UnplacedAnswers
    permission = "surveys.view_submission"
    related = ("sent_by", "programme", "placed_as")

    named: Case | None = None

    def rows(self) -> Any:
        """Those she may see; of a hidden person's answers she does not know."""
        rows = super().rows()
        row = rows.filter(pk=self.kwargs["pk"]).first()
        self.named = case_named_by(row) if row is not None else None
        if self.named is not None and self.named.person_id in hidden_from(self.staff):
            raise Http404
        persons = [self.named.person_id] if self.named and self.named.person_id else []
        if row is not None:
            reads.note(self.request, persons=persons, action="VIEW", highest="S")
        return rows

    def header(self) -> Header:
        """When they came, and the way to a case."""
        row = self.record
        place = Action(
            _now("Place on a case"),
            "surveys:unplaced_place",
            "surveys.place_answers",
            args=(row.pk,),
        )
        seen = Action(
            _now("Open the set of answers"),
            "surveys:submission_detail",
            "surveys.view_submission",
            args=(row.placed_as_id,),
        )
        return Header(
            _now("Answers that belong to no case"),
            subtitle=why(row),
            primary=place if row.placed_as_id is None else seen,
            crumbs=(Crumb(str(TITLE), reverse("surveys:unplaced_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Where they come from."""
        row = self.record
        return [
            FactGroup(
                _now("Where they come from"),
                [
                    Fact(_now("Received"), row.recorded_at),
                    Fact(_now("Sent by"), row.sent_by),
                    Fact(_now("Device"), row.device),
                    Fact(_now("Programme"), row.programme),
                    Fact(_now("Id"), row.instance_id),
                    Fact(_now("They name"), self._named()),
                    Fact(_now("Files that came with them"), row.files.count()),
                ],
            )
        ]

    def _named(self) -> str:
        visible = Case.objects.visible_to(self.staff)
        if self.named is None or not visible.filter(pk=self.named.pk).exists():
            return ""
        return f"{self.named.subject} \u00b7 {self.named.round.name}"

    def tables(self) -> Sequence[Table]:
        """The answers, as far as they can be read."""
        columns = (
            Column("name", _now("Question"), value=lambda row: row[0]),
            Column("value", _now("Answer"), value=lambda row: row[1]),
        )
        empty = EmptyState(_now("Nothing is kept here"))
        lines = list(answers_in(self.record.body))
        if not may(self.staff, "surveys.view_sensitive", self.record):
            secret = secret_in(self.record.body)
            lines = [
                (name, HIDDEN if secret is None or name in secret else value)
                for name, value in lines
            ]
        return [Table(_now("As it came"), columns, lines, empty)]


def secret_in(body: str) -> set[str] | None:
    """The sensitive questions of the questionnaire a body names, in any version of it; None where
    nobody knows which it is.
    """
    try:
        code = parsed(body.encode()).get("id") or ""
    except NotAnswers:
        return None
    asked = Question.objects.filter(version__questionnaire__code=code)
    if not asked.exists():
        return None
    return set(asked.filter(sensitive=True).values_list("name", flat=True))


def answers_in(body: str) -> Iterator[tuple[str, str]]:
    """The answers of a body by the names of the questions; what is no XML as one text."""
    try:
        root = parsed(body.encode())
    except NotAnswers:
        if body:
            yield "", body[:20_000]
        return
    leaves = (one for one in root.iter() if isinstance(one.tag, str) and not len(one))
    for number, leaf in enumerate(leaves):
        if number < ROWS_MOST and (text := (leaf.text or "").strip()):
            yield etree.QName(leaf).localname, text[:2_000]


class PlaceAnswers(FormPage):
    """Say whose answers these are."""

    subject_model = UnplacedAnswers
    form_class = PlaceForm
    permission = "surveys.place_answers"
    title = _("Place answers on a case")
    intro = _("They are held there until they are decided on.")
    verb = _("Place on this case")

    def find_subject(self, pk: Any) -> Any:
        """The answers, unless they are a hidden person's."""
        row = super().find_subject(pk)
        named = case_named_by(row) if row is not None else None
        if named is not None and named.person_id in hidden_from(self.staff):
            return None
        self.named = named
        return row

    def initial(self) -> dict[str, Any]:
        """The case they name, when she may see it."""
        visible = Case.objects.visible_to(self.staff)
        if self.named is None or not visible.filter(pk=self.named.pk).exists():
            return {}
        return {"number": str(self.named.pk)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Place them."""
        case = case_with(self.staff, self.subject, values["number"])
        return services.place_answers(acting_staff=self.staff, answers=self.subject, case=case)

    def success_url(self, result: Any) -> str:
        """To the set of answers they became."""
        return reverse("surveys:submission_detail", args=[result.pk])
