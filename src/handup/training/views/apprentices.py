"""Pages of an apprentice's months: visits due, card, log by picture, offers after graduation."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.web.forms import FormPage
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tick,
    Tone,
)
from handup.org.web.money import format_number
from handup.org.web.pages import FiguresPage, State, Table, Tile
from handup.training import services
from handup.training.apprentice_queries import VisitLine, overdue, visits_due
from handup.training.forms import apprentices as forms
from handup.training.models import ApprenticeshipAgreement, GraduateOffer, TradeSkill
from handup.training.models.apprentices import OFFER, OFFER_STATE
from handup.training.models.labels import choices
from handup.training.rules.apprentices import Offer, OfferState
from handup.training.services.judging import skills_of

OFFER_TONES = {"OFFERED": Tone.WARN, "ACCEPTED": Tone.GOOD}


class VisitsDue(FiguresPage):
    """Apprentices who are to be visited, the most overdue first."""

    permission = "training.view_apprentice_visit"
    title = _("Visits to apprentices")
    intro = _("The first within 14 days of the start, then one a month, by at least two bodies.")

    @cached_property
    def lines(self) -> list[VisitLine]:
        """Of whom the reader may see."""
        found = visits_due(self.staff, timezone.localdate())
        persons = sorted({line.agreement.enrolment.person_id for line in found})
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return found

    def tiles(self) -> Sequence[Tile]:
        """How many, and how many are late."""
        late = overdue(self.lines)
        return [
            Tile(
                _("Visits overdue"),
                format_number(len(late)),
                of=Tile.of_all(len(self.lines)),
                tone=Tone.WARN if late else Tone.PLAIN,
            )
        ]

    def tables(self) -> Sequence[Table]:
        """One line an apprentice."""
        columns = (
            Column(
                "agreement.enrolment.person",
                _("Apprentice"),
                Kind.LINK,
                href=lambda line: reverse("training:agreement_detail", args=[line.agreement.pk]),
            ),
            Column("agreement.workshop", _("Workshop"), value=_workshop_of),
            Column("calls.due_date", _("Due on"), Kind.DATE),
            Column("calls.late_days", _("Days late"), Kind.NUMBER),
            Column("state", _("What is missing"), value=_missing),
        )
        empty = EmptyState(_("Nobody is to be visited"), _("Visits follow from each agreement."))
        return [Table(_("Apprentices to visit"), columns, self.lines, empty=empty)]


def _workshop_of(line: VisitLine) -> str:
    return str(line.agreement.workshop)


def _missing(line: VisitLine) -> State:
    if line.calls.another_body:
        return State(_("a visit by another body"), Tone.WARN)
    return State(_("the next visit"), Tone.WARN if line.calls.late_days else Tone.PLAIN)


class TradeSkillList(ListPage):
    """Skills of trades, as they stand on the card and in the log."""

    model = TradeSkill
    permission = "training.view_curriculum"
    title = _("Skills of trades")
    columns = (
        Column("trade", _("Trade"), sort="trade"),
        Column("name", _("Skill"), sort="name"),
        Column("picture", _("Picture"), value=lambda row: row.get_picture_display()),
        Column("required", _("Required"), Kind.TICK),
    )
    filters = (Search(("trade", "name"), label=_("Trade or skill")),)
    order = "trade"
    primary = Action(
        _("Add a skill"), "training:trade_skill_new", "training.set_trade_skill", icon="plus"
    )
    empty = EmptyState(_("No skills yet"), _("A card needs the skills of the trade."))


class NewTradeSkill(FormPage):
    """Add a skill to the card of a trade."""

    form_class = forms.TradeSkillForm
    permission = "training.set_trade_skill"
    title = _("Add a skill of a trade")
    verb = _("Add")

    def perform(self, values: dict[str, Any]) -> Any:
        """Add it."""
        return services.set_trade_skill(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To the list."""
        return reverse("training:trade_skill_list")


