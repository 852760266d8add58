"""Pages of scorecards: what falls due, a filled card with the entries that speak for each mark, its
disputes, its paper."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.discipline import discipline_of
from handup.groups.models import AssessmentMark, Group, GroupAssessment, MarkDispute
from handup.groups.models.scoring import DisputeState, Given
from handup.groups.paper import set_paper
from handup.groups.scorecards import Card, NoSuchCard, card_of, cards_for
from handup.groups.services import scoring as services
from handup.groups.services.scoring import Due, MarkIn
from handup.groups.views.papers import Paper
from handup.groups.views.ruling import OfGroup
from handup.groups.views.scoring_words import ENTRIES, grade_word, percent_of, title_of
from handup.kernel.dates import add_months
from handup.kernel.money import decimal_text
from handup.org.permissions import may
from handup.org.web.forms import DayField, FormPage, HouseForm, Question, dress
from handup.org.web.lists import Action, Column, EmptyState, Kind, Tone
from handup.org.web.money import format_day, format_number, format_percent
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile


def crumbs_of(group: Group, *, inside: bool = False) -> tuple[Crumb, ...]:
    """The way to the cards of a group."""
    way = (
        Crumb(_("Groups"), reverse("groups:group_list")),
        Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
    )
    cards = Crumb(_("Scorecards"), reverse("groups:assessments", args=[group.pk]))
    return (*way, cards) if inside else way


class AssessmentsPage(RecordPage):
    """The cards of a group: what falls due, and what was filled."""

    model = Group
    permission = "groups.view_group"

    def header(self) -> Header:
        """A way to fill each card that fits."""
        group = self.record
        fill = [
            Action(
                _("Fill: %(card)s") % {"card": _now(card.title)},
                "groups:assess",
                services.ASSESS,
                (group.pk, card.code),
            )
            for card in cards_for(group.kind)
        ]
        return Header(
            _("Scorecards"),
            subtitle=group.name,
            primary=fill[0] if fill else None,
            actions=fill[1:],
            crumbs=crumbs_of(group),
        )

    def _due(self) -> list[Due]:
        return services.due_cards(self.record, cards_for(self.record.kind))

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What is overdue."""
        today = timezone.localdate()
        late = [due for due in self._due() if due.is_overdue(today)]
        told = _now("%(card)s was due on %(day)s.")
        return [
            (Tone.WARN, told % {"card": _now(due.card.title), "day": format_day(due.due)})
            for due in late
        ]

    def facts(self) -> list[FactGroup]:
        """How well the group kept its cash in the last twelve months."""
        today = timezone.localdate()
        told = discipline_of(self.record, add_months(today, -12), today)
        rows = [
            Fact(_("First counts that agreed"), _share(told.counts_equal_percent)),
            Fact(_("Counts by two or more"), format_number(told.counts)),
            Fact(_("Differences, of the cash handled"), _share(told.difference_percent)),
            Fact(_("Days until a meeting is here"), _number(told.upload_days)),
            Fact(_("Corrections a hundred entries"), _number(told.corrections_per_100)),
        ]
        return [FactGroup(_("Cash discipline, last twelve months"), rows)]

    def tables(self) -> list[Table]:
        """What falls due, and every filled card."""
        return [
            Table(
                _("When they fall due"),
                (
                    Column("card", _("Card"), value=lambda due: _now(due.card.title)),
                    Column("last", _("Filled last on"), Kind.DATE),
                    Column("due", _("Due on"), Kind.DATE),
                ),
                self._due(),
                empty=EmptyState(_("No card falls due")),
            ),
            Table(
                _("Filled cards"),
                (
                    Column(
                        "assessed_date",
                        _("Assessed on"),
                        Kind.LINK,
                        value=lambda row: format_day(row.assessed_date),
                        href=lambda row: reverse("groups:assessment", args=[row.pk]),
                    ),
                    Column("card", _("Card"), value=lambda row: title_of(row.card_code)),
                    Column("grade", _("Grade"), value=lambda row: grade_word(row.grade)),
                    Column("percent", _("Percent"), value=percent_of),
                ),
                self.record.assessments.all(),
                empty=EmptyState(_("No card was filled yet"), _("Fill the first one.")),
            ),
        ]


def _share(value: Fraction | None) -> str:
    return _now("not known") if value is None else format_percent(decimal_text(value, 2))


def _number(value: Fraction | None) -> str:
    return _now("not known") if value is None else decimal_text(value, 1)


