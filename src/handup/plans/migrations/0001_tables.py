"""Every table of `plans`; a database that went through the migrations named here has them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.org.tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("plans", "0001_initial"),
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
                    name="Plan",
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
                            models.CharField(max_length=12, unique=True, verbose_name="number"),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plans",
                                to="projects.programme",
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
                            "adviser",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plans_advised",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="adviser",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plans",
                                to="people.person",
                            ),
                        ),
                        (
                            "enterprise",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plans",
                                to="people.enterprise",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plans",
                                to="projects.organisation",
                            ),
                        ),
                        (
                            "title",
                            models.CharField(max_length=200, verbose_name="what the business is"),
                        ),
                        (
                            "idea",
                            models.TextField(
                                blank=True, default="", verbose_name="the idea, and who benefits"
                            ),
                        ),
                        (
                            "depth",
                            models.CharField(
                                choices=[
                                    ("LIGHT", "light: household sheet and one page"),
                                    ("FULL", "full: all parts"),
                                ],
                                default="LIGHT",
                                max_length=5,
                                verbose_name="depth",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "being written"),
                                    ("SUBMITTED", "handed in"),
                                    ("RETURNED", "returned with comments"),
                                    ("ADVISED", "advised"),
                                    ("REVIEWED", "reviewed, points open"),
                                    ("READY", "ready"),
                                    ("FINANCED", "financed"),
                                    ("NOT_FINANCED", "not financed"),
                                ],
                                default="DRAFT",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("start_month", models.DateField(verbose_name="first month")),
                        (
                            "horizon_months",
                            models.PositiveSmallIntegerField(default=12, verbose_name="months"),
                        ),
                        (
                            "own_cash_units",
                            models.BigIntegerField(default=0, verbose_name="own cash put in"),
                        ),
                        ("grant_units", models.BigIntegerField(default=0, verbose_name="grant")),
                        (
                            "opening_stock_units",
                            models.BigIntegerField(
                                default=0, verbose_name="stock bought for opening"
                            ),
                        ),
                        (
                            "capital_units",
                            models.BigIntegerField(
                                default=0, verbose_name="worth of what they already own"
                            ),
                        ),
                        (
                            "liabilities_units",
                            models.BigIntegerField(default=0, verbose_name="debts now"),
                        ),
                        (
                            "buffer_units",
                            models.BigIntegerField(default=0, verbose_name="cash that must stay"),
                        ),
                        (
                            "capacity_bps",
                            models.PositiveIntegerField(
                                default=3500, verbose_name="share for the instalment"
                            ),
                        ),
                        (
                            "season_bps",
                            models.JSONField(blank=True, default=list, verbose_name="seasons"),
                        ),
                        (
                            "drawings_from",
                            models.CharField(
                                choices=[
                                    ("SHEET", "the household sheet"),
                                    ("LINES", "monthly lines of this plan"),
                                ],
                                default="SHEET",
                                max_length=5,
                                verbose_name="living costs from",
                            ),
                        ),
                        ("started_date", models.DateField(verbose_name="started on")),
                        (
                            "submitted_date",
                            models.DateField(blank=True, null=True, verbose_name="handed in on"),
                        ),
                        (
                            "comment",
                            models.TextField(
                                blank=True, default="", verbose_name="comment of the reader"
                            ),
                        ),
                        (
                            "advised_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "advised_date",
                            models.DateField(blank=True, null=True, verbose_name="advised on"),
                        ),
                        (
                            "statement",
                            models.TextField(
                                blank=True, default="", verbose_name="statement of the adviser"
                            ),
                        ),
                        (
                            "signed_by",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("SIGNATURE", "signature"),
                                    ("MARK", "mark or fingerprint with a witness"),
                                    ("PAPER", "signed paper, photographed"),
                                ],
                                default="",
                                max_length=9,
                                verbose_name="agreed by",
                            ),
                        ),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reviewed_date",
                            models.DateField(blank=True, null=True, verbose_name="reviewed on"),
                        ),
                        (
                            "open_points",
                            models.TextField(
                                blank=True, default="", verbose_name="points still open"
                            ),
                        ),
                        (
                            "first_ready_date",
                            models.DateField(blank=True, null=True, verbose_name="first ready on"),
                        ),
                        (
                            "ready_date",
                            models.DateField(blank=True, null=True, verbose_name="ready on"),
                        ),
                        (
                            "decided_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="financed or not on"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-started_date", "-id"),
                        "indexes": [
                            models.Index(fields=["programme", "state"], name="plan_in_programme"),
                            models.Index(fields=["-started_date", "-id"], name="plan_newest"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("organisation", None), ("person__isnull", False)),
                                    models.Q(("organisation__isnull", False), ("person", None)),
                                    _connector="OR",
                                ),
                                name="plan_of_a_person_or_an_organisation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("horizon_months__gte", 1), ("horizon_months__lte", 60)
                                ),
                                name="plan_of_1_to_60_months",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanVersion",
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
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="plans.plan",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                        ("engine_version", models.CharField(max_length=20, verbose_name="engine")),
                        ("inputs", models.JSONField(verbose_name="inputs")),
                        ("results", models.JSONField(verbose_name="results")),
                        ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
                        (
                            "supersedes",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="superseded_by",
                                to="plans.planversion",
                            ),
                        ),
                        (
                            "frozen_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("frozen_date", models.DateField(verbose_name="on")),
                    ],
                    options={
                        "ordering": ("plan", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("plan", "number"), name="one_plan_version_per_number"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HouseholdSheet",
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
                            "plan",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="household_sheet",
                                to="plans.plan",
                            ),
                        ),
                        (
                            "convention",
                            models.CharField(
                                choices=[
                                    ("DAYS_28", "28 days or 4 weeks make a month"),
                                    ("CALENDAR", "by the calendar"),
                                    (
                                        "PRUDENT",
                                        "28 days for the business, the calendar for spending",
                                    ),
                                ],
                                default="DAYS_28",
                                max_length=8,
                                verbose_name="how a month is counted",
                            ),
                        ),
                        (
                            "miscellaneous_bps",
                            models.PositiveIntegerField(
                                default=1000, verbose_name="added for what was forgotten"
                            ),
                        ),
                        ("told_date", models.DateField(verbose_name="told on")),
                        ("note", models.TextField(blank=True, default="", verbose_name="note")),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HouseholdLine",
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
                            "sheet",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="lines",
                                to="plans.householdsheet",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        (
                            "section",
                            models.CharField(
                                choices=[
                                    ("SALES", "sales"),
                                    ("COST_OF_SALES", "goods and materials bought"),
                                    ("BUSINESS_EXPENSE", "running costs of the business"),
                                    ("OTHER_INCOME", "other income of the household"),
                                    ("HOUSEHOLD_EXPENSE", "spending of the household"),
                                    ("OTHER_EXPENSE", "school, health and other spending"),
                                    ("DEBT_PAYMENT", "instalments of existing debts"),
                                ],
                                max_length=17,
                                verbose_name="section",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="what"
                            ),
                        ),
                        (
                            "span",
                            models.CharField(
                                choices=[
                                    ("DAY", "a day"),
                                    ("WEEK", "a week"),
                                    ("HALF_MONTH", "half a month"),
                                    ("MONTH", "a month"),
                                ],
                                max_length=10,
                                verbose_name="for",
                            ),
                        ),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        (
                            "evidence",
                            models.CharField(
                                choices=[
                                    ("SEEN", "seen by the adviser"),
                                    ("TOLD", "told"),
                                    ("ESTIMATED", "estimated"),
                                ],
                                default="TOLD",
                                max_length=9,
                                verbose_name="known how",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("sheet", "position"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("units__gte", 0)),
                                name="household_line_not_negative",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Investment",
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
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="investments",
                                to="plans.plan",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("name", models.CharField(max_length=120, verbose_name="thing")),
                        (
                            "month",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="month (0 = before opening)"
                            ),
                        ),
                        ("cost_units", models.BigIntegerField(verbose_name="cost")),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("OWN", "own money"),
                                    ("IN_KIND", "already there"),
                                    ("GRANT", "grant"),
                                    ("LOAN", "loan"),
                                ],
                                default="OWN",
                                max_length=7,
                                verbose_name="paid by",
                            ),
                        ),
                        (
                            "life_months",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="lasts (months)"
                            ),
                        ),
                        (
                            "salvage_units",
                            models.BigIntegerField(default=0, verbose_name="worth at the end"),
                        ),
                    ],
                    options={
                        "ordering": ("plan", "position"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cost_units__gte", 0), ("salvage_units__gte", 0)
                                ),
                                name="investment_not_negative",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ProductLine",
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
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="products",
                                to="plans.plan",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("name", models.CharField(max_length=120, verbose_name="product")),
                        (
                            "unit",
                            models.CharField(
                                blank=True, default="", max_length=30, verbose_name="sold by"
                            ),
                        ),
                        ("price_units", models.BigIntegerField(verbose_name="price")),
                        (
                            "material_units",
                            models.BigIntegerField(default=0, verbose_name="material in one"),
                        ),
                        (
                            "labour_units",
                            models.BigIntegerField(default=0, verbose_name="piece labour in one"),
                        ),
                        (
                            "quantities",
                            models.JSONField(
                                default=list, verbose_name="thousandths sold each month"
                            ),
                        ),
                        (
                            "credit_share_bps",
                            models.PositiveIntegerField(
                                default=0, verbose_name="share sold on credit"
                            ),
                        ),
                        (
                            "lag_months",
                            models.PositiveSmallIntegerField(
                                default=1, verbose_name="paid after months"
                            ),
                        ),
                        (
                            "bad_debt_bps",
                            models.PositiveIntegerField(default=0, verbose_name="share never paid"),
                        ),
                    ],
                    options={
                        "ordering": ("plan", "position"),
                        "indexes": [],
                        "constraints": [],
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
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="costs",
                                to="plans.plan",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("name", models.CharField(max_length=120, verbose_name="what")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("FIXED", "fixed cost"),
                                    ("OTHER_INCOME", "other income"),
                                    ("DEBT", "existing debt"),
                                    ("TAX", "tax"),
                                    ("DRAWINGS", "taken for living"),
                                ],
                                max_length=12,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "amounts",
                            models.JSONField(default=list, verbose_name="amount each month"),
                        ),
                    ],
                    options={
                        "ordering": ("plan", "position"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="FinanceAsk",
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
                            "plan",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="finance_ask",
                                to="plans.plan",
                            ),
                        ),
                        (
                            "product_code",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="loan product"
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="for what"
                            ),
                        ),
                        ("loan_units", models.BigIntegerField(verbose_name="loan asked for")),
                        ("rate_bps", models.PositiveIntegerField(verbose_name="interest a month")),
                        (
                            "instalments",
                            models.PositiveSmallIntegerField(verbose_name="monthly instalments"),
                        ),
                        (
                            "grace_instalments",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="of them interest only"
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("DECLINING", "on what is still owed"),
                                    ("FLAT", "on the first amount to the end"),
                                ],
                                max_length=9,
                                verbose_name="interest",
                            ),
                        ),
                        (
                            "repayment",
                            models.CharField(
                                choices=[
                                    ("EQUAL_INSTALMENTS", "equal instalments"),
                                    (
                                        "EQUAL_PRINCIPAL",
                                        "equal parts of the loan, less interest each month",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="repaid in",
                            ),
                        ),
                        (
                            "fee_withheld_units",
                            models.BigIntegerField(default=0, verbose_name="fee kept back"),
                        ),
                        (
                            "multiple_units",
                            models.BigIntegerField(default=1, verbose_name="loans in steps of"),
                        ),
                        (
                            "least_units",
                            models.BigIntegerField(default=0, verbose_name="smallest loan"),
                        ),
                        (
                            "most_units",
                            models.BigIntegerField(default=0, verbose_name="largest loan"),
                        ),
                        (
                            "most_grace",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="most months of grace"
                            ),
                        ),
                        (
                            "instalment_unit",
                            models.BigIntegerField(
                                default=1, verbose_name="instalments in steps of"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("fee_withheld_units__gte", 0),
                                    ("instalments__gte", 1),
                                    ("loan_units__gt", 0),
                                ),
                                name="finance_asked_for_something",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Visit",
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
                                related_name="visits",
                                to="people.person",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="plans.plan",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("ADVICE", "advice"),
                                    ("PLAN", "making the plan"),
                                    ("HOME_CHECK", "visit to the home"),
                                    ("BUSINESS_CHECK", "visit to the business"),
                                    ("LOAN_USE", "check of what the loan was used for"),
                                    ("COACHING", "coaching"),
                                    ("ARREARS", "visit because of arrears"),
                                    ("BACK_CHECK", "back-check by another person"),
                                ],
                                max_length=14,
                                verbose_name="why",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PLANNED", "planned"),
                                    ("DONE", "done"),
                                    ("MISSED", "missed"),
                                    ("CANCELLED", "cancelled"),
                                ],
                                default="PLANNED",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "planned_date",
                            models.DateField(blank=True, null=True, verbose_name="planned for"),
                        ),
                        (
                            "planned_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "visit_date",
                            models.DateField(blank=True, null=True, verbose_name="visited on"),
                        ),
                        (
                            "visitor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits_made",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "place",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="where"
                            ),
                        ),
                        (
                            "situation",
                            models.TextField(blank=True, default="", verbose_name="situation"),
                        ),
                        (
                            "explanation",
                            models.TextField(blank=True, default="", verbose_name="explanation"),
                        ),
                        (
                            "action",
                            models.TextField(blank=True, default="", verbose_name="what was done"),
                        ),
                        (
                            "next_step",
                            models.TextField(blank=True, default="", verbose_name="next step"),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="why not"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("planned_date", "visit_date", "id"),
                        "indexes": [
                            models.Index(fields=["state", "planned_date"], name="visit_due"),
                            models.Index(fields=["person", "visit_date"], name="visit_of_person"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "DONE"), ("visit_date__isnull", False)),
                                    models.Q(
                                        models.Q(("state", "DONE"), _negated=True),
                                        ("visit_date", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_done_visit_has_its_day",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ActualMonth",
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
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actual_months",
                                to="plans.plan",
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actual_months",
                                to="plans.visit",
                            ),
                        ),
                        ("month", models.DateField(verbose_name="month")),
                        (
                            "sales_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="sales"),
                        ),
                        (
                            "materials_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="goods and materials"
                            ),
                        ),
                        (
                            "wages_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="wages"),
                        ),
                        (
                            "rent_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="rent"),
                        ),
                        (
                            "transport_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="transport"),
                        ),
                        (
                            "tax_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="tax"),
                        ),
                        (
                            "other_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="other costs"
                            ),
                        ),
                        (
                            "profit_told_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="profit as told"
                            ),
                        ),
                        (
                            "stock_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="stock now"),
                        ),
                        (
                            "cash_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="cash now"),
                        ),
                        (
                            "drawings_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="taken for living"
                            ),
                        ),
                        (
                            "workers",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="people working"
                            ),
                        ),
                        (
                            "working_days",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="days worked"
                            ),
                        ),
                        (
                            "replaced_by",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaces",
                                to="plans.actualmonth",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=200,
                                verbose_name="reason of the correction",
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
                        "ordering": ("plan", "month", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("replaced_by", None)),
                                fields=("plan", "month"),
                                name="one_valid_actual_per_month",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Segment",
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
                                related_name="segments",
                                to="projects.programme",
                            ),
                        ),
                        ("code", models.CharField(max_length=20, verbose_name="code")),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        ("from_units", models.BigIntegerField(verbose_name="from")),
                        (
                            "to_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="up to, not including"
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                    ],
                    options={
                        "ordering": ("programme", "from_units"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "code"),
                                name="one_segment_per_code_in_a_programme",
                            )
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
