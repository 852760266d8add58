"""Lists of training: curricula, courses, cohorts, enrolments, certificates, apprenticeships."""

from django.utils.translation import gettext_lazy as _

from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tone,
)
from handup.people.queries.persons import by_name
from handup.training.models import (
    ApprenticeshipAgreement,
    Certificate,
    Cohort,
    Course,
    Curriculum,
    Enrolment,
    Placement,
    Workshop,
)
from handup.training.models import labels as lb
from handup.training.models.labels import choices

CURRICULUM_TONES = {"APPROVED": Tone.GOOD, "REVIEW": Tone.INFO, "RETIRED": Tone.WARN}
COHORT_TONES = {"OPEN": Tone.INFO, "RUNNING": Tone.GOOD}
ENROLMENT_TONES = {
    "ENROLLED": Tone.INFO,
    "COMPLETED": Tone.GOOD,
    "NOT_COMPLETED": Tone.WARN,
    "DROPPED_OUT": Tone.WARN,
    "NOT_ELIGIBLE": Tone.BAD,
}
CERTIFICATE_TONES = {
    "VALID": Tone.GOOD,
    "REVOKED": Tone.BAD,
    "REPLACED": Tone.WARN,
    "SEALED": Tone.WARN,
    "STRUCK": Tone.BAD,
}
APPRENTICE_TONES = {"ACTIVE": Tone.INFO, "GRADUATED": Tone.GOOD, "TERMINATED": Tone.WARN}
PLACEMENT_TONES = {"VERIFIED": Tone.GOOD, "REJECTED": Tone.BAD, "CLAIMED": Tone.INFO}

NEW_CURRICULUM = Action(
    _("Draft a curriculum"), "training:curriculum_new", "training.draft_curriculum"
)
NEW_COURSE = Action(_("Offer a course"), "training:course_new", "training.offer_course")
NEW_COHORT = Action(_("Open a cohort"), "training:cohort_new", "training.open_cohort")
NEW_WORKSHOP = Action(
    _("Register a workshop"), "training:workshop_new", "training.register_workshop"
)


class CurriculumList(ListPage):
    """Every version of every curriculum."""

    model = Curriculum
    permission = "training.view_curriculum"
    title = _("Curricula")
    columns = (
        Column("title", _("Title"), Kind.LINK, sort="title", url_name="training:curriculum_detail"),
        Column("code", _("Code"), sort="code"),
        Column("version", _("Version")),
        Column("language", _("Language"), sort="language"),
        Column("state", _("State"), Kind.STATE, tones=CURRICULUM_TONES),
        Column("approved_date", _("Approved on"), Kind.DATE, sort="approved_date"),
    )
    filters = (
        Search(("title", "code"), label=_("Title or code")),
        Choice("state", _("State"), choices(lb.CURRICULUM_STATE)),
    )
    order = "title"
    primary = NEW_CURRICULUM
    empty = EmptyState(
        _("No curricula yet"), _("A course needs an approved curriculum."), NEW_CURRICULUM
    )


class CourseList(ListPage):
    """Courses on offer."""

    model = Course
    permission = "training.view_curriculum"
    title = _("Courses")
    related = ("curriculum",)
    columns = (
        Column("title", _("Title"), sort="title"),
        Column("code", _("Code"), sort="code"),
        Column("type", _("Type"), value=lambda row: row.get_type_display()),
        Column("pass_rule", _("Completed by"), value=lambda row: row.get_pass_rule_display()),
        Column("curriculum", _("Curriculum"), value=lambda row: str(row.curriculum)),
    )
    filters = (
        Search(("title", "code"), label=_("Title or code")),
        Choice("type", _("Type"), choices(lb.COURSE_TYPE)),
    )
    order = "title"
    primary = NEW_COURSE
    empty = EmptyState(_("No courses yet"), _("A cohort runs a course."), NEW_COURSE)


class CohortList(ListPage):
    """Cohorts the reader may see."""

    model = Cohort
    permission = "training.view_cohort"
    title = _("Cohorts")
    related = ("course", "provider")
    columns = (
        Column("code", _("Code"), Kind.LINK, sort="code", url_name="training:cohort_detail"),
        Column("title", _("Name"), sort="title"),
        Column("course.title", _("Course"), sort="course__title"),
        Column("starts_date", _("Starts"), Kind.DATE, sort="starts_date"),
        Column("ends_date", _("Ends"), Kind.DATE, sort="ends_date"),
        Column("capacity", _("Places"), Kind.NUMBER, sort="capacity"),
        Column("state", _("State"), Kind.STATE, tones=COHORT_TONES),
        Column("provider", _("Provider"), shown=False),
        Column("venue", _("Venue"), shown=False),
    )
    filters = (
        Search(("code", "title", "course__title"), label=_("Code, name or course")),
        Choice("state", _("State"), choices(lb.COHORT_STATE)),
        Choice("type", _("Type"), choices(lb.COURSE_TYPE), field="course__type"),
        DateRange("starts", _("Starts"), "starts_date"),
    )
    order = "-starts_date"
    primary = NEW_COHORT
    empty = EmptyState(_("No cohorts yet"), _("Open one for a course."), NEW_COHORT)