class AssessmentPage(RecordPage):
    """A filled card: each mark with what speaks for it, and what the group disputes."""

    model = GroupAssessment
    permission = "groups.view_group"
    related = ("group", "assessed_by")

    def header(self) -> Header:
        """Its paper."""
        row: GroupAssessment = self.record
        return Header(
            title_of(row.card_code),
            subtitle=row.group.name,
            actions=[
                Action(_("Print it"), "groups:assessment_paper", self.permission, (row.pk,)),
            ],
            crumbs=crumbs_of(row.group, inside=True),
        )

    def tiles(self) -> list[Tile]:
        """Grade, points, percentage."""
        row: GroupAssessment = self.record
        return [
            Tile(_("Grade"), grade_word(row.grade)),
            Tile(
                _("Percent"),
                percent_of(row),
                how=_("Points of the marks below, of the points of what applies."),
            ),
            Tile(_("Points"), format_number(row.points), of=format_number(row.most_points)),
        ]

    def facts(self) -> list[FactGroup]:
        """When, with whom, and what the grade lets the group do."""
        row: GroupAssessment = self.record
        told = [
            Fact(_("Assessed on"), format_day(row.assessed_date)),
            Fact(_("Assessed by"), str(row.assessed_by)),
            Fact(_("People who took part"), format_number(row.people_count)),
            Fact(_("Eligible"), _("yes") if row.is_eligible else _("no")),
            Fact(_("Version of the card"), str(row.card_version)),
        ]
        return [FactGroup(_("The assessment"), told)]

    def tables(self) -> list[Table]:
        """The marks and the disputes."""
        marks = list(self.record.marks.prefetch_related("evidence__fact"))
        disputes = MarkDispute.objects.visible_to(self.staff).filter(mark__in=marks)
        return [
            _marks_table(marks, disputes=may(self.staff, services.DISPUTE, self.record.group)),
            _disputes_table(
                list(disputes.select_related("mark", "answered_by")),
                answers=may(self.staff, services.ANSWER, self.record.group),
            ),
        ]


def entries_of(mark: AssessmentMark) -> str:
    """The entries that speak for a mark, the newest first."""
    facts = sorted((one.fact for one in mark.evidence.all()), key=lambda fact: fact.happened_date)
    return "; ".join(
        f"{format_day(fact.happened_date)} {ENTRIES.get(fact.name, fact.name)}"
        for fact in reversed(facts)
    )


def points_of(mark: AssessmentMark) -> str:
    """The points of a mark, or why there are none."""
    if mark.given != Given.SCORED:
        return str(mark.get_given_display())
    return _now("%(points)s of %(most)s") % {"points": mark.points, "most": mark.most_points}


def _marks_table(marks: list[AssessmentMark], *, disputes: bool) -> Table:
    columns = [
        Column("no", _("No."), Kind.NUMBER),
        Column("section", _("Part"), value=lambda mark: _now(mark.section)),
        Column("text", _("Criterion"), value=lambda mark: _now(mark.text)),
        Column("points", _("Points"), value=points_of),
        Column("evidence", _("Entries that speak for it"), value=entries_of),
    ]
    if disputes:
        columns.append(
            Column(
                "dispute",
                _("Next"),
                Kind.LINK,
                value=lambda mark: _now("Dispute it"),
                href=lambda mark: reverse("groups:mark_dispute", args=[mark.pk]),
            )
        )
    return Table(_("Marks"), columns, marks)


def _disputes_table(rows: list[MarkDispute], *, answers: bool) -> Table:
    def can_answer(row: MarkDispute) -> bool:
        return answers and row.state == DisputeState.OPEN

    return Table(
        _("Disputed marks"),
        (
            Column("mark.no", _("No."), Kind.NUMBER),
            Column("disputed_date", _("Disputed on"), Kind.DATE),
            Column("why", _("Why")),
            Column("state", _("State")),
            Column("points_before", _("Points before"), Kind.NUMBER),
            Column("answer", _("Answer")),
            Column("answered_by", _("Answered by")),
            Column(
                "next",
                _("Next"),
                Kind.LINK,
                value=lambda row: _now("Answer it") if can_answer(row) else "",
                href=lambda row: (
                    reverse("groups:dispute_answer", args=[row.pk]) if can_answer(row) else ""
                ),
            ),
        ),
        rows,
        empty=EmptyState(_("No mark is disputed")),
    )


class CardForm(HouseForm):
    """Day, people, and a choice for each criterion of a card."""

    on = DayField(label=_("Assessed on"))
    people_count = forms.IntegerField(
        label=_("How many people took part?"), min_value=1, max_value=services.MOST_PEOPLE
    )

    def __init__(self, *args: Any, card: Card, **options: Any) -> None:
        """Ask each criterion, part by part."""
        super().__init__(*args, **options)
        self.card = card
        for asked in card.criteria:
            field = forms.ChoiceField(
                label=f"{asked.no}. {_now(asked.text)}", choices=_choices(asked.points)
            )
            dress(field)
            self.fields[f"mark_{asked.no}"] = field

    @property
    def groups(self) -> list[tuple[Question | None, list[BoundField]]]:
        """The day and the people, then each part of the card."""
        first = Question(_("When, and with whom?"), ("on", "people_count"))
        found: list[tuple[Question | None, list[BoundField]]] = [
            (first, [self[name] for name in first.fields])
        ]
        for section, rows in self.card.sections.items():
            names = tuple(f"mark_{asked.no}" for asked in rows)
            found.append((Question(_now(section), names), [self[name] for name in names]))
        return found


