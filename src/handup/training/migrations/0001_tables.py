"""Every table of `training`; a database that went through the migrations named here has them."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.org.encryption
import handup.org.tables
import handup.training.rules.attendance
import handup.training.rules.states


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("training", "0001_initial"),
        ("training", "0002_sealed_texts"),
    ]

    dependencies = [
        ("org", "0001_tables"),
        ("people", "0001_tables"),
        ("projects", "0001_tables"),
    ]

    operations = [
        handup.org.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="Curriculum",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        (
                            "version",
                            models.CharField(default="1", max_length=20, verbose_name="version"),
                        ),
                        ("language", models.CharField(max_length=10, verbose_name="language")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "licence",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="licence"
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="source"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "draft"),
                                    ("REVIEW", "in review"),
                                    ("APPROVED", "approved"),
                                    ("RETIRED", "retired"),
                                ],
                                default=handup.training.rules.states.CurriculumState["DRAFT"],
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "approved_date",
                            models.DateField(blank=True, null=True, verbose_name="approved on"),
                        ),
                        (
                            "prepared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "curriculum",
                        "ordering": ("title", "version"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("code", "version", "language"),
                                name="one_curriculum_version_a_language",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Module",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "curriculum",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="modules",
                                to="training.curriculum",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                        (
                            "code",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="code"
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                    ],
                    options={
                        "verbose_name": "module",
                        "ordering": ("curriculum", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("curriculum", "number"),
                                name="one_module_per_number_in_a_curriculum",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="SessionPlan",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "module",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="session_plans",
                                to="training.module",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "objectives",
                            models.TextField(blank=True, default="", verbose_name="objectives"),
                        ),
                        (
                            "materials",
                            models.TextField(blank=True, default="", verbose_name="materials"),
                        ),
                        ("method", models.TextField(blank=True, default="", verbose_name="method")),
                        ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
                    ],
                    options={
                        "verbose_name": "session plan",
                        "ordering": ("module", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("module", "number"),
                                name="one_session_plan_per_number_in_a_module",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minutes__gt", 0)),
                                name="session_plan_lasts_some_minutes",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Course",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        ("code", models.CharField(max_length=12, unique=True, verbose_name="code")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "curriculum",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="courses",
                                to="training.curriculum",
                            ),
                        ),
                        (
                            "type",
                            models.CharField(
                                choices=[
                                    ("LITERACY", "literacy"),
                                    ("BUSINESS", "business management"),
                                    ("LIFE_SKILLS", "life skills"),
                                    ("TECHNICAL", "technical skills"),
                                    ("TRAINING_OF_TRAINERS", "training of trainers"),
                                    ("REFRESHER", "refresher"),
                                    ("APPRENTICESHIP", "apprenticeship"),
                                ],
                                default=handup.training.rules.states.CourseType["BUSINESS"],
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "pass_rule",
                            models.CharField(
                                choices=[
                                    ("ATTENDANCE_ONLY", "attendance"),
                                    ("TEST", "attendance and test"),
                                    ("GRADUATION", "final assessment"),
                                ],
                                default=handup.training.rules.states.PassRule["ATTENDANCE_ONLY"],
                                max_length=15,
                                verbose_name="completed by",
                            ),
                        ),
                        (
                            "threshold_bps",
                            models.PositiveIntegerField(
                                default=8000,
                                validators=[django.core.validators.MaxValueValidator(10000)],
                                verbose_name="attendance needed (hundredths of a percent)",
                            ),
                        ),
                        (
                            "pass_mark_bps",
                            models.PositiveIntegerField(
                                default=6000,
                                validators=[django.core.validators.MaxValueValidator(10000)],
                                verbose_name="pass mark (hundredths of a percent)",
                            ),
                        ),
                        (
                            "prerequisite",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="leads_to",
                                to="training.course",
                                verbose_name="course to complete before",
                            ),
                        ),
                        (
                            "level_test_required",
                            models.BooleanField(
                                default=False, verbose_name="level test before the course"
                            ),
                        ),
                        (
                            "certificate_months",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="months a certificate is valid"
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="offered")),
                    ],
                    options={
                        "verbose_name": "course",
                        "ordering": ("title",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("pass_mark_bps__lte", 10000), ("threshold_bps__lte", 10000)
                                ),
                                name="course_shares_at_most_whole",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Cohort",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        (
                            "title",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="title"
                            ),
                        ),
                        (
                            "course",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts",
                                to="training.course",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts",
                                to="projects.phase",
                            ),
                        ),
                        (
                            "provider",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts",
                                to="projects.organisation",
                                verbose_name="provider",
                            ),
                        ),
                        (
                            "budget_line",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts",
                                to="projects.budgetline",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts",
                                to="org.office",
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts",
                                to="org.area",
                            ),
                        ),
                        (
                            "venue",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="venue"
                            ),
                        ),
                        (
                            "step_free",
                            models.BooleanField(
                                default=False, verbose_name="reachable without steps"
                            ),
                        ),
                        (
                            "childcare_room",
                            models.BooleanField(default=False, verbose_name="room for children"),
                        ),
                        ("capacity", models.PositiveSmallIntegerField(verbose_name="places")),
                        ("starts_date", models.DateField(verbose_name="starts on")),
                        ("ends_date", models.DateField(verbose_name="ends on")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PLANNED", "planned"),
                                    ("OPEN", "open for enrolment"),
                                    ("RUNNING", "running"),
                                    ("CLOSED", "closed"),
                                    ("CORRECTED", "closed, corrected"),
                                ],
                                default=handup.training.rules.states.CohortState["PLANNED"],
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "closed_date",
                            models.DateField(blank=True, null=True, verbose_name="closed on"),
                        ),
                    ],
                    options={
                        "verbose_name": "cohort",
                        "ordering": ("-starts_date", "code"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "code"),
                                name="one_cohort_per_code_in_a_programme",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_date__gte", models.F("starts_date"))),
                                name="cohort_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("capacity__gt", 0)), name="cohort_has_places"
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="CohortTrainer",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "cohort",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="trainers",
                                to="training.cohort",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts_taught",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "leads",
                            models.BooleanField(default=False, verbose_name="leads the cohort"),
                        ),
                    ],
                    options={
                        "verbose_name": "trainer",
                        "ordering": ("-leads", "name"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("cohort", "name"), name="one_row_per_trainer_of_a_cohort"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Session",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "cohort",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sessions",
                                to="training.cohort",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sessions",
                                to="training.sessionplan",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                        (
                            "title",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="title"
                            ),
                        ),
                        ("session_date", models.DateField(verbose_name="date")),
                        (
                            "minutes_planned",
                            models.PositiveSmallIntegerField(verbose_name="minutes planned"),
                        ),
                        (
                            "minutes_held",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="minutes held"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PLANNED", "planned"),
                                    ("HELD", "held"),
                                    ("CANCELLED", "cancelled"),
                                ],
                                default=handup.training.rules.states.SessionState["PLANNED"],
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "cancel_reason",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="why it was cancelled",
                            ),
                        ),
                        (
                            "room",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="room"
                            ),
                        ),
                        (
                            "trainer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sessions",
                                to="training.cohorttrainer",
                            ),
                        ),
                        (
                            "make_up_for",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="make_ups",
                                to="training.session",
                                verbose_name="makes good the session",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "session",
                        "ordering": ("cohort", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("cohort", "number"),
                                name="one_session_per_number_in_a_cohort",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minutes_planned__gt", 0)),
                                name="session_lasts_some_minutes",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state",
                                            handup.training.rules.states.SessionState["HELD"],
                                        ),
                                        _negated=True,
                                    ),
                                    ("minutes_held__gt", 0),
                                    _connector="OR",
                                ),
                                name="held_session_has_minutes",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state",
                                            handup.training.rules.states.SessionState["CANCELLED"],
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(("cancel_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="cancelled_session_has_a_reason",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Enrolment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="enrolments",
                                to="people.person",
                            ),
                        ),
                        (
                            "cohort",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="enrolments",
                                to="training.cohort",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("APPLIED", "applied"),
                                    ("ELIGIBLE", "eligible"),
                                    ("NOT_ELIGIBLE", "not eligible"),
                                    ("WAITING", "waiting"),
                                    ("INVITED", "invited"),
                                    ("ENROLLED", "enrolled"),
                                    ("COMPLETED", "completed"),
                                    ("NOT_COMPLETED", "not completed"),
                                    ("DROPPED_OUT", "dropped out"),
                                    ("WITHDRAWN", "withdrew"),
                                    ("TRANSFERRED", "moved to another cohort"),
                                ],
                                default=handup.training.rules.states.EnrolmentState["APPLIED"],
                                max_length=13,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "referral_source",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="came through"
                            ),
                        ),
                        (
                            "targeting_score",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=6,
                                null=True,
                                verbose_name="targeting score at application",
                            ),
                        ),
                        (
                            "open_day_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="came to an open day on"
                            ),
                        ),
                        (
                            "applied_date",
                            models.DateField(blank=True, null=True, verbose_name="applied on"),
                        ),
                        (
                            "eligible_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="found eligible on"
                            ),
                        ),
                        (
                            "invited_date",
                            models.DateField(blank=True, null=True, verbose_name="invited on"),
                        ),
                        (
                            "enrolled_date",
                            models.DateField(blank=True, null=True, verbose_name="enrolled on"),
                        ),
                        (
                            "started_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="first attended on"
                            ),
                        ),
                        (
                            "completed_date",
                            models.DateField(
                                blank=True, db_index=True, null=True, verbose_name="completed on"
                            ),
                        ),
                        (
                            "ended_date",
                            models.DateField(blank=True, null=True, verbose_name="ended on"),
                        ),
                        (
                            "state_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("ILLNESS", "illness"),
                                    ("FAMILY_DUTY", "family duty"),
                                    ("MARRIAGE", "marriage"),
                                    ("DISTANCE_COST", "distance or cost of the way"),
                                    ("STIPEND_TOO_LOW", "stipend too low"),
                                    ("FOUND_WORK", "found work"),
                                    ("CONFLICT_WITH_MASTER", "conflict with the master"),
                                    ("MOVED_OR_RETURNED", "moved or returned home"),
                                    ("NOT_INTERESTED", "not interested"),
                                    ("SAFETY", "safety"),
                                    ("OTHER", "other"),
                                    ("UNKNOWN", "unknown"),
                                ],
                                default="",
                                max_length=24,
                                verbose_name="reason",
                            ),
                        ),
                        (
                            "reason_text",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="reason in words"
                            ),
                        ),
                        ("walk_in", models.BooleanField(default=False, verbose_name="walked in")),
                        (
                            "exempted",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="exempted from the prerequisite because",
                            ),
                        ),
                        (
                            "name_consent_date",
                            models.DateField(
                                blank=True,
                                null=True,
                                verbose_name="agreed to have the name printed on",
                            ),
                        ),
                        (
                            "transferred_to",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transferred_from",
                                to="training.enrolment",
                            ),
                        ),
                        (
                            "attended_minutes",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="minutes attended"
                            ),
                        ),
                        (
                            "held_minutes",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="minutes held"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "enrolment",
                        "ordering": ("cohort", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "cohort"),
                                name="one_enrolment_of_a_person_in_a_cohort",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state",
                                            handup.training.rules.states.EnrolmentState[
                                                "COMPLETED"
                                            ],
                                        ),
                                        _negated=True,
                                    ),
                                    ("completed_date__isnull", False),
                                    _connector="OR",
                                ),
                                name="completed_enrolment_has_its_date",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("attended_minutes", None),
                                    ("attended_minutes__lte", models.F("held_minutes")),
                                    _connector="OR",
                                ),
                                name="attended_at_most_what_was_held",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="CohortFigures",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "cohort",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="figures",
                                to="training.cohort",
                            ),
                        ),
                        (
                            "revision",
                            models.PositiveSmallIntegerField(default=1, verbose_name="revision"),
                        ),
                        ("closed_date", models.DateField(verbose_name="closed on")),
                        (
                            "closed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="reason of the correction",
                            ),
                        ),
                        ("held_minutes", models.PositiveIntegerField(verbose_name="minutes held")),
                        (
                            "attended_minutes",
                            models.PositiveBigIntegerField(verbose_name="minutes attended by all"),
                        ),
                        ("enrolled", models.PositiveIntegerField(verbose_name="ever enrolled")),
                        ("started", models.PositiveIntegerField(verbose_name="started")),
                        ("completed", models.PositiveIntegerField(verbose_name="completed")),
                        ("dropped_out", models.PositiveIntegerField(verbose_name="dropped out")),
                        ("pairs", models.PositiveIntegerField(verbose_name="test pairs")),
                        ("gain_numerator", models.BigIntegerField(blank=True, null=True)),
                        ("gain_denominator", models.PositiveBigIntegerField(blank=True, null=True)),
                        (
                            "unpaired_pre",
                            models.PositiveIntegerField(verbose_name="only a first test"),
                        ),
                        (
                            "unpaired_post",
                            models.PositiveIntegerField(verbose_name="only a last test"),
                        ),
                    ],
                    options={
                        "verbose_name": "figures at the close",
                        "ordering": ("cohort", "revision"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("cohort", "revision"),
                                name="one_row_of_figures_per_revision",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Workshop",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        ("trade", models.CharField(max_length=80, verbose_name="trade")),
                        ("master_name", models.CharField(max_length=120, verbose_name="master")),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="workshops",
                                to="org.area",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="workshops",
                                to="projects.organisation",
                            ),
                        ),
                        (
                            "enterprise",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="workshops",
                                to="people.enterprise",
                            ),
                        ),
                        (
                            "vetted_date",
                            models.DateField(blank=True, null=True, verbose_name="vetted on"),
                        ),
                        (
                            "vetted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "max_apprentices",
                            models.PositiveSmallIntegerField(
                                default=3, verbose_name="apprentices at most"
                            ),
                        ),
                        (
                            "active",
                            models.BooleanField(default=True, verbose_name="takes apprentices"),
                        ),
                    ],
                    options={
                        "verbose_name": "workshop",
                        "ordering": ("name",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ApprenticeshipAgreement",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="apprenticeships",
                                to="training.enrolment",
                            ),
                        ),
                        (
                            "workshop",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="training.workshop",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "draft"),
                                    ("SIGNED", "signed"),
                                    ("ACTIVE", "in the workshop"),
                                    ("GRADUATED", "graduated"),
                                    ("TERMINATED", "ended early"),
                                ],
                                default=handup.training.rules.states.ApprenticeshipState["DRAFT"],
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "form",
                            models.CharField(
                                choices=[
                                    ("WRITTEN", "written"),
                                    ("ORAL", "spoken before two witnesses"),
                                ],
                                default=handup.training.rules.states.AgreementForm["WRITTEN"],
                                max_length=7,
                                verbose_name="form",
                            ),
                        ),
                        (
                            "witnesses",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="two witnesses"
                            ),
                        ),
                        (
                            "guardian_name",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="guardian"
                            ),
                        ),
                        ("trade", models.CharField(max_length=80, verbose_name="trade")),
                        ("start_date", models.DateField(verbose_name="starts on")),
                        (
                            "term_months",
                            models.PositiveSmallIntegerField(
                                default=6,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(48),
                                ],
                                verbose_name="months",
                            ),
                        ),
                        (
                            "hours_week",
                            models.PositiveSmallIntegerField(
                                default=40, verbose_name="hours a week"
                            ),
                        ),
                        (
                            "on_job_bps",
                            models.PositiveIntegerField(
                                default=8000,
                                validators=[django.core.validators.MaxValueValidator(10000)],
                                verbose_name="share in the workshop (hundredths of a percent)",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "fee_by_apprentice_units",
                            models.BigIntegerField(
                                default=0, verbose_name="fee paid by the apprentice"
                            ),
                        ),
                        (
                            "allowance_units",
                            models.BigIntegerField(
                                default=0, verbose_name="allowance paid by the master a month"
                            ),
                        ),
                        (
                            "meals_units",
                            models.BigIntegerField(
                                default=0, verbose_name="meals given by the master a month"
                            ),
                        ),
                        (
                            "wage_units",
                            models.BigIntegerField(
                                default=0, verbose_name="wage paid by the master a month"
                            ),
                        ),
                        (
                            "programme_fee_units",
                            models.BigIntegerField(
                                default=0, verbose_name="fee paid by the programme to the master"
                            ),
                        ),
                        (
                            "stipend_units",
                            models.BigIntegerField(default=0, verbose_name="stipend a month"),
                        ),
                        (
                            "living_cost_units",
                            models.BigIntegerField(
                                default=0, verbose_name="transport and lodging a month"
                            ),
                        ),
                        (
                            "shortfall_acknowledged",
                            models.BooleanField(
                                default=False,
                                verbose_name="knows that the stipend is below transport and lodging",
                            ),
                        ),
                        (
                            "insurance",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="insurance"
                            ),
                        ),
                        (
                            "registration_no",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=60,
                                verbose_name="registration number",
                            ),
                        ),
                        (
                            "dispute_route",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="whom to turn to in a dispute",
                            ),
                        ),
                        (
                            "signed_date",
                            models.DateField(blank=True, null=True, verbose_name="signed on"),
                        ),
                        (
                            "started_date",
                            models.DateField(blank=True, null=True, verbose_name="started on"),
                        ),
                        (
                            "ended_date",
                            models.DateField(blank=True, null=True, verbose_name="ended on"),
                        ),
                        (
                            "end_reason",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="why it ended"
                            ),
                        ),
                        (
                            "assessor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "assessor_name",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="assessor"
                            ),
                        ),
                        (
                            "assessor_workshop",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="training.workshop",
                            ),
                        ),
                        (
                            "assessed_date",
                            models.DateField(blank=True, null=True, verbose_name="assessed on"),
                        ),
                        (
                            "lowest_skill",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                null=True,
                                verbose_name="lowest level of a required skill",
                            ),
                        ),
                        (
                            "log_attended",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="days attended by the log"
                            ),
                        ),
                        (
                            "log_due",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="days due by the log"
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "apprenticeship agreement",
                        "ordering": ("-start_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("term_months__gte", 1), ("term_months__lte", 48)
                                ),
                                name="apprenticeship_term_from_1_to_48_months",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state",
                                            handup.training.rules.states.ApprenticeshipState[
                                                "GRADUATED"
                                            ],
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        ("assessed_date__isnull", False), ("lowest_skill__gte", 2)
                                    ),
                                    _connector="OR",
                                ),
                                name="graduate_was_assessed",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state",
                                        handup.training.rules.states.ApprenticeshipState[
                                            "TERMINATED"
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                fields=("enrolment",),
                                name="one_running_apprenticeship_of_an_enrolment",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Placement",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to="training.enrolment",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("WAGE", "paid job"),
                                    ("OWN_BUSINESS", "own business"),
                                    ("FAMILY", "family business"),
                                    ("STUDY", "further study"),
                                ],
                                max_length=12,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "employer",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="employer"
                            ),
                        ),
                        (
                            "enterprise",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to="people.enterprise",
                            ),
                        ),
                        ("started_date", models.DateField(verbose_name="started on")),
                        (
                            "month",
                            models.PositiveSmallIntegerField(
                                default=6, verbose_name="months after completion"
                            ),
                        ),
                        ("permanent", models.BooleanField(default=False, verbose_name="permanent")),
                        (
                            "income_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="income a month"
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("claimed_date", models.DateField(verbose_name="told on")),
                        (
                            "claimed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("CLAIMED", "told, not yet verified"),
                                    ("VERIFIED", "verified"),
                                    ("REJECTED", "rejected"),
                                ],
                                default=handup.training.rules.states.PlacementState["CLAIMED"],
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "verified_date",
                            models.DateField(blank=True, null=True, verbose_name="verified on"),
                        ),
                        (
                            "reject_reason",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="why it was rejected"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "placement",
                        "ordering": ("claimed_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state",
                                        handup.training.rules.states.PlacementState["CLAIMED"],
                                    ),
                                    models.Q(
                                        ("verified_by__isnull", False),
                                        ("verified_date__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="checked_placement_names_its_verifier",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state",
                                        handup.training.rules.states.PlacementState["REJECTED"],
                                    ),
                                    _negated=True,
                                ),
                                fields=("enrolment", "month"),
                                name="one_placement_of_an_enrolment_a_month_mark",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="SigningKey",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "number",
                            models.PositiveSmallIntegerField(
                                unique=True, verbose_name="key number"
                            ),
                        ),
                        ("public_key", models.CharField(max_length=64, verbose_name="public key")),
                        (
                            "private_key",
                            handup.org.encryption.EncryptedTextField(blank=True, default=""),
                        ),
                        ("retired_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name": "signing key",
                        "ordering": ("number",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="SerialCounter",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        ("programme_code", models.CharField(max_length=40)),
                        ("year", models.PositiveSmallIntegerField()),
                        ("last_number", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme_code", "year"), name="one_serial_counter_a_year"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Certificate",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "serial",
                            models.CharField(max_length=60, unique=True, verbose_name="serial"),
                        ),
                        (
                            "address",
                            models.CharField(max_length=13, unique=True, verbose_name="address"),
                        ),
                        (
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="training.enrolment",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("ATTENDANCE", "certificate of attendance"),
                                    ("COMPLETION", "certificate of completion"),
                                    ("SKILL", "certificate of skill"),
                                ],
                                default=handup.training.rules.states.CertificateKind["COMPLETION"],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "printed_name",
                            models.CharField(max_length=200, verbose_name="name as printed"),
                        ),
                        ("issued_date", models.DateField(verbose_name="issued on")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid until"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("VALID", "valid"),
                                    ("REVOKED", "revoked"),
                                    ("REPLACED", "replaced by a newer certificate"),
                                    ("EXPIRED", "expired"),
                                ],
                                default=handup.training.rules.states.CertificateState["VALID"],
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "code_text",
                            models.CharField(max_length=213, verbose_name="text of the code"),
                        ),
                        (
                            "signing_key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="training.signingkey",
                            ),
                        ),
                        (
                            "issued_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "revoked_date",
                            models.DateField(blank=True, null=True, verbose_name="revoked on"),
                        ),
                        (
                            "revoked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "revoke_reason",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="reason of the revocation"
                            ),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="training.certificate",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "certificate",
                        "ordering": ("-issued_date", "serial"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state",
                                        handup.training.rules.states.CertificateState["VALID"],
                                    )
                                ),
                                fields=("enrolment", "kind"),
                                name="one_valid_certificate_of_a_kind",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Attendance",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "received_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "session",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attendances",
                                to="training.session",
                            ),
                        ),
                        (
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attendances",
                                to="training.enrolment",
                            ),
                        ),
                        ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
                        (
                            "mark",
                            models.CharField(
                                choices=[
                                    ("PRESENT", "present"),
                                    ("ABSENT", "absent"),
                                    ("EXCUSED", "excused"),
                                ],
                                default=handup.training.rules.attendance.Mark["PRESENT"],
                                max_length=7,
                                verbose_name="mark",
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("SCAN", "card scanned"),
                                    ("ROSTER", "from the paper roster"),
                                    ("MANUAL", "by hand"),
                                ],
                                default=handup.training.rules.attendance.Method["MANUAL"],
                                max_length=6,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "corrects",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrections",
                                to="training.attendance",
                            ),
                        ),
                        (
                            "reason",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="reason"
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "attendance",
                        "ordering": ("session", "recorded_at", "id"),
                        "indexes": [
                            models.Index(
                                fields=["enrolment", "session"], name="attendance_of_enrolment"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("mark", handup.training.rules.attendance.Mark["PRESENT"]),
                                    ("minutes", 0),
                                    _connector="OR",
                                ),
                                name="absent_means_no_minutes",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Test",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "cohort",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tests",
                                to="training.cohort",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("PRE", "before the course"),
                                    ("POST", "after the course"),
                                    ("LEVEL", "level test"),
                                ],
                                max_length=5,
                                verbose_name="when",
                            ),
                        ),
                        (
                            "form",
                            models.CharField(
                                choices=[
                                    ("WRITTEN", "written"),
                                    ("ORAL", "oral"),
                                    ("PRACTICAL", "practical"),
                                ],
                                default=handup.training.rules.states.TestForm["WRITTEN"],
                                max_length=9,
                                verbose_name="form",
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "pair",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="linked form"
                            ),
                        ),
                        (
                            "max_score",
                            models.PositiveSmallIntegerField(
                                verbose_name="points that can be reached"
                            ),
                        ),
                        ("test_date", models.DateField(verbose_name="date")),
                        (
                            "closed_reason",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="why it was not held",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "test",
                        "ordering": ("cohort", "test_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("max_score__gt", 0)),
                                name="test_has_points_to_reach",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="TestResult",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "test",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="results",
                                to="training.test",
                            ),
                        ),
                        (
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="test_results",
                                to="training.enrolment",
                            ),
                        ),
                        (
                            "score",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="points"
                            ),
                        ),
                        (
                            "missed",
                            models.BooleanField(default=False, verbose_name="did not sit it"),
                        ),
                        ("sat_date", models.DateField(verbose_name="sat on")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "test result",
                        "ordering": ("enrolment", "sat_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("missed", True), ("score", None)),
                                    models.Q(("missed", False), ("score__isnull", False)),
                                    _connector="OR",
                                ),
                                name="sat_with_points_or_missed_without",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="CostLine",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=handup.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="training_costs",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "cohort",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cost_lines",
                                to="training.cohort",
                            ),
                        ),
                        (
                            "pool",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="shared pool"
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="what for")),
                        (
                            "budget_line",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="training_costs",
                                to="projects.budgetline",
                            ),
                        ),
                        ("cost_date", models.DateField(verbose_name="date")),
                        ("amount_units", models.BigIntegerField(verbose_name="amount")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "rate_numerator",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="rate x 10^10"
                            ),
                        ),
                        (
                            "rate_date",
                            models.DateField(blank=True, null=True, verbose_name="rate of"),
                        ),
                    ],
                    options={
                        "verbose_name": "training cost",
                        "ordering": ("-cost_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("cohort", None), ("pool__gt", "")),
                                    models.Q(("cohort__isnull", False), ("pool", "")),
                                    _connector="OR",
                                ),
                                name="cost_of_a_cohort_or_of_a_pool",
                            )
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
