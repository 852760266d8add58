"""Every table of `surveys`; a database that went through the migrations named here has them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.org.encryption
import handup.org.tables
import handup.surveys.rules.codes


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("surveys", "0001_initial"),
        ("surveys", "0002_sealed_texts"),
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
                    name="Questionnaire",
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
                        ("code", models.CharField(max_length=60, unique=True, verbose_name="code")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("IMPACT", "impact"),
                                    ("VISIT", "visit"),
                                    ("SATISFACTION", "satisfaction"),
                                    ("CHECKLIST", "checklist"),
                                ],
                                max_length=12,
                                verbose_name="purpose",
                            ),
                        ),
                        (
                            "subject_kind",
                            models.CharField(
                                choices=[
                                    ("PERSON", "person"),
                                    ("HOUSEHOLD", "household"),
                                    ("ENTERPRISE", "enterprise"),
                                ],
                                max_length=10,
                                verbose_name="asked about a",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "questionnaire",
                        "ordering": ("title",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="QuestionnaireVersion",
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
                            "questionnaire",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="surveys.questionnaire",
                            ),
                        ),
                        ("version", models.CharField(max_length=40, verbose_name="version")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "draft"),
                                    ("CHECKED", "checked"),
                                    ("PUBLISHED", "published"),
                                    ("RETIRED", "retired"),
                                ],
                                default=handup.surveys.rules.codes.VersionState["DRAFT"],
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        ("languages", models.JSONField(default=list, verbose_name="languages")),
                        ("sha256", models.CharField(max_length=64)),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "prepared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "published_by",
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
                        "verbose_name": "version of a questionnaire",
                        "ordering": ("questionnaire", "recorded_at"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("questionnaire", "version"),
                                name="one_version_of_a_questionnaire",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Question",
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
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="questions",
                                to="surveys.questionnaireversion",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                        ("name", models.CharField(max_length=60, verbose_name="name")),
                        (
                            "type",
                            models.CharField(
                                choices=[
                                    ("text", "text"),
                                    ("integer", "whole number"),
                                    ("decimal", "number"),
                                    ("date", "date"),
                                    ("select_one", "one of several"),
                                    ("select_multiple", "several"),
                                    ("amount", "amount of money"),
                                ],
                                max_length=15,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "labels",
                            models.JSONField(default=dict, verbose_name="question per language"),
                        ),
                        (
                            "hints",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="hint per language"
                            ),
                        ),
                        (
                            "choice_labels",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="answers per language"
                            ),
                        ),
                        (
                            "handup_key",
                            models.CharField(blank=True, db_index=True, default="", max_length=60),
                        ),
                        ("core", models.BooleanField(default=False)),
                        ("sensitive", models.BooleanField(default=False)),
                        (
                            "required",
                            models.BooleanField(default=False, verbose_name="must be answered"),
                        ),
                        ("repeat_path", models.CharField(blank=True, default="", max_length=60)),
                    ],
                    options={
                        "verbose_name": "question",
                        "ordering": ("version", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "name"),
                                name="one_question_per_name_in_a_version",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Round",
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
                            "questionnaire",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rounds",
                                to="surveys.questionnaire",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="survey_rounds",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="survey_rounds",
                                to="projects.phase",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("BASELINE", "baseline"),
                                    ("FOLLOW_UP", "follow-up"),
                                    ("ENDLINE", "endline"),
                                    ("VISIT", "visit"),
                                ],
                                max_length=9,
                                verbose_name="kind",
                            ),
                        ),
                        ("opens_date", models.DateField(verbose_name="from")),
                        ("closes_date", models.DateField(verbose_name="until")),
                        (
                            "plan",
                            models.CharField(
                                choices=[
                                    ("CENSUS", "everybody"),
                                    ("SIMPLE", "simple random sample"),
                                    ("STRATIFIED", "sample by strata"),
                                    ("CLUSTER", "sample by clusters"),
                                ],
                                default=handup.surveys.rules.codes.SamplePlan["CENSUS"],
                                max_length=10,
                                verbose_name="who is asked",
                            ),
                        ),
                        (
                            "sample_size",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="size of the sample"
                            ),
                        ),
                        (
                            "cluster_count",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="clusters drawn"
                            ),
                        ),
                        ("seed", models.CharField(max_length=80, verbose_name="seed of the draw")),
                        (
                            "eligible_count",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="eligible"
                            ),
                        ),
                        ("drawn_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PLANNED", "planned"),
                                    ("OPEN", "open"),
                                    ("CLOSED", "closed"),
                                    ("LOCKED", "locked"),
                                ],
                                default=handup.surveys.rules.codes.RoundState["PLANNED"],
                                max_length=7,
                                verbose_name="state",
                            ),
                        ),
                        ("locked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "planned_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "round",
                        "ordering": ("-opens_date", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("questionnaire", "programme", "name"),
                                name="one_round_per_name_in_a_programme",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("closes_date__gte", models.F("opens_date"))),
                                name="round_closes_after_it_opens",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Case",
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
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="surveys.round",
                            ),
                        ),
                        (
                            "subject_kind",
                            models.CharField(
                                choices=[
                                    ("PERSON", "person"),
                                    ("HOUSEHOLD", "household"),
                                    ("ENTERPRISE", "enterprise"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("subject_id", models.UUIDField(editable=False)),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="survey_cases",
                                to="people.person",
                            ),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="survey_cases",
                                to="people.household",
                            ),
                        ),
                        (
                            "enterprise",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="survey_cases",
                                to="people.enterprise",
                            ),
                        ),
                        (
                            "interviewer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="survey_cases",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="interviewer",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.area",
                            ),
                        ),
                        (
                            "stratum",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="stratum"
                            ),
                        ),
                        (
                            "cluster",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="cluster"
                            ),
                        ),
                        ("probability_numerator", models.PositiveBigIntegerField(default=1)),
                        ("probability_denominator", models.PositiveBigIntegerField(default=1)),
                        ("due_date", models.DateField(blank=True, null=True, verbose_name="due")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("INTERVIEWED", "interviewed"),
                                    ("REFUSED", "refused"),
                                    ("NOT_FOUND", "not found"),
                                    ("MOVED", "moved away"),
                                    ("ABSENT", "absent"),
                                    ("DIED", "died"),
                                    ("NOT_ELIGIBLE", "not eligible after all"),
                                    ("DUPLICATE", "registered twice"),
                                    ("OTHER", "other"),
                                ],
                                default="",
                                max_length=12,
                                verbose_name="outcome",
                            ),
                        ),
                        (
                            "outcome_date",
                            models.DateField(blank=True, null=True, verbose_name="on"),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="surveys.case",
                            ),
                        ),
                        (
                            "replace_reason",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="why"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "case",
                        "ordering": ("round", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("round", "subject_id"),
                                name="one_case_of_a_subject_in_a_round",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("probability_numerator__gte", 1),
                                    (
                                        "probability_numerator__lte",
                                        models.F("probability_denominator"),
                                    ),
                                ),
                                name="chance_between_nothing_and_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("enterprise", None),
                                        ("household", None),
                                        ("person__isnull", False),
                                    ),
                                    models.Q(
                                        ("enterprise", None),
                                        ("household__isnull", False),
                                        ("person", None),
                                    ),
                                    models.Q(
                                        ("enterprise__isnull", False),
                                        ("household", None),
                                        ("person", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_has_one_subject",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ContactAttempt",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attempts",
                                to="surveys.case",
                            ),
                        ),
                        ("attempt_date", models.DateField(verbose_name="date")),
                        (
                            "way",
                            models.CharField(
                                choices=[("VISIT", "visit"), ("PHONE", "telephone")],
                                max_length=5,
                                verbose_name="how",
                            ),
                        ),
                        (
                            "result",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="result"
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
                        "verbose_name": "contact attempt",
                        "ordering": ("case", "attempt_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Submission",
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
                        ("instance_id", models.CharField(db_index=True, max_length=80)),
                        ("root_id", models.CharField(db_index=True, max_length=80)),
                        (
                            "supersedes",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="superseded_by",
                                to="surveys.submission",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="submissions",
                                to="surveys.questionnaireversion",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="submissions",
                                to="surveys.round",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="submissions",
                                to="surveys.case",
                            ),
                        ),
                        ("start_at", models.DateTimeField(blank=True, null=True)),
                        ("end_at", models.DateTimeField(blank=True, null=True)),
                        ("answered_date", models.DateField(verbose_name="answered on")),
                        (
                            "received_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        ("device", models.CharField(blank=True, default="", max_length=80)),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("APP", "field app"),
                                    ("WEB", "web page"),
                                    ("PAPER", "paper"),
                                    ("OPENROSA", "ODK Collect"),
                                ],
                                max_length=8,
                                verbose_name="came by",
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64)),
                        ("body", handup.org.encryption.EncryptedTextField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("RECEIVED", "received"),
                                    ("HELD", "held for review"),
                                    ("ACCEPTED", "accepted"),
                                    ("SENT_BACK", "sent back"),
                                    ("SET_ASIDE", "set aside"),
                                    ("CONFLICT", "conflict"),
                                ],
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "consented",
                            models.BooleanField(default=True, verbose_name="agreed to be asked"),
                        ),
                        (
                            "faults",
                            handup.org.encryption.EncryptedJSONField(blank=True, default=list),
                        ),
                        (
                            "fault_count",
                            models.PositiveSmallIntegerField(default=0, verbose_name="faults"),
                        ),
                        (
                            "interviewer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "note",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="note"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "set of answers",
                        "ordering": ("round", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state",
                                        handup.surveys.rules.codes.SubmissionState["CONFLICT"],
                                    ),
                                    _negated=True,
                                ),
                                fields=("instance_id",),
                                name="one_submission_per_instance",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state",
                                        handup.surveys.rules.codes.SubmissionState["ACCEPTED"],
                                    )
                                ),
                                fields=("case",),
                                name="one_accepted_set_per_subject_and_round",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Answer",
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
                            "submission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answers",
                                to="surveys.submission",
                            ),
                        ),
                        (
                            "question",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answers",
                                to="surveys.question",
                            ),
                        ),
                        ("repeat_index", models.PositiveSmallIntegerField(default=0)),
                        ("value", handup.org.encryption.EncryptedTextField()),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        ("reference_month", models.DateField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name": "answer",
                        "ordering": ("submission", "question__number", "repeat_index"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("submission", "question", "repeat_index"),
                                name="one_answer_to_a_question",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Flag",
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
                            "submission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="flags",
                                to="surveys.submission",
                            ),
                        ),
                        (
                            "rule",
                            models.CharField(
                                choices=[
                                    ("SECOND_IN_ROUND", "second set of answers in this round"),
                                    ("OLD_VERSION", "answered on a retired version"),
                                    ("CLOCK", "the clock of the device was wrong"),
                                    ("LATE", "received late"),
                                ],
                                max_length=20,
                                verbose_name="rule",
                            ),
                        ),
                        (
                            "detail",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="detail"
                            ),
                        ),
                        (
                            "resolved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "note",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="note"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "flag",
                        "ordering": ("submission", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
            ],
        ),
    ]