def _choices(points: int) -> list[tuple[str, Any]]:
    told = [(str(n), str(n)) for n in range(points, -1, -1)]
    return [
        (str(Given.UNANSWERED), Given.UNANSWERED.label),
        *told,
        (str(Given.NOT_APPLICABLE), Given.NOT_APPLICABLE.label),
    ]


def mark_in(told: str) -> MarkIn:
    """A choice of the form as the service takes it."""
    if told in (Given.UNANSWERED, Given.NOT_APPLICABLE):
        return MarkIn(Given(told))
    return MarkIn(Given.SCORED, int(told))


class Assess(OfGroup):
    """Fill a card with a group."""

    form_class = CardForm
    permission = services.ASSESS
    verb = _("Keep the assessment")
    reads_back = True
    title = _("Fill a scorecard")
    intro = _("Fill it together with the group. What is not answered scores nothing.")

    def card(self) -> Card:
        """The card of the address."""
        try:
            card = card_of(self.kwargs["card"])
        except NoSuchCard as refusal:
            raise Http404 from refusal
        if self.subject.kind not in card.kinds:
            raise Http404
        return card

    def lead(self) -> Any:
        """Which card it is."""
        return f"{_now(self.card().title)}. {self.intro}"

    def form_options(self) -> dict[str, Any]:
        """The card."""
        return {"card": self.card()}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        marks = {
            int(name.removeprefix("mark_")): mark_in(told)
            for name, told in values.items()
            if name.startswith("mark_")
        }
        return services.assess_group(
            acting_staff=self.staff,
            group=self.subject,
            card_code=self.card().code,
            marks=marks,
            people_count=values["people_count"],
            on=values["on"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The filled card."""
        return reverse("groups:assessment", args=[result.pk])


class DisputeForm(HouseForm):
    """Why the group says the mark is wrong."""

    why = forms.CharField(
        label=_("What does the group say?"),
        max_length=500,
        widget=forms.Textarea,
        help_text=_("Name no member."),
    )
    on = DayField(label=_("On"))


class DisputeMark(FormPage):
    """Keep that the group says a mark is wrong."""

    subject_model: ClassVar[Any] = AssessmentMark
    subject: Any
    form_class = DisputeForm
    permission = services.DISPUTE
    title = _("Dispute a mark")
    verb = _("Keep it")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return services.dispute_mark(
            acting_staff=self.staff, mark=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The card."""
        return reverse("groups:assessment", args=[self.subject.assessment_id])


class AnswerForm(HouseForm):
    """What becomes of the mark, and why."""

    mark = forms.ChoiceField(label=_("What becomes of the mark?"))
    answer = forms.CharField(
        label=_("Answer to the group"),
        max_length=500,
        widget=forms.Textarea,
        help_text=_("Name no member."),
    )
    on = DayField(label=_("On"))

    def __init__(self, *args: Any, most: int, **options: Any) -> None:
        """Let it stand, or choose among the points of the criterion."""
        super().__init__(*args, **options)
        field = self.fields["mark"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("It stands")), *_choices(most)]
        field.required = False


class AnswerDispute(FormPage):
    """Answer a dispute."""

    subject_model: ClassVar[Any] = MarkDispute
    subject: Any
    form_class = AnswerForm
    permission = services.ANSWER
    title = _("Answer a dispute")
    verb = _("Answer")
    reads_back = True

    def lead(self) -> Any:
        """What is disputed, and why."""
        mark = self.subject.mark
        return f"{mark.no}. {_now(mark.text)}: {self.subject.why}"

    def form_options(self) -> dict[str, Any]:
        """The points of the criterion."""
        return {"most": self.subject.mark.most_points}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Answer it."""
        told = values.pop("mark")
        new = mark_in(told) if told else None
        return services.answer_dispute(
            acting_staff=self.staff,
            dispute=self.subject,
            given=new.given if new else None,
            points=new.points if new else 0,
            **values,
        )

    def success_url(self, result: Any) -> str:
        """The card."""
        return reverse("groups:assessment", args=[self.subject.mark.assessment_id])


class AssessmentPaper(Paper):
    """A filled card on paper, to be read to the group."""

    model = GroupAssessment
    permission = "groups.view_group"
    related = ("group",)
    name = "scorecard"

    def pdf(self, record: GroupAssessment) -> bytes:
        """Set it."""
        facts = [
            (_now("Assessed on"), format_day(record.assessed_date)),
            (_now("People who took part"), format_number(record.people_count)),
            (_now("Grade"), grade_word(record.grade)),
            (_now("Percent"), percent_of(record)),
        ]
        heads = (_now("No."), _now("Criterion"), _now("Points"), _now("Entries that speak for it"))
        rows = [
            (str(mark.no), _now(mark.text), points_of(mark), entries_of(mark))
            for mark in record.marks.prefetch_related("evidence__fact")
        ]
        title = title_of(record.card_code)
        signed = (_now("For the group"), _now("Assessed by"))
        return set_paper(title, record.group.name, facts, [(_now("Marks"), heads, rows)], signed)