class EnrolmentList(ListPage):
    """Everybody in every cohort the reader may see."""

    model = Enrolment
    permission = "training.view_enrolment"
    title = _("Participants in courses")
    related = ("person", "cohort__course")
    person_path = "person_id"
    columns = (
        Column(
            "person",
            _("Name"),
            Kind.LINK,
            sort="person__sort_key",
            url_name="training:enrolment_detail",
        ),
        Column("person.registration_no", _("Number")),
        Column("cohort.code", _("Cohort"), sort="cohort__code"),
        Column("cohort.course.title", _("Course")),
        Column("state", _("State"), Kind.STATE, tones=ENROLMENT_TONES),
        Column("enrolled_date", _("Enrolled"), Kind.DATE, sort="enrolled_date"),
        Column("completed_date", _("Completed"), Kind.DATE, sort="completed_date"),
    )
    filters = (
        Search(
            label=_("Name or number"),
            using=by_name("person", ("person__sort_key", "person__registration_no")),
        ),
        Choice("state", _("State"), choices(lb.ENROLMENT_STATE)),
        Choice("type", _("Type"), choices(lb.COURSE_TYPE), field="cohort__course__type"),
        DateRange("completed", _("Completed"), "completed_date"),
    )
    empty = EmptyState(_("Nobody is enrolled yet"), _("Enrol people on a cohort's page."))


class CertificateList(ListPage):
    """Certificates the reader may see."""

    model = Certificate
    permission = "training.view_certificate"
    title = _("Certificates")
    related = ("enrolment__cohort__course",)
    person_path = "enrolment.person_id"
    columns = (
        Column(
            "serial",
            _("Serial"),
            Kind.LINK,
            sort="serial",
            url_name="training:certificate_detail",
        ),
        Column("printed_name", _("Name"), sort="printed_name"),
        Column("enrolment.cohort.course.title", _("Course")),
        Column("issued_date", _("Issued"), Kind.DATE, sort="issued_date"),
        Column("valid_to", _("Valid until"), Kind.DATE, sort="valid_to"),
        Column("state", _("State"), Kind.STATE, tones=CERTIFICATE_TONES),
    )
    filters = (
        Search(("serial", "printed_name"), label=_("Serial or name")),
        Choice("state", _("State"), choices(lb.CERTIFICATE_STATE)),
        DateRange("issued", _("Issued"), "issued_date"),
    )
    order = "-issued_date"
    empty = EmptyState(_("No certificates yet"), _("Issue them on the page of a closed cohort."))


class WorkshopList(ListPage):
    """Workshops that take apprentices."""

    model = Workshop
    permission = "training.view_apprenticeship"
    title = _("Workshops")
    columns = (
        Column("name", _("Name"), sort="name"),
        Column("trade", _("Trade"), sort="trade"),
        Column("master_name", _("Master")),
        Column("vetted_date", _("Vetted on"), Kind.DATE, sort="vetted_date"),
        Column("max_apprentices", _("Apprentices at most"), Kind.NUMBER),
    )
    filters = (Search(("name", "trade"), label=_("Name or trade")),)
    order = "name"
    primary = NEW_WORKSHOP
    empty = EmptyState(
        _("No workshops yet"), _("An apprentice needs a vetted workshop."), NEW_WORKSHOP
    )


class AgreementList(ListPage):
    """Apprenticeships the reader may see."""

    model = ApprenticeshipAgreement
    permission = "training.view_apprenticeship"
    title = _("Apprenticeships")
    related = ("enrolment__person", "workshop")
    person_path = "enrolment.person_id"
    columns = (
        Column(
            "enrolment.person",
            _("Apprentice"),
            Kind.LINK,
            url_name="training:agreement_detail",
        ),
        Column("workshop.name", _("Workshop"), sort="workshop__name"),
        Column("trade", _("Trade"), sort="trade"),
        Column("start_date", _("First day"), Kind.DATE, sort="start_date"),
        Column("term_months", _("Months"), Kind.NUMBER),
        Column("state", _("State"), Kind.STATE, tones=APPRENTICE_TONES),
    )
    filters = (
        Search(("trade", "workshop__name"), label=_("Trade or workshop")),
        Choice("state", _("State"), choices(lb.APPRENTICESHIP_STATE)),
    )
    order = "-start_date"
    empty = EmptyState(
        _("No apprenticeships yet"), _("Sign one on the page of an enrolled person.")
    )


class PlacementList(ListPage):
    """Where graduates went."""

    model = Placement
    permission = "training.view_placement"
    title = _("Placements")
    related = ("enrolment__person", "enrolment__cohort")
    person_path = "enrolment.person_id"
    columns = (
        Column(
            "enrolment.person",
            _("Graduate"),
            Kind.LINK,
            href=lambda row: f"/training/enrolments/{row.enrolment_id}/",
        ),
        Column("kind", _("Kind of work"), value=lambda row: row.get_kind_display()),
        Column("permanent", _("Permanent"), Kind.TICK),
        Column("started_date", _("Since"), Kind.DATE, sort="started_date"),
        Column("month", _("Months after"), Kind.NUMBER, sort="month"),
        Column("state", _("State"), Kind.STATE, tones=PLACEMENT_TONES),
    )
    filters = (
        Choice("state", _("State"), choices(lb.PLACEMENT_STATE)),
        Choice("kind", _("Kind of work"), choices(lb.PLACEMENT_KIND)),
    )
    order = "-started_date"
    actions = (
        Action(_("Verify placements"), "training:placement_queue", "training.verify_placement"),
    )
    empty = EmptyState(_("No placements yet"), _("Record one on the page of a graduate."))
