"""Every table of `ledger`; a database that went through the migrations named here has them."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.ledger.rules.conversion
import handup.ledger.rules.words
import handup.org.tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("ledger", "0001_initial"),
        ("ledger", "0002_journal_by_day"),
        ("ledger", "0003_runs"),
        ("ledger", "0004_fees_by_table"),
        ("ledger", "0005_run_details_by_run"),
        ("ledger", "0006_drafts_by_file"),
        ("ledger", "0007_consolidations"),
        ("ledger", "0008_accounts_out_of_use"),
        ("ledger", "0009_cash_counts"),
        ("ledger", "0010_cost_keys"),
    ]

    dependencies = [
        ("org", "0001_tables"),
    ]

    operations = [
        handup.org.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="Book",
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
                        ("name", models.CharField(max_length=160, verbose_name="name")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (handup.ledger.rules.words.BookKind["PROGRAMME"], "Programme"),
                                    (handup.ledger.rules.words.BookKind["LENDER"], "Lender"),
                                    (
                                        handup.ledger.rules.words.BookKind["GUARANTEE_FUND"],
                                        "Guarantee fund",
                                    ),
                                    (handup.ledger.rules.words.BookKind["GROUP"], "Group"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        ("owner_kind", models.CharField(blank=True, default="", max_length=40)),
                        ("owner_id", models.UUIDField(blank=True, db_index=True, null=True)),
                        (
                            "programme_id",
                            models.UUIDField(blank=True, null=True, verbose_name="programme"),
                        ),
                        (
                            "organisation_id",
                            models.UUIDField(blank=True, null=True, verbose_name="organisation"),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                                verbose_name="office",
                            ),
                        ),
                        ("base_currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "chart_pack",
                            models.CharField(default="", max_length=40, verbose_name="chart"),
                        ),
                        (
                            "chart_version",
                            models.PositiveIntegerField(default=0, verbose_name="chart version"),
                        ),
                        (
                            "chart_stamp",
                            models.UUIDField(default=handup.kernel.ids.new_id, editable=False),
                        ),
                        (
                            "fiscal_year_start",
                            models.PositiveSmallIntegerField(
                                default=1, verbose_name="first month of the year"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    (handup.ledger.rules.words.BookStatus["OPEN"], "Open"),
                                    (handup.ledger.rules.words.BookStatus["CLOSED"], "Closed"),
                                ],
                                default=handup.ledger.rules.words.BookStatus["OPEN"],
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "rate_kind",
                            models.CharField(
                                default="SPOT", max_length=5, verbose_name="kind of rate"
                            ),
                        ),
                        (
                            "max_rate_age_days",
                            models.PositiveSmallIntegerField(
                                default=7, verbose_name="oldest rate in days"
                            ),
                        ),
                        (
                            "practice",
                            models.BooleanField(default=False, verbose_name="for exercises only"),
                        ),
                        ("head_seq", models.PositiveBigIntegerField(default=0, editable=False)),
                        (
                            "head_hash",
                            models.CharField(
                                default="0000000000000000000000000000000000000000000000000000000000000000",
                                editable=False,
                                max_length=64,
                            ),
                        ),
                        ("first_month", models.DateField(editable=False, null=True)),
                        ("last_month", models.DateField(editable=False, null=True)),
                        (
                            "locked_through",
                            models.DateField(
                                editable=False, null=True, verbose_name="closed through"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("code",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("fiscal_year_start__gte", 1), ("fiscal_year_start__lte", 12)
                                ),
                                name="ledger_year_starts_in_a_month",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Account",
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
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="accounts",
                                to="ledger.book",
                            ),
                        ),
                        ("code", models.CharField(max_length=20, verbose_name="code")),
                        (
                            "names",
                            models.JSONField(default=dict, verbose_name="names per language"),
                        ),
                        (
                            "type",
                            models.CharField(
                                choices=[
                                    (handup.ledger.rules.words.AccountType["ASSET"], "Assets"),
                                    (handup.ledger.rules.words.AccountType["LIABILITY"], "Debts"),
                                    (handup.ledger.rules.words.AccountType["EQUITY"], "Own funds"),
                                    (handup.ledger.rules.words.AccountType["INCOME"], "Income"),
                                    (handup.ledger.rules.words.AccountType["EXPENSE"], "Expenses"),
                                    (
                                        handup.ledger.rules.words.AccountType["MEMO"],
                                        "Beside the books",
                                    ),
                                ],
                                max_length=10,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="ledger.account",
                            ),
                        ),
                        ("leaf", models.BooleanField(default=True, verbose_name="takes lines")),
                        (
                            "currency",
                            models.CharField(
                                blank=True, default="", max_length=3, verbose_name="currency"
                            ),
                        ),
                        (
                            "cash_kind",
                            models.CharField(
                                choices=[
                                    (
                                        handup.ledger.rules.words.CashKind["NONE"],
                                        "No money account",
                                    ),
                                    (handup.ledger.rules.words.CashKind["CASH"], "Money in hand"),
                                    (handup.ledger.rules.words.CashKind["BANK"], "Money at a bank"),
                                ],
                                default=handup.ledger.rules.words.CashKind["NONE"],
                                max_length=5,
                                verbose_name="kind of money account",
                            ),
                        ),
                        (
                            "cash_class",
                            models.CharField(
                                choices=[
                                    (
                                        handup.ledger.rules.words.CashClass["OPERATING"],
                                        "Running costs and income",
                                    ),
                                    (handup.ledger.rules.words.CashClass["LENDING"], "Lending"),
                                    (
                                        handup.ledger.rules.words.CashClass["INVESTING"],
                                        "Investments",
                                    ),
                                    (handup.ledger.rules.words.CashClass["FINANCING"], "Financing"),
                                    (handup.ledger.rules.words.CashClass["FX"], "Exchange"),
                                ],
                                default=handup.ledger.rules.words.CashClass["OPERATING"],
                                max_length=10,
                                verbose_name="place in the cash flow",
                            ),
                        ),
                        (
                            "overdraft_units",
                            models.BigIntegerField(
                                blank=True, default=0, null=True, verbose_name="overdraft"
                            ),
                        ),
                        (
                            "fund_required",
                            models.BooleanField(default=False, verbose_name="needs a fund"),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="in use")),
                        (
                            "closed_from",
                            models.DateField(blank=True, null=True, verbose_name="out of use from"),
                        ),
                    ],
                    options={
                        "ordering": ("code",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("book", "code"), name="ledger_account_code_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="AccountRole",
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
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="roles",
                                to="ledger.book",
                            ),
                        ),
                        ("role", models.CharField(max_length=30, verbose_name="role")),
                        (
                            "currency",
                            models.CharField(
                                blank=True, default="", max_length=3, verbose_name="currency"
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="roles",
                                to="ledger.account",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("role",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("book", "role", "currency"), name="ledger_one_leaf_a_role"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Fund",
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
                        ("name", models.CharField(max_length=160, verbose_name="name")),
                        (
                            "agreement_key",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="agreement"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        handup.ledger.rules.words.FundKind["UNRESTRICTED"],
                                        "Unrestricted",
                                    ),
                                    (
                                        handup.ledger.rules.words.FundKind["PURPOSE"],
                                        "For a purpose",
                                    ),
                                    (handup.ledger.rules.words.FundKind["TIME"], "For a time"),
                                    (handup.ledger.rules.words.FundKind["REVOLVING"], "Revolving"),
                                ],
                                max_length=12,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                blank=True, default="", max_length=3, verbose_name="currency"
                            ),
                        ),
                        ("starts", models.DateField(blank=True, null=True, verbose_name="from")),
                        ("ends", models.DateField(blank=True, null=True, verbose_name="until")),
                        (
                            "account_codes",
                            models.JSONField(default=list, verbose_name="allowed accounts"),
                        ),
                        (
                            "budget_lines",
                            models.JSONField(default=list, verbose_name="allowed budget lines"),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="in use")),
                        (
                            "report_currency",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=3,
                                verbose_name="currency of the donor",
                            ),
                        ),
                        (
                            "convert_by",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        handup.ledger.rules.conversion.ConvertBy["DONOR"],
                                        "the donor's rate of each month",
                                    ),
                                    (
                                        handup.ledger.rules.conversion.ConvertBy["AVERAGE"],
                                        "the mean of the period",
                                    ),
                                    (
                                        handup.ledger.rules.conversion.ConvertBy["FIFO"],
                                        "as tranches came, the oldest first",
                                    ),
                                ],
                                default="",
                                max_length=8,
                                verbose_name="converted by",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("code",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Period",
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
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="periods",
                                to="ledger.book",
                            ),
                        ),
                        ("starts", models.DateField(verbose_name="from")),
                        ("ends", models.DateField(verbose_name="until")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    (handup.ledger.rules.words.PeriodStatus["OPEN"], "Open"),
                                    (
                                        handup.ledger.rules.words.PeriodStatus["SOFT_CLOSED"],
                                        "Closed for facts",
                                    ),
                                    (handup.ledger.rules.words.PeriodStatus["CLOSED"], "Closed"),
                                ],
                                default=handup.ledger.rules.words.PeriodStatus["OPEN"],
                                max_length=12,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "soft_closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("soft_closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        ("balance_hash", models.CharField(blank=True, default="", max_length=64)),
                    ],
                    options={
                        "ordering": ("starts",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("book", "starts"), name="ledger_month_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Consolidation",
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
                        ("name", models.CharField(max_length=160, verbose_name="name")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "programme_id",
                            models.UUIDField(blank=True, null=True, verbose_name="programme"),
                        ),
                        (
                            "with_groups",
                            models.BooleanField(default=True, verbose_name="groups beside it"),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="in use")),
                    ],
                    options={
                        "ordering": ("code",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ConsolidatedBook",
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
                            "consolidation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="members",
                                to="ledger.consolidation",
                            ),
                        ),
                        (
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.book",
                            ),
                        ),
                        ("place", models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ("place", "pk"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("consolidation", "book"), name="ledger_book_once_in_a_whole"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="CostKey",
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
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cost_keys",
                                to="ledger.book",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("starts", models.DateField(verbose_name="from")),
                        ("ends", models.DateField(verbose_name="until")),
                        (
                            "pool_fund",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.fund",
                                verbose_name="fund",
                            ),
                        ),
                        (
                            "pool_line",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="budget line"
                            ),
                        ),
                        ("account_codes", models.JSONField(default=list, verbose_name="accounts")),
                        (
                            "basis",
                            models.CharField(max_length=300, verbose_name="what it rests on"),
                        ),
                        (
                            "stated_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="stated by",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-starts", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="CostShare",
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
                            "key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shares",
                                to="ledger.costkey",
                            ),
                        ),
                        ("place", models.PositiveSmallIntegerField()),
                        (
                            "fund",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.fund",
                            ),
                        ),
                        (
                            "budget_line",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="budget line"
                            ),
                        ),
                        ("weight", models.PositiveIntegerField(verbose_name="weight")),
                    ],
                    options={
                        "ordering": ("place",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("key", "place"), name="ledger_share_place_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Entry",
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
                            "book",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="ledger.book",
                            ),
                        ),
                        ("seq", models.PositiveBigIntegerField(verbose_name="number")),
                        ("kind", models.CharField(max_length=40, verbose_name="kind")),
                        ("entry_date", models.DateField(verbose_name="posted on")),
                        ("happened_date", models.DateField(verbose_name="happened on")),
                        ("source_domain", models.CharField(max_length=20)),
                        ("source_kind", models.CharField(max_length=40)),
                        ("source_id", models.UUIDField()),
                        ("source_purpose", models.CharField(blank=True, default="", max_length=40)),
                        (
                            "reverses",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="ledger.entry",
                            ),
                        ),
                        (
                            "branch",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "posted_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="posted by",
                            ),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("line_count", models.PositiveIntegerField()),
                        ("flags", models.CharField(blank=True, default="", max_length=80)),
                        ("content_hash", models.CharField(max_length=64)),
                        ("prev_hash", models.CharField(max_length=64)),
                        ("hash", models.CharField(max_length=64)),
                    ],
                    options={
                        "ordering": ("book", "seq"),
                        "indexes": [
                            models.Index(
                                fields=["book", "entry_date", "seq"], name="ledger_entry_day"
                            ),
                            models.Index(fields=["entry_date", "id"], name="ledger_entry_date"),
                            models.Index(
                                fields=["book", "happened_date"], name="ledger_entry_happened"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("book", "seq"), name="ledger_entry_number_once"
                            ),
                            models.UniqueConstraint(
                                fields=(
                                    "source_id",
                                    "book",
                                    "source_domain",
                                    "source_kind",
                                    "source_purpose",
                                ),
                                name="ledger_fact_posts_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Line",
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
                            "entry",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="ledger.entry",
                            ),
                        ),
                        ("no", models.PositiveSmallIntegerField()),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="ledger.account",
                            ),
                        ),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "base_units",
                            models.BigIntegerField(verbose_name="amount in the book's currency"),
                        ),
                        ("rate", models.BigIntegerField(verbose_name="rate x 10^10")),
                        (
                            "fund",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.fund",
                            ),
                        ),
                        (
                            "budget_line",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="budget line"
                            ),
                        ),
                        (
                            "branch",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        ("subject_kind", models.CharField(blank=True, default="", max_length=40)),
                        ("subject_id", models.UUIDField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("entry", "no"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("subject_id__isnull", False)),
                                fields=["subject_id", "account"],
                                name="ledger_line_subject",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("entry", "no"), name="ledger_line_number_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Remark",
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
                            "entry",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="remark",
                                to="ledger.entry",
                            ),
                        ),
                        (
                            "text",
                            models.CharField(blank=True, max_length=400, verbose_name="remark"),
                        ),
                        ("blanked_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Balance",
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
                            "book",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.book",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.account",
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.fund",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        (
                            "branch_key",
                            models.UUIDField(
                                default=uuid.UUID("00000000-0000-0000-0000-000000000000")
                            ),
                        ),
                        ("month", models.DateField()),
                        ("debit_units", models.BigIntegerField(default=0)),
                        ("credit_units", models.BigIntegerField(default=0)),
                        ("debit_base", models.BigIntegerField(default=0)),
                        ("credit_base", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ("account", "month"),
                        "indexes": [
                            models.Index(fields=["book", "month"], name="ledger_balance_month")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("account", "month", "fund", "currency", "branch_key"),
                                name="ledger_balance_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DraftBatch",
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
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="draft_batches",
                                to="ledger.book",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("MANUAL", "Entry by hand"),
                                    ("ADJUSTMENT", "Adjustment"),
                                    ("OPENING", "Opening balance"),
                                ],
                                max_length=40,
                                verbose_name="kind",
                            ),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="file")),
                        ("source_kind", models.CharField(blank=True, default="", max_length=40)),
                        ("source_id", models.UUIDField(blank=True, db_index=True, null=True)),
                        ("first_date", models.DateField(verbose_name="from")),
                        ("last_date", models.DateField(verbose_name="until")),
                        ("entries", models.PositiveIntegerField(verbose_name="entries")),
                        ("lines", models.PositiveIntegerField(verbose_name="lines")),
                        ("debit_base", models.BigIntegerField(verbose_name="debit in all")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    (
                                        handup.ledger.rules.words.DraftStatus["DRAFT"],
                                        "Waiting for approval",
                                    ),
                                    (
                                        handup.ledger.rules.words.DraftStatus["POSTED"],
                                        "Approved and posted",
                                    ),
                                    (handup.ledger.rules.words.DraftStatus["DECLINED"], "Declined"),
                                ],
                                default=handup.ledger.rules.words.DraftStatus["DRAFT"],
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "settled_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("settled_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("-id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Draft",
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
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="drafts",
                                to="ledger.book",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("MANUAL", "Entry by hand"),
                                    ("ADJUSTMENT", "Adjustment"),
                                    ("OPENING", "Opening balance"),
                                ],
                                default="MANUAL",
                                max_length=40,
                                verbose_name="kind",
                            ),
                        ),
                        ("happened_date", models.DateField(verbose_name="happened on")),
                        (
                            "branch",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                                verbose_name="branch",
                            ),
                        ),
                        ("remark", models.CharField(max_length=400, verbose_name="what it is for")),
                        (
                            "batch",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="drafts",
                                to="ledger.draftbatch",
                            ),
                        ),
                        ("pair_id", models.UUIDField(blank=True, db_index=True, null=True)),
                        (
                            "attachment",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.storedfile",
                                verbose_name="attachment",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    (
                                        handup.ledger.rules.words.DraftStatus["DRAFT"],
                                        "Waiting for approval",
                                    ),
                                    (
                                        handup.ledger.rules.words.DraftStatus["POSTED"],
                                        "Approved and posted",
                                    ),
                                    (handup.ledger.rules.words.DraftStatus["DECLINED"], "Declined"),
                                ],
                                default=handup.ledger.rules.words.DraftStatus["DRAFT"],
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "settled_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("settled_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "entry",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="draft",
                                to="ledger.entry",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="DraftLine",
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
                            "draft",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="lines",
                                to="ledger.draft",
                            ),
                        ),
                        ("no", models.PositiveSmallIntegerField()),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.account",
                            ),
                        ),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "base_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="in the book's currency"
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.fund",
                            ),
                        ),
                        (
                            "budget_line",
                            models.CharField(
                                blank=True, default="", max_length=80, verbose_name="budget line"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("no",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("draft", "no"), name="ledger_draft_line_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Run",
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
                            "book",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="ledger.book",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        handup.ledger.rules.words.RunKind["ACCRUAL"],
                                        "Interest earned",
                                    ),
                                    (handup.ledger.rules.words.RunKind["FEES"], "Fees due"),
                                    (
                                        handup.ledger.rules.words.RunKind["PROVISION"],
                                        "Allowance for losses",
                                    ),
                                    (
                                        handup.ledger.rules.words.RunKind["REVALUATION"],
                                        "Exchange revaluation",
                                    ),
                                    (handup.ledger.rules.words.RunKind["RELEASE"], "Grants earned"),
                                    (handup.ledger.rules.words.RunKind["SHARING"], "Shared costs"),
                                    (
                                        handup.ledger.rules.words.RunKind["CLOSING"],
                                        "Closing of the year",
                                    ),
                                ],
                                max_length=12,
                                verbose_name="what",
                            ),
                        ),
                        ("through", models.DateField(verbose_name="up to")),
                        ("no", models.PositiveIntegerField(verbose_name="number")),
                        (
                            "engine_version",
                            models.CharField(max_length=20, verbose_name="version of the rules"),
                        ),
                        ("inputs_hash", models.CharField(max_length=64)),
                        ("last_seq", models.PositiveBigIntegerField()),
                        (
                            "subjects",
                            models.PositiveIntegerField(default=0, verbose_name="changed"),
                        ),
                        (
                            "run_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="run by",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("book", "no"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("book", "no"), name="ledger_run_number_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="RunTotal",
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
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="totals",
                                to="ledger.run",
                            ),
                        ),
                        (
                            "branch",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        ("product_id", models.UUIDField(blank=True, null=True)),
                        (
                            "fund",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.fund",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("target_units", models.BigIntegerField(verbose_name="target")),
                        ("posted_units", models.BigIntegerField(verbose_name="posted")),
                        (
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.entry",
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
                    name="RunDetail",
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
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="details",
                                to="ledger.run",
                            ),
                        ),
                        (
                            "book",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.book",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        handup.ledger.rules.words.RunKind["ACCRUAL"],
                                        "Interest earned",
                                    ),
                                    (handup.ledger.rules.words.RunKind["FEES"], "Fees due"),
                                    (
                                        handup.ledger.rules.words.RunKind["PROVISION"],
                                        "Allowance for losses",
                                    ),
                                    (
                                        handup.ledger.rules.words.RunKind["REVALUATION"],
                                        "Exchange revaluation",
                                    ),
                                    (handup.ledger.rules.words.RunKind["RELEASE"], "Grants earned"),
                                    (handup.ledger.rules.words.RunKind["SHARING"], "Shared costs"),
                                    (
                                        handup.ledger.rules.words.RunKind["CLOSING"],
                                        "Closing of the year",
                                    ),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("through", models.DateField()),
                        ("run_no", models.PositiveIntegerField()),
                        ("subject_kind", models.CharField(max_length=40)),
                        ("subject_id", models.UUIDField()),
                        (
                            "branch",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        ("product_id", models.UUIDField(blank=True, null=True)),
                        (
                            "fund",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.fund",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        (
                            "basis_units",
                            models.BigIntegerField(default=0, verbose_name="counted from"),
                        ),
                        (
                            "rate_bps",
                            models.PositiveIntegerField(
                                default=0, verbose_name="rate, 1/100 of a percent"
                            ),
                        ),
                        ("stopped", models.BooleanField(default=False, verbose_name="rests")),
                        ("target_units", models.BigIntegerField(verbose_name="target")),
                        ("before_units", models.BigIntegerField(verbose_name="before")),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["subject_id", "kind", "through", "run_no"],
                                name="ledger_last",
                            )
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Reconciliation",
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
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reconciliations",
                                to="ledger.account",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("through", models.DateField(verbose_name="on")),
                        (
                            "statement_units",
                            models.BigIntegerField(verbose_name="balance the bank states"),
                        ),
                        ("book_units", models.BigIntegerField(verbose_name="balance of the books")),
                        (
                            "open_lines",
                            models.JSONField(default=list, verbose_name="lines still on the way"),
                        ),
                        ("last_seq", models.PositiveBigIntegerField()),
                        (
                            "reconciled_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="reconciled by",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-through", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="StatedInput",
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
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stated_inputs",
                                to="ledger.book",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        handup.ledger.rules.words.InputKind["INFLATION"],
                                        "Rise of prices",
                                    ),
                                    (
                                        handup.ledger.rules.words.InputKind["MARKET_RATE"],
                                        "Interest a bank would ask us",
                                    ),
                                    (
                                        handup.ledger.rules.words.InputKind["IN_KIND"],
                                        "Worth of what was given free",
                                    ),
                                ],
                                max_length=12,
                                verbose_name="what",
                            ),
                        ),
                        ("starts", models.DateField(verbose_name="from")),
                        ("ends", models.DateField(verbose_name="until")),
                        ("value", models.BigIntegerField(verbose_name="value")),
                        ("source", models.CharField(max_length=200, verbose_name="source")),
                        (
                            "stated_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="stated by",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-starts", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="CashCount",
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
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="counts",
                                to="ledger.account",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("counted_date", models.DateField(verbose_name="day")),
                        ("counted_units", models.BigIntegerField(verbose_name="counted")),
                        (
                            "expected_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="by the books"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    (
                                        handup.ledger.rules.words.CountStatus["COUNTED"],
                                        "Counted, to be seen by another",
                                    ),
                                    (
                                        handup.ledger.rules.words.CountStatus["CONFIRMED"],
                                        "Counted and confirmed",
                                    ),
                                    (
                                        handup.ledger.rules.words.CountStatus["DECLINED"],
                                        "Declined, to be counted anew",
                                    ),
                                ],
                                default=handup.ledger.rules.words.CountStatus["COUNTED"],
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "remark",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="remark"
                            ),
                        ),
                        (
                            "counted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="counted by",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confirmed by",
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "entry",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.entry",
                            ),
                        ),
                        ("last_seq", models.PositiveBigIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ("-counted_date", "-id"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("status", handup.ledger.rules.words.CountStatus["DECLINED"]),
                                    _negated=True,
                                ),
                                fields=("account", "currency", "counted_date"),
                                name="ledger_till_counted_once_a_day",
                            )
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
