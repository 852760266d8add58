"""Every table of `projects`; a database that went through the migrations named here has them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.org.tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("projects", "0001_initial"),
    ]

    dependencies = [
        ("org", "0001_tables"),
    ]

    operations = [
        handup.org.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="Programme",
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
                        ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "summary",
                            models.TextField(
                                blank=True, default="", verbose_name="in one paragraph"
                            ),
                        ),
                        (
                            "objectives",
                            models.TextField(blank=True, default="", verbose_name="objectives"),
                        ),
                        (
                            "sector",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="sector"
                            ),
                        ),
                        (
                            "terms",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="terms of financing",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "default_language",
                            models.CharField(default="en", max_length=10, verbose_name="language"),
                        ),
                        (
                            "external_ids",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="ids given by others"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("title",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Phase",
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
                                related_name="phases",
                                to="projects.programme",
                            ),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("PIPELINE", "in preparation"),
                                    ("ACTIVE", "active"),
                                    ("SUSPENDED", "suspended"),
                                    ("FINALISATION", "being finished"),
                                    ("CLOSED", "closed"),
                                ],
                                default="PIPELINE",
                                max_length=12,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "approval_date",
                            models.DateField(blank=True, null=True, verbose_name="approved on"),
                        ),
                        (
                            "start_date",
                            models.DateField(blank=True, null=True, verbose_name="start"),
                        ),
                        (
                            "start_precision",
                            models.CharField(
                                choices=[("DAY", "day"), ("MONTH", "month"), ("YEAR", "year")],
                                default="DAY",
                                max_length=5,
                                verbose_name="start known to the",
                            ),
                        ),
                        ("end_date", models.DateField(blank=True, null=True, verbose_name="end")),
                        (
                            "end_precision",
                            models.CharField(
                                choices=[("DAY", "day"), ("MONTH", "month"), ("YEAR", "year")],
                                default="DAY",
                                max_length=5,
                                verbose_name="end known to the",
                            ),
                        ),
                        (
                            "external_ids",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="ids given by others"
                            ),
                        ),
                        ("remark", models.TextField(blank=True, default="", verbose_name="remark")),
                    ],
                    options={
                        "ordering": ("programme", "code"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "code"),
                                name="one_phase_per_code_in_a_programme",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="RelatedProgramme",
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
                                related_name="related",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "relation",
                            models.CharField(
                                choices=[
                                    ("PRECEDES", "comes before"),
                                    ("FOLLOWS", "comes after"),
                                    ("SISTER", "sister programme of"),
                                    ("PARENT", "part of"),
                                ],
                                max_length=10,
                                verbose_name="relation",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="related_from",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "other_title",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="title"
                            ),
                        ),
                        ("remark", models.TextField(blank=True, default="", verbose_name="remark")),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="AreaLink",
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
                                related_name="area_links",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="area_links",
                                to="projects.phase",
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="programme_links",
                                to="org.area",
                            ),
                        ),
                        (
                            "reach",
                            models.CharField(
                                choices=[
                                    ("ACTIVITY", "work is done here"),
                                    ("BENEFICIARY", "people of this area are served"),
                                ],
                                max_length=12,
                                verbose_name="reach",
                            ),
                        ),
                        ("from_date", models.DateField(blank=True, null=True, verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("phase", "area", "reach"),
                                name="one_link_per_phase_area_and_reach",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("phase", None)),
                                fields=("programme", "area", "reach"),
                                name="one_link_per_programme_area_and_reach",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="DocumentType",
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
                        (
                            "names",
                            models.JSONField(default=dict, verbose_name="names per language"),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="order")),
                        (
                            "iati_categories",
                            models.JSONField(default=list, verbose_name="IATI categories"),
                        ),
                    ],
                    options={
                        "ordering": ("position",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Document",
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
                                related_name="documents",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="projects.phase",
                            ),
                        ),
                        (
                            "type",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="projects.documenttype",
                            ),
                        ),
                        ("title", models.CharField(max_length=300, verbose_name="title")),
                        (
                            "document_date",
                            models.DateField(blank=True, null=True, verbose_name="date"),
                        ),
                        (
                            "date_precision",
                            models.CharField(
                                choices=[("DAY", "day"), ("MONTH", "month"), ("YEAR", "year")],
                                default="DAY",
                                max_length=5,
                                verbose_name="date known to the",
                            ),
                        ),
                        (
                            "language",
                            models.CharField(default="en", max_length=10, verbose_name="language"),
                        ),
                        (
                            "version",
                            models.PositiveSmallIntegerField(default=1, verbose_name="version"),
                        ),
                        (
                            "supersedes",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="superseded_by",
                                to="projects.document",
                            ),
                        ),
                        (
                            "access",
                            models.CharField(
                                choices=[
                                    ("PUBLIC", "everyone"),
                                    ("PARTNERS", "partners"),
                                    ("INTERNAL", "staff only"),
                                ],
                                default="INTERNAL",
                                max_length=8,
                                verbose_name="who may read it",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "draft"),
                                    ("FINAL", "final"),
                                    ("SUPERSEDED", "replaced by a later version"),
                                ],
                                default="DRAFT",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.storedfile",
                                verbose_name="file",
                            ),
                        ),
                        (
                            "sha256",
                            models.CharField(blank=True, db_index=True, default="", max_length=64),
                        ),
                        (
                            "link",
                            models.URLField(
                                blank=True, default="", max_length=500, verbose_name="address"
                            ),
                        ),
                        ("text", models.TextField(blank=True, default="")),
                        ("page_map", models.JSONField(blank=True, default=list)),
                        ("searchable", models.BooleanField(default=False)),
                        ("remark", models.TextField(blank=True, default="", verbose_name="remark")),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("type__position", "-document_date", "title"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Lesson",
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
                                related_name="lessons",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lessons",
                                to="projects.phase",
                            ),
                        ),
                        ("statement", models.TextField(verbose_name="what was learned")),
                        (
                            "topic",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="topic"
                            ),
                        ),
                        (
                            "evidence",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lessons",
                                to="projects.document",
                            ),
                        ),
                        (
                            "evidence_page",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="page"
                            ),
                        ),
                        (
                            "confidence",
                            models.CharField(
                                choices=[("LOW", "low"), ("MEDIUM", "medium"), ("HIGH", "high")],
                                default="MEDIUM",
                                max_length=6,
                                verbose_name="confidence",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "review_date",
                            models.DateField(blank=True, null=True, verbose_name="review on"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "proposed"),
                                    ("ACCEPTED", "accepted"),
                                    ("APPLIED", "applied"),
                                    ("NOT_APPLIED", "not applied"),
                                    ("REVIEWED", "reviewed"),
                                ],
                                default="PROPOSED",
                                max_length=11,
                                verbose_name="state",
                            ),
                        ),
                        ("remark", models.TextField(blank=True, default="", verbose_name="remark")),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("state", "review_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="LessonApplication",
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
                            "lesson",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
                                to="projects.lesson",
                            ),
                        ),
                        (
                            "target_kind",
                            models.CharField(
                                choices=[
                                    ("PHASE", "phase"),
                                    ("DESIGN_DECISION", "design decision"),
                                    ("CURRICULUM", "curriculum"),
                                    ("LOAN_PRODUCT", "loan product"),
                                    ("SETTING", "setting"),
                                ],
                                max_length=16,
                                verbose_name="applied to",
                            ),
                        ),
                        (
                            "target_phase",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lessons_applied",
                                to="projects.phase",
                            ),
                        ),
                        ("target", models.CharField(max_length=200, verbose_name="name")),
                        ("what_changed", models.TextField(verbose_name="what changed")),
                        ("applied_date", models.DateField(verbose_name="date")),
                        ("decided_by", models.CharField(max_length=200, verbose_name="decided by")),
                        (
                            "result_seen",
                            models.TextField(blank=True, default="", verbose_name="result seen"),
                        ),
                    ],
                    options={
                        "ordering": ("applied_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="StatedFigure",
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
                                related_name="stated_figures",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stated_figures",
                                to="projects.phase",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="reference"
                            ),
                        ),
                        (
                            "subject",
                            models.CharField(max_length=300, verbose_name="what it is about"),
                        ),
                        ("printed", models.TextField(verbose_name="as printed")),
                        (
                            "number",
                            models.DecimalField(
                                blank=True,
                                decimal_places=3,
                                max_digits=15,
                                null=True,
                                verbose_name="number",
                            ),
                        ),
                        (
                            "bound",
                            models.CharField(
                                choices=[
                                    ("EXACT", "exactly"),
                                    ("OVER", "more than"),
                                    ("AT_LEAST", "at least"),
                                    ("ABOUT", "about"),
                                    ("UP_TO", "up to"),
                                ],
                                default="EXACT",
                                max_length=8,
                                verbose_name="bound",
                            ),
                        ),
                        (
                            "step",
                            models.DecimalField(
                                blank=True,
                                decimal_places=3,
                                max_digits=15,
                                null=True,
                                verbose_name="printed to",
                            ),
                        ),
                        (
                            "unit",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="unit"
                            ),
                        ),
                        (
                            "as_of_date",
                            models.DateField(blank=True, null=True, verbose_name="as of"),
                        ),
                        (
                            "as_of_precision",
                            models.CharField(
                                choices=[("DAY", "day"), ("MONTH", "month"), ("YEAR", "year")],
                                default="DAY",
                                max_length=5,
                            ),
                        ),
                        (
                            "document",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stated_figures",
                                to="projects.document",
                            ),
                        ),
                        (
                            "page",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="page"
                            ),
                        ),
                        ("source", models.CharField(max_length=300, verbose_name="source")),
                        ("remark", models.TextField(blank=True, default="", verbose_name="remark")),
                        (
                            "indicator_code",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="indicator"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("reference", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Organisation",
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
                        ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        (
                            "short_name",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="short name"
                            ),
                        ),
                        (
                            "country_code",
                            models.CharField(
                                blank=True, default="", max_length=2, verbose_name="country code"
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
                            "registration_no",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=60,
                                verbose_name="registration number",
                            ),
                        ),
                        (
                            "external_ids",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="ids given by others"
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "ordering": ("name",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="OrganisationKind",
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
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="kinds",
                                to="projects.organisation",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("FUNDER", "funder"),
                                    ("IMPLEMENTER", "implementer"),
                                    ("PROVIDER", "provider of training or services"),
                                    ("BANK", "bank"),
                                    ("MICROFINANCE", "microfinance institution"),
                                    ("BUYER", "buyer"),
                                    ("SUPPLIER", "supplier"),
                                    ("GOVERNMENT", "government"),
                                    ("COOPERATIVE", "cooperative"),
                                    ("ASSOCIATION", "association"),
                                    ("SUCCESSOR", "successor"),
                                    ("OTHER", "other"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation", "kind"), name="kind_named_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Partner",
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
                                related_name="partners",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="partners",
                                to="projects.phase",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="partnerships",
                                to="projects.organisation",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("FUNDER", "funder"),
                                    ("IMPLEMENTER", "implementer"),
                                    ("PROVIDER", "provider of training or services"),
                                    ("BANK", "bank"),
                                    ("GOVERNMENT", "government"),
                                    ("SUCCESSOR", "successor"),
                                ],
                                max_length=12,
                                verbose_name="role",
                            ),
                        ),
                        ("from_date", models.DateField(blank=True, null=True, verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                        ("remark", models.TextField(blank=True, default="", verbose_name="remark")),
                    ],
                    options={
                        "ordering": ("role", "organisation__name"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("phase", "organisation", "role"),
                                name="one_phase_partner_row_per_role",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("phase", None)),
                                fields=("programme", "organisation", "role"),
                                name="one_programme_partner_row_per_role",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="FundingAgreement",
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
                                related_name="funding",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="funding",
                                to="projects.phase",
                            ),
                        ),
                        (
                            "funder",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="funding_given",
                                to="projects.organisation",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("GRANT", "grant"), ("LOAN", "loan")],
                                max_length=5,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "terms",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="terms"
                            ),
                        ),
                        (
                            "amount_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="amount"),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "signed_date",
                            models.DateField(blank=True, null=True, verbose_name="signed on"),
                        ),
                        (
                            "conditions",
                            models.TextField(blank=True, default="", verbose_name="conditions"),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="reference"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Budget",
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
                                related_name="budgets",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="budgets",
                                to="projects.phase",
                            ),
                        ),
                        (
                            "version",
                            models.PositiveSmallIntegerField(default=1, verbose_name="version"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "draft"),
                                    ("APPROVED", "approved"),
                                    ("REVISED", "replaced by a new version"),
                                ],
                                default="DRAFT",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reporting_currency",
                            models.CharField(max_length=3, verbose_name="reporting currency"),
                        ),
                        (
                            "reason",
                            models.TextField(
                                blank=True, default="", verbose_name="reason of the revision"
                            ),
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
                        (
                            "approved_date",
                            models.DateField(blank=True, null=True, verbose_name="approved on"),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("phase", "version"), name="one_budget_per_version"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="BudgetLine",
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
                            "budget",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="projects.budget",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="projects.budgetline",
                            ),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "year",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="year"
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("amount_units", models.BigIntegerField(verbose_name="amount")),
                        (
                            "step_units",
                            models.BigIntegerField(default=1, verbose_name="printed to"),
                        ),
                        (
                            "reporting_units",
                            models.BigIntegerField(verbose_name="reporting amount"),
                        ),
                        (
                            "reporting_step_units",
                            models.BigIntegerField(
                                default=1, verbose_name="reporting amount printed to"
                            ),
                        ),
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
                        (
                            "rate_source",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="source of the rate",
                            ),
                        ),
                        (
                            "pair_agrees",
                            models.BooleanField(
                                default=True, verbose_name="amounts agree at the rate"
                            ),
                        ),
                        (
                            "implied_rate",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="implied rate"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("code",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("budget", "code"), name="one_line_per_code_in_a_budget"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("rate_numerator", None),
                                    models.Q(
                                        ("rate_numerator__gt", 0),
                                        ("rate_date__isnull", False),
                                        models.Q(("rate_source", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="rate_has_date_and_source",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
