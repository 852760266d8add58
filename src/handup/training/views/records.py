"""Record pages of a curriculum, a cohort and one enrolment."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from handup.org import reads
from handup.org.permissions import may
from handup.org.scope import hidden_from
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_number
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    Moment,
    RecordPage,
    State,
    Table,
    Tile,
    Tone,
)
from handup.training.facts import CohortFacts, of_cohort, sealed_left
from handup.training.models import (
    Cohort,
    Curriculum,
    Enrolment,
)
from handup.training.queries import alerts, waiting_list
from handup.training.refresher_queries import of_enrolments
from handup.training.rules.completion import attendance_share
from handup.training.rules.states import (
    SEATED,
    CourseType,
    CurriculumState,
    DropoutReason,
    EnrolmentState,
    PassRule,
)
from handup.training.rules.waiting import Place, last_day
from handup.training.services.needs import needs_behind
from handup.training.views import lists
from handup.training.views.refreshers import columns_of

SESSION_TONES = {"HELD": Tone.GOOD, "CANCELLED": Tone.WARN, "PLANNED": Tone.INFO}


class CurriculumPage(RecordPage):
    """One version of a curriculum with its modules and session plans."""

    model = Curriculum
    permission = "training.view_curriculum"
    related = ("prepared_by", "approved_by")

    def header(self) -> Header:
        """Title, state, the next step."""
        row = self.record
        step = {
            CurriculumState.DRAFT: Action(
                _("Hand to review"),
                "training:curriculum_submit",
                "training.submit_curriculum",
                args=(row.pk,),
                post=True,
            ),
            CurriculumState.REVIEW: Action(
                _("Approve"),
                "training:curriculum_approve",
                "training.approve_curriculum",
                args=(row.pk,),
            ),
        }.get(row.state)
        add = Action(
            _("Add a module"), "training:module_new", "training.draft_curriculum", args=(row.pk,)
        )
        return Header(
            row.title,
            subtitle=f"{row.code} · {row.version} · {row.language}",
            state=State(row.get_state_display(), lists.CURRICULUM_TONES.get(row.state, Tone.PLAIN)),
            primary=step,
            actions=(add,) if row.state == CurriculumState.DRAFT else (),
            crumbs=(Crumb(_("Curricula"), reverse("training:curriculum_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Origin and approval."""
        row = self.record
        return [
            FactGroup(
                _("Origin"),
                [
                    Fact(_("Licence"), row.licence),
                    Fact(_("Source"), row.source),
                    Fact(_("Prepared by"), row.prepared_by),
                    Fact(_("Approved by"), row.approved_by),
                    Fact(_("Approved on"), row.approved_date),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """One table a module."""
        columns = (
            Column("number", _("Number"), Kind.NUMBER),
            Column("title", _("Session")),
            Column("minutes", _("Minutes"), Kind.NUMBER),
            Column("method", _("Method")),
        )
        modules = self.record.modules.prefetch_related("session_plans")
        return [
            Table(f"{module.number} {module.title}", columns, module.session_plans.all())
            for module in modules
        ]


class CohortPage(RecordPage):
    """One cohort: seats, sessions, participants, tests, what needs attention."""

    model = Cohort
    permission = "training.view_cohort"
    related = ("course", "programme", "provider", "office", "area")

    cohort_facts: CohortFacts

    def header(self) -> Header:
        """Name, state, the next step."""
        row = self.record
        self.cohort_facts = of_cohort(row, without=hidden_from(self.staff))

        def action(label: str, verb: str, permission: str) -> Action:
            return Action(label, f"training:{verb}", f"training.{permission}", args=(row.pk,))

        seen = Enrolment.objects.visible_to(self.staff)
        applied = seen.filter(cohort=row, state=EnrolmentState.APPLIED).exists()
        label = _("Decide applications")
        decide = (action(label, "cohort_decide", "decide_application"),) if applied else ()
        business = row.course.type == CourseType.BUSINESS
        label = _("Set the four practical tasks")
        tasks = (action(label, "tasks_new", "set_test"),) if business else ()
        if row.is_closed:
            primary = action(_("Issue certificates"), "certificates_issue", "issue_certificate")
            strike = action(
                _("Strike papers nobody earned"), "certificates_strike", "issue_certificate"
            )
            more: tuple[Action, ...] = (
                action(_("Correct"), "cohort_correct", "correct_cohort"),
                *((strike,) if sealed_left(row, self.staff) else ()),
            )
        else:
            primary = action(_("Enrol people"), "cohort_enrol", "enrol_in_cohort")
            more = (
                action(_("Choose people from a list"), "cohort_choose", "enrol_in_cohort"),
                action(_("Record applications"), "cohort_apply", "record_application"),
                *decide,
                action(_("Name a trainer"), "trainer_new", "name_trainer"),
                action(_("Plan a session"), "session_new", "schedule_session"),
                action(_("Set a test"), "test_new", "set_test"),
                action(_("Set a spoken test"), "spoken_new", "set_test"),
                *tasks,
                action(_("Print certificates ahead"), "certificates_seal", "issue_certificate"),
                action(_("Hand out who to ask after"), "follow_ups_open", "open_follow_ups"),
                action(_("Close"), "cohort_close", "close_cohort"),
            )
        return Header(
            str(row),
            subtitle=f"{row.course.title} · {row.programme}",
            state=State(row.get_state_display(), lists.COHORT_TONES.get(row.state, Tone.PLAIN)),
            primary=primary,
            actions=more,
            crumbs=(Crumb(_("Cohorts"), reverse("training:cohort_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, str]]:
        """Who should be asked after, and records that disagree."""
        found = []
        untold = Enrolment.objects.visible_to(self.staff).filter(
            cohort=self.record, state=EnrolmentState.INVITED, told_date=None
        )
        if count := untold.count():
            text = _("{count} persons are invited and nobody has told them yet.")
            found.append((Tone.WARN, text.format(count=count)))
        watched = len(alerts(self.cohort_facts))
        if watched and not self.record.is_closed:
            text = _("{count} participants miss too much: somebody should ask after them.")
            found.append((Tone.WARN, text.format(count=watched)))
        conflicts = len(self.cohort_facts.conflicts())
        if conflicts:
            text = _("{count} attendances were told in two ways. Correct them on the roster.")
            found.append((Tone.WARN, text.format(count=conflicts)))
        return found

    def tiles(self) -> Sequence[Tile]:
        """Seats, minutes held, completion."""
        row = self.record
        seated = sum(one.state in SEATED for one in self.cohort_facts.enrolments)
        done = sum(one.state == EnrolmentState.COMPLETED for one in self.cohort_facts.enrolments)
        held = sum(s.minutes for s in self.cohort_facts.sessions if not s.make_up_for)
        return [
            Tile(_("Places taken"), format_number(seated), of=Tile.of_all(row.capacity)),
            Tile(
                _("Minutes held"),
                format_number(held),
                how=_("Held sessions; make-ups add nothing."),
            ),
            Tile(
                _("Completed"),
                format_number(done),
                of=Tile.of_all(len(self.cohort_facts.enrolments)),
                how=_("Computed from attendance and tests when the cohort closes."),
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Where, when, by whom."""
        row = self.record
        trainers = ", ".join(trainer.name for trainer in row.trainers.all())
        return [
            FactGroup(
                _("About"),
                [
                    Fact(_("First day"), row.starts_date),
                    Fact(_("Last day"), row.ends_date),
                    Fact(_("Provider"), row.provider),
                    Fact(_("Trainers"), trainers),
                    Fact(_("Venue"), row.venue),
                    Fact(_("Office"), row.office),
                    Fact(_("Area"), row.area),
                    *self._needs(),
                ],
            )
        ]

    def _needs(self) -> list[Fact]:
        """What people had been asked before this course, where she may read it."""
        if not may(self.staff, "training.view_needs_assessment"):
            return []
        asked = needs_behind(self.record, self.staff)
        if asked is None:
            return [Fact(_("Needs assessment"), _("nobody was asked before"))]
        page = reverse("training:needs_detail", args=[asked.pk])
        return [Fact(_("Needs assessment"), asked.findings, page)]

    def tables(self) -> Sequence[Table]:
        """Sessions, participants, waiting list, tests."""
        found = [self._sessions()]
        if may(self.staff, "training.view_enrolment", self.record):
            queue = waiting_list(cohort=self.record, without=hidden_from(self.staff))
            shown = [row.person_id for row in self.cohort_facts.enrolments]
            shown += [row.person_id for _place, row in queue]
            invited = self._invited()
            shown += [row.person_id for row in invited]
            reads.note(self.request, persons=shown, action="LIST", highest="P")
            found += [self._participants(), self._told(invited), self._waiting(queue)]
        return [*found, self._tests()]

    def _sessions(self) -> Table:
        columns = (
            Column(
                "number",
                _("Number"),
                Kind.LINK,
                href=lambda s: reverse("training:roster", args=[s.pk]),
            ),
            Column("title", _("Title")),
            Column("session_date", _("Date"), Kind.DATE),
            Column("minutes_planned", _("Minutes planned"), Kind.NUMBER),
            Column("minutes_held", _("Minutes held"), Kind.NUMBER),
            Column("state", _("State"), Kind.STATE, tones=SESSION_TONES),
        )
        empty = EmptyState(_("No sessions planned yet"))
        return Table(_("Sessions"), columns, self.record.sessions.all(), empty=empty)

    def _participants(self) -> Table:
        facts = self.cohort_facts
        columns = (
            Column("person", _("Name"), Kind.LINK, url_name="training:enrolment_detail"),
            Column("state", _("State"), Kind.STATE, tones=lists.ENROLMENT_TONES),
            Column(
                "attended",
                _("Attended, %"),
                Kind.TEXT,
                value=lambda row: attendance_share(facts.attended(row.pk)),
            ),
            Column("short", _("Minutes short"), Kind.NUMBER, value=self._short),
        )
        empty = EmptyState(_("Nobody is enrolled yet"))
        return Table(_("Participants"), columns, facts.enrolments, empty=empty)

    def _short(self, row: Enrolment) -> int | None:
        if self.record.course.pass_rule == PassRule.GRADUATION:
            return None
        return self.cohort_facts.outcome(row.pk).minutes_short or None

    def _invited(self) -> list[Enrolment]:
        seen = Enrolment.objects.visible_to(self.staff)
        rows = seen.filter(cohort=self.record, state=EnrolmentState.INVITED)
        return list(rows.select_related("person").order_by("invited_date", "pk"))

    def _told(self, rows: Sequence[Enrolment]) -> Table:
        """Who is invited, whether she was told, and until when she may answer."""
        columns = (
            Column("person", _("Name"), Kind.LINK, url_name="training:enrolment_detail"),
            Column("invited_date", _("Invited"), Kind.DATE),
            Column("told_date", _("Told on"), Kind.DATE),
            Column(
                "until", _("Answer until"), Kind.DATE, value=lambda row: last_day(row.told_date)
            ),
        )
        more = Action(
            _("Tell the invited"),
            "training:cohort_tell",
            "training.tell_invited",
            args=(self.record.pk,),
        )
        untold = any(row.told_date is None for row in rows)
        empty = EmptyState(_("Nobody is invited"))
        return Table(_("Invited"), columns, rows, empty=empty, more=more if untold else None)

    def _waiting(self, queue: Sequence[tuple[Place, Enrolment]]) -> Table:
        columns = [
            Column("place", _("Place"), Kind.NUMBER, value=lambda row: row[0].number),
            Column("name", _("Name"), value=lambda row: str(row[1].person)),
            Column("applied", _("Applied"), Kind.DATE, value=lambda row: row[1].applied_date),
        ]
        if may(self.staff, "training.view_targeting"):
            columns.append(Column("score", _("Score"), value=lambda row: row[1].targeting_score))
            columns.append(Column("why", _("Why this place"), value=lambda row: _why(row[0])))
        more = Action(
            _("Invite the next"),
            "training:cohort_invite",
            "training.invite_to_cohort",
            args=(self.record.pk,),
        )
        return Table(
            _("Waiting list"), columns, queue, empty=EmptyState(_("Nobody waits")), more=more
        )

    def _tests(self) -> Table:
        columns = (
            Column(
                "title",
                _("Title"),
                Kind.LINK,
                href=lambda t: reverse("training:test_sheet", args=[t.pk]),
            ),
            Column("kind", _("When"), value=lambda t: t.get_kind_display()),
            Column("form", _("Form"), value=lambda t: t.get_form_display()),
            Column("max_score", _("Points"), Kind.NUMBER),
            Column("test_date", _("Date"), Kind.DATE),
        )
        empty = EmptyState(_("No tests set"))
        return Table(_("Tests"), columns, self.record.tests.all(), empty=empty)


def _why(place: Place) -> str:
    """The reason for a place: the score, or what decides where scores are equal or missing."""
    if place.waiting.did_not_answer:
        return _("let an invitation pass without an answer: after all others")
    if place.waiting.score is None:
        return _("no score: after all who have one, by the day of application")
    if place.tied_on_score:
        return _("same score as the one before: by the day of application, then by number")
    return _("next highest score")


class EnrolmentPage(RecordPage):
    """One person's way through one cohort."""

    model = Enrolment
    permission = "training.view_enrolment"
    related = ("person", "cohort__course", "cohort__programme")
    person_path = "person_id"

    def header(self) -> Header:
        """Name, state, the next step."""
        row = self.record

        def action(label: str, verb: str, permission: str) -> Action:
            return Action(label, f"training:{verb}", f"training.{permission}", args=(row.pk,))

        actions: list[Action] = []
        primary: Action | None = None
        if row.completed_date is not None:
            primary = action(_("Issue a certificate"), "certificate_new", "issue_certificate")
            actions.append(action(_("Record a placement"), "placement_new", "record_placement"))
        elif row.state == EnrolmentState.ENROLLED:
            if row.cohort.course.pass_rule == PassRule.GRADUATION:
                primary = action(
                    _("Sign an apprenticeship"), "agreement_new", "sign_apprenticeship"
                )
            actions.append(action(_("Left the course"), "enrolment_end", "end_enrolment"))
        return Header(
            str(row.person),
            subtitle=f"{row.cohort} · {row.cohort.course.title}",
            state=State(row.get_state_display(), lists.ENROLMENT_TONES.get(row.state, Tone.PLAIN)),
            primary=primary,
            actions=tuple(actions),
            crumbs=(
                Crumb(_("Cohorts"), reverse("training:cohort_list")),
                Crumb(str(row.cohort), reverse("training:cohort_detail", args=[row.cohort_id])),
            ),
        )

    def timeline(self) -> Sequence[Moment]:
        """Each step with its day."""
        row = self.record
        steps = (
            (row.open_day_date, _("Came to an open day")),
            (row.applied_date, _("Applied")),
            (row.eligible_date, _("Found eligible")),
            (row.invited_date, _("Invited")),
            (row.told_date, _("Told of the invitation")),
            (row.enrolled_date, _("Enrolled")),
            (row.started_date, _("First attended")),
            (row.completed_date, _("Completed")),
        )
        return [Moment(day, title) for day, title in steps if day is not None]

    def facts(self) -> Sequence[FactGroup]:
        """Attendance and, for those who may see it, targeting."""
        row = self.record
        sums = of_cohort(row.cohort).attended(row.pk)
        facts = [
            Fact(_("Minutes attended"), f"{sums.attended} / {sums.held}"),
            Fact(_("Walked in"), _("yes") if row.walk_in else _("no")),
            Fact(_("Name may be printed since"), row.name_consent_date),
        ]
        if may(self.staff, "training.view_targeting", row):
            facts.append(Fact(_("Targeting score"), row.targeting_score))
            if row.state_reason != DropoutReason.SAFETY or may(
                self.staff, "training.view_safety_case", row
            ):
                told = row.reason_text or row.get_state_reason_display()
                facts.append(Fact(_("Reason"), told))
        return [FactGroup(_("Attendance"), facts)]

    def _refreshers(self) -> list[Table]:
        """When a graduate is taught again, and whether she came."""
        lines = of_enrolments([self.record], timezone.localdate())
        return [Table(_("Refreshers"), columns_of(name=False), lines)] if lines else []

    def tables(self) -> Sequence[Table]:
        """Tests, certificates, apprenticeships, refreshers, placements."""
        row = self.record
        return [
            Table(
                _("Tests"),
                (
                    Column("test", _("Test"), value=lambda r: str(r.test)),
                    Column("score", _("Points"), Kind.NUMBER),
                    Column("sat_date", _("Date"), Kind.DATE),
                ),
                row.test_results.select_related("test"),
            ),
            Table(
                _("Certificates"),
                (
                    Column(
                        "serial",
                        _("Serial"),
                        Kind.LINK,
                        url_name="training:certificate_detail",
                    ),
                    Column("issued_date", _("Issued"), Kind.DATE),
                    Column("state", _("State"), Kind.STATE, tones=lists.CERTIFICATE_TONES),
                ),
                row.certificates.all(),
            ),
            Table(
                _("Apprenticeships"),
                (
                    Column("trade", _("Trade"), Kind.LINK, url_name="training:agreement_detail"),
                    Column("workshop", _("Workshop"), value=lambda r: str(r.workshop)),
                    Column("state", _("State"), Kind.STATE, tones=lists.APPRENTICE_TONES),
                ),
                row.apprenticeships.select_related("workshop"),
            ),
            *self._refreshers(),
            Table(
                _("Placements"),
                (
                    Column("kind", _("Kind of work"), value=lambda r: r.get_kind_display()),
                    Column("started_date", _("Since"), Kind.DATE),
                    Column("permanent", _("Permanent"), Kind.TICK),
                    Column("state", _("State"), Kind.STATE, tones=lists.PLACEMENT_TONES),
                ),
                row.placements.all(),
            ),
        ]