class ToApprentice(FormPage):
    """A form page about an apprentice that leads back to her agreement."""

    subject_model = ApprenticeshipAgreement
    person_path = "enrolment.person_id"

    def subject_name(self) -> str:
        """Who the apprentice is."""
        return str(self.subject.enrolment.person)

    def success_url(self, result: Any) -> str:
        """Back to the agreement."""
        return reverse("training:agreement_detail", args=[self.subject.pk])

    @cached_property
    def skills(self) -> list[TradeSkill]:
        """The skills of her trade."""
        return skills_of(self.subject.trade)


class RecordVisit(ToApprentice):
    """Record a visit to an apprentice."""

    form_class = forms.VisitForm
    permission = "training.record_apprentice_visit"
    title = _("Record a visit")
    intro = _("A woman apprentice is offered a woman visitor.")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"visit_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_apprentice_visit(
            acting_staff=self.staff, agreement=self.subject, id=self.new_id, **values
        )


class RecordSkills(ToApprentice):
    """Write levels on the card."""

    form_class = forms.SkillsForm
    permission = "training.record_skill"
    title = _("Judge skills")
    intro = _("The card keeps every level with its day; the last one counts.")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """The skills of the trade."""
        return {"skills": self.skills}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"judged_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record them."""
        return services.record_skills(
            acting_staff=self.staff, agreement=self.subject, id=self.new_id, **values
        )


class WriteLog(ToApprentice):
    """Tell a day of the log, by picture and tick."""

    form_class = forms.LogForm
    permission = "training.log_day"
    title = _("Write a day into the log")
    verb = _("Write")

    def form_options(self) -> dict[str, Any]:
        """The skills of the trade."""
        return {"skills": self.skills}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"day": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it."""
        return services.log_day(
            acting_staff=self.staff, agreement=self.subject, id=self.new_id, **values
        )


class GraduateOfferList(ListPage):
    """What graduates are offered and what they answered."""

    model = GraduateOffer
    permission = "training.view_apprentice_visit"
    title = _("Offers to graduates")
    related = ("agreement__enrolment__person", "cohort")
    person_path = "agreement.enrolment.person_id"
    columns = (
        Column(
            "agreement.enrolment.person",
            _("Graduate"),
            Kind.LINK,
            href=lambda row: reverse("training:agreement_detail", args=[row.agreement_id]),
        ),
        Column("kind", _("What is offered"), value=lambda row: row.get_kind_display()),
        Column("offered_date", _("Since"), Kind.DATE, sort="offered_date"),
        Column("answered_date", _("Answered on"), Kind.DATE, sort="answered_date"),
        Column("cohort", _("Applies for"), value=lambda row: str(row.cohort or "")),
        Column("state", _("Answer"), Kind.STATE, tones=OFFER_TONES),
    )
    filters = (
        Choice("state", _("Answer"), choices(OFFER_STATE)),
        Choice("kind", _("What is offered"), choices(OFFER)),
        Tick("open", _("only those without an answer"), Q(state=OfferState.OFFERED)),
    )
    order = "-offered_date"
    empty = EmptyState(
        _("Nothing is offered yet"), _("Every graduate of an apprenticeship is offered three ways.")
    )


class AnswerOffer(FormPage):
    """Record what a graduate answered."""

    subject_model = GraduateOffer
    person_path = "agreement.enrolment.person_id"
    form_class = forms.AnswerForm
    permission = "training.answer_offer"
    title = _("Record her answer")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Courses this member of staff sees."""
        return {"staff": self.staff, "kind": Offer(self.subject.kind)}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"answered_date": timezone.localdate()}

    def lead(self) -> str:
        """What was offered to whom."""
        return f"{self.subject.agreement.enrolment.person}: {self.subject.get_kind_display()}"

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.answer_offer(acting_staff=self.staff, offer=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """Who wants credit is referred next; else back to the agreement."""
        if result.kind == Offer.CREDIT_REFERRAL and result.state == OfferState.ACCEPTED:
            person = result.agreement.enrolment.person_id
            return reverse("people:referral_new", args=[person])
        return reverse("training:agreement_detail", args=[result.agreement_id])
