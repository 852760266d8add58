"""Pages of jobs: vacancies, who was proposed and placed, who is still there."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.markets.forms import jobs as f
from handup.markets.models import JobCheck, JobMatch, JobPlacement, Vacancy
from handup.markets.models import labels as lb
from handup.markets.queries import jobs as queries
from handup.markets.services import jobs as services
from handup.markets.views.acts import NewPage, OnPage, today
from handup.org import reads
from handup.org.permissions import OutOfSight, may
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
)
from handup.people.models import Person

NEW = Action(_("Record a vacancy"), "markets:vacancy_new", "markets.open_vacancy")
TONES = {"OPEN": Tone.INFO, "FILLED": Tone.GOOD, "CLOSED": Tone.PLAIN}
PAGE = "markets:vacancy_detail"


class VacancyList(ListPage):
    """Places of work employers offer."""

    model = Vacancy
    permission = "markets.view_vacancy"
    title = _("Vacancies")
    related = ("employer", "programme", "area")
    columns = (
        Column("title", _("Work"), Kind.LINK, sort="title", url_name=PAGE),
        Column("employer", _("Employer"), value=lambda row: row.employer_words),
        Column("job_kind", _("Kind of work")),
        Column("places", _("Places"), Kind.NUMBER),
        Column("opened_date", _("Told on"), Kind.DATE, sort="opened_date"),
        Column("closes_date", _("Open until"), Kind.DATE),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("area", _("Area"), shown=False),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (
        Search(("title", "employer__name", "employer_name")),
        Choice("state", _("State"), lb.choices(lb.VACANCY_STATE)),
        Choice("kind", _("Kind of work"), lb.choices(lb.JOB_KIND), field="job_kind"),
    )
    order = "-opened_date"
    primary = NEW
    actions = (Action(_("Who is still in the job"), "markets:job_figures", "markets.view_match"),)
    empty = EmptyState(
        _("No vacancy yet"),
        _("Employers' places of work, for any participant: followed to 6 and 12 months."),
        NEW,
    )


class OpenVacancy(NewPage):
    """Record places of work."""

    form_class = f.VacancyForm
    permission = "markets.open_vacancy"
    title = _("Record a vacancy")
    verb = _("Record")
    page = PAGE

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"opened_date": today()}

    def perform(self, values: dict[str, Any]) -> Vacancy:
        """Record them."""
        told = values | {"job_kind": lb.JobKind(values["job_kind"])}
        return services.open_vacancy(acting_staff=self.staff, id=self.new_id, **told)


class VacancyPage(RecordPage):
    """A vacancy: its terms, who was proposed, who began."""

    model = Vacancy
    permission = "markets.view_vacancy"
    related = ("employer", "programme", "area", "opened_by")
    record: Vacancy

    def header(self) -> Header:
        """The work, and a person for it."""
        row = self.record
        is_open = row.state == lb.VacancyState.OPEN

        def act(label: Any, name: str, permission: str) -> Action:
            return Action(label, f"markets:{name}", permission, args=(row.pk,))

        propose = act(_("Propose a person"), "match_new", "markets.propose_person")
        close = act(_("Close the vacancy"), "vacancy_close", "markets.open_vacancy")
        return Header(
            row.title,
            subtitle=row.employer_words,
            state=State(row.get_state_display(), TONES[row.state]),
            primary=propose if is_open else None,
            actions=(close,) if is_open else (),
            crumbs=(Crumb(_("Vacancies"), reverse("markets:vacancy_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The terms."""
        row = self.record
        wage = "" if row.wage_units is None else format_money(row.wage_units, row.currency)
        return [
            FactGroup(
                _("The vacancy"),
                [
                    Fact(_("Employer"), row.employer_words),
                    Fact(_("Kind of work"), row.get_job_kind_display()),
                    Fact(_("Places"), row.places),
                    Fact(_("Permanent"), _("yes") if row.permanent else _("no")),
                    Fact(_("Wage"), f"{wage} / {row.wage_per}" if row.wage_per and wage else wage),
                    Fact(_("What is asked for"), row.requirements),
                    Fact(_("Told on"), row.opened_date),
                    Fact(_("Open until"), row.closes_date),
                    Fact(_("Area"), row.area),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Whom the reader may see of those proposed."""
        if not may(self.staff, "markets.view_match"):
            return []
        rows = JobMatch.objects.visible_to(self.staff).filter(vacancy=self.record)
        found = list(rows.select_related("person", "placement"))
        reads.note(self.request, persons=[row.person_id for row in found], highest="P")
        return [
            Table(
                _("Who was proposed"),
                (
                    Column("person", _("Person"), Kind.LINK, url_name="markets:match_detail"),
                    Column("matched_date", _("Proposed on"), Kind.DATE),
                    Column("state", _("State"), Kind.STATE, tones=MATCH_TONES),
                    Column("placement.started_date", _("Began on"), Kind.DATE, value=began),
                ),
                found,
                EmptyState(_("Nobody yet")),
            )
        ]


MATCH_TONES = {"PROPOSED": Tone.INFO, "DECLINED": Tone.PLAIN, "PLACED": Tone.GOOD}


def began(row: JobMatch) -> Any:
    """The first day of the job, where there is one."""
    return row.placement.started_date if hasattr(row, "placement") else None


class MatchPage(RecordPage):
    """One person proposed for a vacancy, and her job."""

    model = JobMatch
    permission = "markets.view_match"
    related = ("person", "vacancy", "matched_by", "placement")
    person_path = "person_id"
    record: JobMatch

    @cached_property
    def placement(self) -> JobPlacement | None:
        """Her job, where she began one."""
        return getattr(self.record, "placement", None)

    def header(self) -> Header:
        """Who and which work; the next step."""
        row, job = self.record, self.placement

        def act(label: Any, name: str, permission: str = "markets.propose_person") -> Action:
            return Action(label, f"markets:{name}", permission, args=(row.pk,))

        primary: Action | None = None
        more: tuple[Action, ...] = ()
        if row.state == lb.MatchState.PROPOSED:
            primary = act(_("She began"), "job_new")
            more = (act(_("It came to nothing"), "match_decline"),)
        elif job is not None:
            primary = act(_("Is she still there?"), "job_check", "markets.check_job")
            more = (act(_("The job ended"), "job_end"),) if job.ended_date is None else ()
        return Header(
            str(row.person),
            subtitle=f"{row.vacancy}, {row.vacancy.employer_words}",
            state=State(row.get_state_display(), MATCH_TONES[row.state]),
            primary=primary,
            actions=more,
            crumbs=(
                Crumb(_("Vacancies"), reverse("markets:vacancy_list")),
                Crumb(row.vacancy.title, reverse(PAGE, args=[row.vacancy_id])),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What came of it."""
        row, job = self.record, self.placement
        facts = [
            Fact(_("Proposed on"), row.matched_date),
            Fact(_("Proposed by"), row.matched_by),
            Fact(_("Why not"), row.reason),
        ]
        if job is not None:
            facts += [
                Fact(_("Began on"), job.started_date),
                Fact(_("Ended on"), job.ended_date),
                Fact(_("Why it ended"), job.end_reason),
            ]
        return [FactGroup(_("The job"), facts)]

    def tables(self) -> Sequence[Table]:
        """The looks at 6 and 12 months."""
        if self.placement is None:
            return []
        return [
            Table(
                _("Looked at"),
                (
                    Column("month", _("Months after the first day"), Kind.NUMBER),
                    Column("checked_date", _("Looked at on"), Kind.DATE),
                    Column("still_there", _("Still there"), Kind.STATE, value=still_state),
                    Column("checked_by", _("By")),
                    Column("remark", _("Remark")),
                ),
                queries.checks_of(self.placement),
                EmptyState(_("Not yet")),
            )
        ]


def still_state(row: JobCheck) -> State:
    """Whether she was still there."""
    if row.still_there:
        return State(_t("still there"), Tone.GOOD)
    if row.other_job:
        return State(_t("in another job"), Tone.INFO)
    return State(_t("no longer there"), Tone.WARN)


class ProposePerson(OnPage):
    """Propose a participant for a vacancy."""

    form_class = f.PersonForm
    permission = "markets.propose_person"
    title = _("Propose a person")
    verb = _("Propose")
    subject_model = Vacancy
    subject: Vacancy
    page = PAGE

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"matched_date": today()}

    def perform(self, values: dict[str, Any]) -> JobMatch:
        """Propose her."""
        return services.propose_person(
            acting_staff=self.staff,
            vacancy=self.subject,
            person=person_of(self.staff, values["registration_no"]),
            matched_date=values["matched_date"],
            id=self.new_id,
        )


def person_of(staff: Any, number: str) -> Person:
    """The person of a registration number the reader may see. Raises PersonUnknown."""
    rows = Person.objects.visible_to(staff).filter(registration_no=number.strip())
    row: Person | None = rows.first()
    if row is None:
        raise services.PersonUnknown(field="registration_no")
    return row


class OnMatch(OnPage):
    """A form about somebody proposed; it goes back to her page."""

    subject_model = JobMatch
    subject: JobMatch
    permission = "markets.propose_person"
    page = "markets:match_detail"
    person_path = "person_id"

    def job(self) -> JobPlacement:
        """Her job. Raises OutOfSight when she did not begin one."""
        found = JobPlacement.objects.visible_to(self.staff).filter(match=self.subject).first()
        if found is None:
            raise OutOfSight
        return found


class PlacePerson(OnMatch):
    """Record that she began."""

    form_class = f.BeganForm
    title = _("She began")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"started_date": today()}

    def perform(self, values: dict[str, Any]) -> JobPlacement:
        """Record it."""
        return services.place_person(
            acting_staff=self.staff, match=self.subject, today=today(), id=self.new_id, **values
        )


class DeclineMatch(OnMatch):
    """Record that a proposal came to nothing."""

    form_class = f.ReasonForm
    title = _("It came to nothing")
    verb = _("Record")

    def perform(self, values: dict[str, Any]) -> JobMatch:
        """Record it."""
        return services.decline_match(acting_staff=self.staff, match=self.subject, **values)


class EndJob(OnMatch):
    """Record that a job ended."""

    form_class = f.EndedForm
    title = _("The job ended")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"ended_date": today()}

    def perform(self, values: dict[str, Any]) -> JobPlacement:
        """Record it."""
        return services.end_job(
            acting_staff=self.staff, placement=self.job(), today=today(), **values
        )


class CheckJob(OnMatch):
    """Look whether she is still there."""

    form_class = f.LookForm
    permission = "markets.check_job"
    title = _("Is she still there?")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"checked_date": today()}

    def perform(self, values: dict[str, Any]) -> JobCheck:
        """Record it."""
        return services.check_job(
            acting_staff=self.staff, placement=self.job(), today=today(), id=self.new_id, **values
        )


class CloseVacancy(OnPage):
    """Say that a vacancy is open no more."""

    form_class = f.NothingMore
    permission = "markets.open_vacancy"
    title = _("Close the vacancy")
    verb = _("Close it")
    subject_model = Vacancy
    subject: Vacancy
    page = PAGE

    def perform(self, values: dict[str, Any]) -> Vacancy:
        """Close it."""
        return services.close_vacancy(acting_staff=self.staff, vacancy=self.subject)
