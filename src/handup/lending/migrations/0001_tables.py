"""Every table of `lending`; a database that went through the migrations named here has them."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.lending.rules.banking.codes
import handup.lending.rules.banking.files
import handup.lending.rules.codes
import handup.lending.rules.old_book
import handup.lending.rules.stray
import handup.org.encryption
import handup.org.tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("lending", "0001_initial"),
        ("lending", "0002_one_number_a_lender"),
        ("lending", "0003_application_plan"),
        ("lending", "0004_sealed_texts"),
        ("lending", "0005_provisions"),
        ("lending", "0006_bank_channel"),
        ("lending", "0007_loan_states"),
        ("lending", "0008_security"),
        ("lending", "0009_grants_decided"),
        ("lending", "0010_credit_passport"),
        ("lending", "0011_rows_by_number"),
        ("lending", "0012_agreement_start"),
        ("lending", "0013_proposal_word"),
        ("lending", "0014_event_effects"),
        ("lending", "0015_old_books"),
        ("lending", "0016_effects_of_agreed_changes"),
        ("lending", "0017_payoff_quotes"),
        ("lending", "0018_fees_by_table"),
        ("lending", "0019_parts_of_loans"),
        ("lending", "0020_answered_by_few_rows"),
        ("lending", "0021_proposals_together"),
        ("lending", "0022_security_of_old_loans"),
        ("lending", "0023_between_our_books"),
        ("lending", "0024_votes_name_their_appraisal"),
        ("lending", "0025_orders_of_parts"),
        ("lending", "0026_compulsory_savings"),
        ("lending", "0027_bank_lists"),
        ("lending", "0028_days_a_restructured_loan_is_cured"),
        ("lending", "0029_events_of_earlier_days"),
        ("lending", "0030_guarantee_calls"),
        ("lending", "0031_collections"),
        ("lending", "0032_withdrawals"),
        ("lending", "0033_one_pay_out_waits"),
        ("lending", "0034_one_matched_line_an_event"),
        ("lending", "0035_earlier_records"),
        ("lending", "0036_application_documents"),
        ("lending", "0037_fees_given_back"),
        ("lending", "0038_premiums_handed_on"),
        ("lending", "0039_loans_out_of_funds"),
        ("lending", "0040_pathways"),
        ("lending", "0041_end_second_pathways"),
        ("lending", "0042_one_pathway_at_a_time"),
        ("lending", "0043_stray_cash"),
        ("lending", "0044_told_again"),
    ]

    dependencies = [
        ("groups", "0001_tables"),
        ("ledger", "0001_tables"),
        ("org", "0001_tables"),
        ("people", "0001_tables"),
        ("plans", "0001_tables"),
        ("projects", "0001_tables"),
        ("training", "0001_tables"),
    ]

    operations = [
        handup.org.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="CodeCounter",
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
                        ("key", models.CharField(max_length=30, unique=True)),
                        ("last", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Lender",
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
                            "mode",
                            models.CharField(
                                choices=[
                                    ("DIRECT", "The programme lends itself"),
                                    ("BANK_FACILITY", "A bank lends our money"),
                                    (
                                        "BANK_GUARANTEED",
                                        "A bank lends its money, we guarantee a share",
                                    ),
                                    ("BANK_OWN", "A bank lends its money at its risk"),
                                ],
                                max_length=20,
                                verbose_name="whose money",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lenders",
                                to="projects.organisation",
                                verbose_name="organisation",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lenders",
                                to="projects.programme",
                                verbose_name="programme",
                            ),
                        ),
                        (
                            "book",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lenders",
                                to="ledger.book",
                                verbose_name="book",
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                default=uuid.UUID("00000000-0000-7000-8000-000000000001"),
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lenders",
                                to="ledger.fund",
                                verbose_name="fund",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "bank_profile",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="bank file profile"
                            ),
                        ),
                        ("active_from", models.DateField(verbose_name="active from")),
                        (
                            "active_to",
                            models.DateField(blank=True, null=True, verbose_name="active until"),
                        ),
                    ],
                    options={
                        "ordering": ("name",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Facility",
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
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="facilities",
                                to="lending.lender",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("limit_units", models.BigIntegerField(verbose_name="limit")),
                        (
                            "revolving",
                            models.BooleanField(
                                default=False, verbose_name="repaid principal may be lent again"
                            ),
                        ),
                        ("signed_date", models.DateField(verbose_name="signed on")),
                        (
                            "expiry_date",
                            models.DateField(blank=True, null=True, verbose_name="expires on"),
                        ),
                    ],
                    options={
                        "ordering": ("-signed_date",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("limit_units__gt", 0)),
                                name="facility_limit_above_zero",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Guarantee",
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
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="guarantees",
                                to="lending.lender",
                            ),
                        ),
                        (
                            "book",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="guarantees",
                                to="ledger.book",
                                verbose_name="book of the fund",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("deposit_units", models.BigIntegerField(verbose_name="deposit")),
                        (
                            "cover_bps",
                            models.PositiveIntegerField(
                                default=5000, verbose_name="cover, 1/100 of a percent"
                            ),
                        ),
                        (
                            "max_leverage_x100",
                            models.PositiveIntegerField(default=100, verbose_name="leverage x 100"),
                        ),
                        (
                            "call_after_days",
                            models.PositiveIntegerField(
                                default=90, verbose_name="may be called after days"
                            ),
                        ),
                        ("signed_date", models.DateField(verbose_name="signed on")),
                        (
                            "expiry_date",
                            models.DateField(blank=True, null=True, verbose_name="expires on"),
                        ),
                    ],
                    options={
                        "ordering": ("-signed_date",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("cover_bps__lte", 10000)),
                                name="guarantee_cover_at_most_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("deposit_units__gte", 0)),
                                name="guarantee_deposit_not_negative",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Product",
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
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loan_products",
                                to="projects.programme",
                                verbose_name="programme",
                            ),
                        ),
                        (
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="products",
                                to="lending.lender",
                                verbose_name="lender",
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loan_products",
                                to="ledger.fund",
                                verbose_name="fund",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="offered")),
                    ],
                    options={
                        "ordering": ("name",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ProductVersion",
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
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="lending.product",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="version")),
                        ("terms", models.JSONField(verbose_name="terms")),
                        (
                            "eligibility",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="preconditions"
                            ),
                        ),
                        (
                            "bands",
                            models.JSONField(
                                blank=True,
                                default=list,
                                verbose_name="who decides up to which amount",
                            ),
                        ),
                        (
                            "grid",
                            models.JSONField(blank=True, default=dict, verbose_name="scoring grid"),
                        ),
                        ("effective_date", models.DateField(verbose_name="effective from")),
                        (
                            "proposed_by",
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
                        (
                            "used_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="first used"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("product", "-number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("product", "number"), name="one_version_a_number"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Application",
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
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="people.person",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "enterprise",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="people.enterprise",
                                verbose_name="enterprise",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="groups.group",
                                verbose_name="group",
                            ),
                        ),
                        (
                            "code",
                            models.CharField(max_length=20, unique=True, verbose_name="number"),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
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
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="loan officer",
                            ),
                        ),
                        (
                            "advisor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="advisor",
                            ),
                        ),
                        (
                            "product_version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
                                to="lending.productversion",
                                verbose_name="product",
                            ),
                        ),
                        (
                            "plan_version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
                                to="plans.planversion",
                                verbose_name="business plan",
                            ),
                        ),
                        ("asked_units", models.BigIntegerField(verbose_name="amount asked")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("instalments", models.PositiveIntegerField(verbose_name="instalments")),
                        ("purpose", models.CharField(max_length=200, verbose_name="purpose")),
                        (
                            "savings_units",
                            models.BigIntegerField(default=0, verbose_name="savings seen"),
                        ),
                        (
                            "savings_seen_date",
                            models.DateField(blank=True, null=True, verbose_name="savings seen on"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("SUBMITTED", "Waiting for appraisal"),
                                    ("APPRAISED", "Waiting for a decision"),
                                    ("APPROVED", "Approved, waiting for signature"),
                                    ("RETURNED", "Returned"),
                                    ("DECLINED", "Declined"),
                                    ("SIGNED", "Signed"),
                                    ("EXPIRED", "Expired"),
                                ],
                                default=handup.lending.rules.codes.ApplicationState["SUBMITTED"],
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        ("submitted_date", models.DateField(verbose_name="asked on")),
                        ("expires_date", models.DateField(verbose_name="expires on")),
                    ],
                    options={
                        "ordering": ("-submitted_date", "-id"),
                        "indexes": [
                            models.Index(
                                fields=["state", "submitted_date"], name="application_state"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("enterprise__isnull", True),
                                        ("group__isnull", False),
                                        ("person__isnull", True),
                                    ),
                                    models.Q(("group__isnull", True), ("person__isnull", False)),
                                    models.Q(
                                        ("enterprise__isnull", False), ("group__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="application_one_borrower",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("asked_units__gt", 0)),
                                name="application_amount_above_zero",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Appraisal",
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
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="appraisals",
                                to="lending.application",
                            ),
                        ),
                        (
                            "appraiser",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("appraised_date", models.DateField(verbose_name="appraised on")),
                        ("engine_version", models.CharField(max_length=40)),
                        ("inputs_hash", models.CharField(max_length=64)),
                        ("facts", models.JSONField(verbose_name="facts")),
                        ("scores", models.JSONField(default=dict, verbose_name="scores")),
                        (
                            "score_x10",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="score x 10"
                            ),
                        ),
                        (
                            "band",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("REFUSE", "Score speaks against"),
                                    ("DISCUSS", "To be discussed"),
                                    ("FAVOUR", "Score speaks in favour"),
                                ],
                                default="",
                                max_length=8,
                                verbose_name="band",
                            ),
                        ),
                        ("stops", models.JSONField(default=list, verbose_name="hard stops")),
                        (
                            "overrides",
                            models.JSONField(
                                blank=True, default=list, verbose_name="overrides with reason"
                            ),
                        ),
                        (
                            "recommendation",
                            models.CharField(
                                choices=[
                                    ("APPROVE", "Approve"),
                                    ("APPROVE_LESS", "Approve a smaller amount"),
                                    ("RETURN", "Return for more work"),
                                    ("DECLINE", "Decline"),
                                ],
                                max_length=12,
                                verbose_name="recommendation",
                            ),
                        ),
                        (
                            "recommended_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="recommended amount"
                            ),
                        ),
                        ("note", models.TextField(blank=True, default="", verbose_name="note")),
                    ],
                    options={
                        "ordering": ("-appraised_date", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Vote",
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
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="votes",
                                to="lending.application",
                            ),
                        ),
                        (
                            "appraisal",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="votes",
                                to="lending.appraisal",
                            ),
                        ),
                        (
                            "member",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "choice",
                            models.CharField(
                                choices=[
                                    ("APPROVE", "Approve"),
                                    ("APPROVE_LESS", "Approve a smaller amount"),
                                    ("RETURN", "Return for more work"),
                                    ("DECLINE", "Decline"),
                                ],
                                max_length=12,
                                verbose_name="vote",
                            ),
                        ),
                        ("voted_date", models.DateField(verbose_name="voted on")),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("voted_date", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("application", "member", "appraisal"),
                                name="one_vote_a_member",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
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
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="lending.application",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("APPROVE", "Approve"),
                                    ("APPROVE_LESS", "Approve a smaller amount"),
                                    ("RETURN", "Return for more work"),
                                    ("DECLINE", "Decline"),
                                ],
                                max_length=12,
                                verbose_name="decision",
                            ),
                        ),
                        (
                            "approved_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="approved amount"
                            ),
                        ),
                        (
                            "instalments",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="instalments"
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("decided_date", models.DateField(verbose_name="decided on")),
                        (
                            "votes_for",
                            models.PositiveIntegerField(default=0, verbose_name="votes for"),
                        ),
                        (
                            "votes_against",
                            models.PositiveIntegerField(default=0, verbose_name="votes against"),
                        ),
                        (
                            "waived_stops",
                            models.JSONField(blank=True, default=list, verbose_name="stops waived"),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
                            ),
                        ),
                        (
                            "conditions",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="conditions"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-decided_date", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="LoanAgreement",
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
                            "application",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreement",
                                to="lending.application",
                            ),
                        ),
                        ("terms", models.JSONField(verbose_name="terms")),
                        ("schedule", models.JSONField(verbose_name="first schedule")),
                        (
                            "apr_ppm",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="yearly percentage rate"
                            ),
                        ),
                        (
                            "flat_apr_ppm",
                            models.BigIntegerField(
                                blank=True,
                                null=True,
                                verbose_name="yearly rate were the same loan flat",
                            ),
                        ),
                        (
                            "total_payable_units",
                            models.BigIntegerField(verbose_name="total payable"),
                        ),
                        ("total_cost_units", models.BigIntegerField(verbose_name="total cost")),
                        (
                            "language",
                            models.CharField(default="en", max_length=10, verbose_name="language"),
                        ),
                        ("signed_date", models.DateField(verbose_name="signed on")),
                        (
                            "start_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="money to be handed over on"
                            ),
                        ),
                        (
                            "signed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-signed_date",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Loan",
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
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="people.person",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "enterprise",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="people.enterprise",
                                verbose_name="enterprise",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="groups.group",
                                verbose_name="group",
                            ),
                        ),
                        (
                            "code",
                            models.CharField(max_length=20, unique=True, verbose_name="number"),
                        ),
                        (
                            "agreement",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loan",
                                to="lending.loanagreement",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loans",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loans",
                                to="lending.lender",
                                verbose_name="lender",
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                db_index=False,
                                default=uuid.UUID("00000000-0000-7000-8000-000000000001"),
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loans",
                                to="ledger.fund",
                                verbose_name="fund",
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
                                verbose_name="office",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="loan officer",
                            ),
                        ),
                        (
                            "product_version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loans",
                                to="lending.productversion",
                            ),
                        ),
                        ("terms", models.JSONField(verbose_name="terms")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("approved_units", models.BigIntegerField(verbose_name="approved")),
                        ("agreed_date", models.DateField(verbose_name="agreed on")),
                        (
                            "opening_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="taken over as it stood on"
                            ),
                        ),
                        (
                            "external_reference",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=60,
                                verbose_name="lender's number",
                            ),
                        ),
                        (
                            "stated_status",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=60,
                                verbose_name="status as stated by the lender",
                            ),
                        ),
                        (
                            "stated_date",
                            models.DateField(blank=True, null=True, verbose_name="stated on"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("AGREED", "Signed, not paid out"),
                                    ("ACTIVE", "Running"),
                                    ("SETTLED", "Repaid"),
                                    ("WRITTEN_OFF", "Written off"),
                                    ("REFINANCED", "Refinanced"),
                                    ("TRANSFERRED", "Moved to another lender"),
                                    ("CANCELLED", "Cancelled"),
                                ],
                                default=handup.lending.rules.codes.LoanState["AGREED"],
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "disbursed_date",
                            models.DateField(blank=True, null=True, verbose_name="paid out on"),
                        ),
                        (
                            "last_due_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="last agreed due date"
                            ),
                        ),
                        (
                            "next_due_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="oldest unpaid due date"
                            ),
                        ),
                        (
                            "settled_date",
                            models.DateField(blank=True, null=True, verbose_name="repaid on"),
                        ),
                        ("last_value_date", models.DateField(blank=True, null=True)),
                        ("last_recorded_at", models.DateTimeField(blank=True, null=True)),
                        ("disbursed_units", models.BigIntegerField(default=0, verbose_name="lent")),
                        (
                            "capitalised_units",
                            models.BigIntegerField(default=0, verbose_name="added to principal"),
                        ),
                        (
                            "principal_units",
                            models.BigIntegerField(default=0, verbose_name="outstanding principal"),
                        ),
                        (
                            "principal_paid_units",
                            models.BigIntegerField(default=0, verbose_name="principal repaid"),
                        ),
                        (
                            "interest_paid_units",
                            models.BigIntegerField(default=0, verbose_name="interest paid"),
                        ),
                        (
                            "fee_paid_units",
                            models.BigIntegerField(default=0, verbose_name="fees paid"),
                        ),
                        (
                            "penalty_paid_units",
                            models.BigIntegerField(default=0, verbose_name="penalties paid"),
                        ),
                        (
                            "overpaid_units",
                            models.BigIntegerField(default=0, verbose_name="overpaid"),
                        ),
                        (
                            "written_off_units",
                            models.BigIntegerField(default=0, verbose_name="principal written off"),
                        ),
                        (
                            "recovered_units",
                            models.BigIntegerField(
                                default=0, verbose_name="recovered after write-off"
                            ),
                        ),
                        (
                            "restructured",
                            models.BooleanField(default=False, verbose_name="restructured"),
                        ),
                        (
                            "restructured_date",
                            models.DateField(blank=True, null=True, verbose_name="restructured on"),
                        ),
                        ("changed", models.BooleanField(default=False, editable=False)),
                        ("event_count", models.PositiveIntegerField(default=0)),
                        ("engine_version", models.CharField(default="", max_length=20)),
                    ],
                    options={
                        "ordering": ("-agreed_date", "-id"),
                        "indexes": [
                            models.Index(fields=["state", "next_due_date"], name="loan_arrears"),
                            models.Index(
                                fields=["officer", "next_due_date"], name="loan_officer_due"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("enterprise__isnull", True),
                                        ("group__isnull", False),
                                        ("person__isnull", True),
                                    ),
                                    models.Q(("group__isnull", True), ("person__isnull", False)),
                                    models.Q(
                                        ("enterprise__isnull", False), ("group__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="loan_one_borrower",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("external_reference", ""), _negated=True),
                                fields=("lender", "external_reference"),
                                name="loan_one_number_a_lender",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("approved_units__gt", 0)),
                                name="loan_amount_above_zero",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("principal_units__gte", 0)),
                                name="loan_principal_not_negative",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LoanEvent",
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
                            "loan",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("AGREED", "Agreed"),
                                    ("DISBURSED", "Disbursed"),
                                    ("REPAID", "Repaid"),
                                    ("EARLY_REPAID", "Repaid early"),
                                    ("PAID_OFF", "Paid off"),
                                    ("WITHDRAWN", "Withdrawn by the borrower"),
                                    ("GUARANTOR_PAID", "Guarantor paid"),
                                    ("MEMBER_PAID_FOR", "Paid by a group member"),
                                    ("INSURANCE_PAID", "Insurance paid"),
                                    ("SAVINGS_SET_OFF", "Savings set off"),
                                    ("CHARGED", "Charged"),
                                    ("WAIVED", "Waived"),
                                    ("RESCHEDULED", "Rescheduled"),
                                    ("RESTRUCTURED", "Restructured"),
                                    ("MORATORIUM", "Moratorium"),
                                    ("REFUNDED", "Refunded"),
                                    ("WRITTEN_OFF", "Written off"),
                                    ("RECOVERED", "Recovered after write-off"),
                                    ("REFINANCED", "Refinanced"),
                                    ("OPENING_POSITION", "Opening position"),
                                    ("TRANSFERRED", "Moved to another lender"),
                                    ("CANCELLED", "Cancelled"),
                                    ("REVERSED", "Reversed"),
                                ],
                                max_length=20,
                                verbose_name="what",
                            ),
                        ),
                        ("value_date", models.DateField(verbose_name="on")),
                        (
                            "received_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now,
                                editable=False,
                                verbose_name="received",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("WEB", "Web page"),
                                    ("API", "API"),
                                    ("DEVICE", "Field device"),
                                    ("BANK_FILE", "Bank file"),
                                    ("IMPORT", "Import"),
                                    ("DEMONSTRATION", "Demonstration"),
                                    ("OLD_BOOK", "Old portfolio"),
                                    ("BACK_DATED", "An earlier day, confirmed by another person"),
                                ],
                                default=handup.lending.rules.codes.Source["WEB"],
                                max_length=14,
                                verbose_name="came by",
                            ),
                        ),
                        ("seq", models.PositiveIntegerField(verbose_name="order of arrival")),
                        ("units", models.BigIntegerField(default=0, verbose_name="amount")),
                        (
                            "method",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("CASH", "Cash"),
                                    ("BANK", "Bank"),
                                    ("MOBILE", "Mobile money"),
                                    ("SUSPENSE", "Bank, matched later"),
                                    ("INTERBOOK", "Between our books"),
                                    ("SAVINGS", "From savings"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="reference"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
                            ),
                        ),
                        ("payload", models.JSONField(blank=True, default=dict)),
                        (
                            "reverses",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversed_by",
                                to="lending.loanevent",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("value_date", "seq"),
                        "indexes": [
                            models.Index(
                                fields=["kind", "value_date"], name="loan_event_kind_date"
                            ),
                            models.Index(
                                fields=["recorded_by", "value_date"], name="loan_event_staff_date"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("loan", "seq"), name="loan_event_one_seq"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("units__gte", 0)),
                                name="loan_event_not_negative",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LoanDue",
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
                            "loan",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dues",
                                to="lending.loan",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="instalment")),
                        ("due_date", models.DateField(verbose_name="due on")),
                        (
                            "principal_units",
                            models.BigIntegerField(default=0, verbose_name="principal"),
                        ),
                        (
                            "interest_units",
                            models.BigIntegerField(default=0, verbose_name="interest"),
                        ),
                        ("fee_units", models.BigIntegerField(default=0, verbose_name="fees")),
                        (
                            "penalty_units",
                            models.BigIntegerField(default=0, verbose_name="penalty"),
                        ),
                        (
                            "tariff_units",
                            models.BigIntegerField(default=0, verbose_name="fee by the fee table"),
                        ),
                        (
                            "principal_paid_units",
                            models.BigIntegerField(default=0, verbose_name="principal paid"),
                        ),
                        (
                            "interest_paid_units",
                            models.BigIntegerField(default=0, verbose_name="interest paid"),
                        ),
                        (
                            "fee_paid_units",
                            models.BigIntegerField(default=0, verbose_name="fees paid"),
                        ),
                        (
                            "penalty_paid_units",
                            models.BigIntegerField(default=0, verbose_name="penalty paid"),
                        ),
                        (
                            "settled_date",
                            models.DateField(blank=True, null=True, verbose_name="paid in full on"),
                        ),
                        ("from_date", models.DateField()),
                        ("to_date", models.DateField(blank=True, null=True)),
                        (
                            "received_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "replaced_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                    ],
                    options={
                        "ordering": ("loan", "due_date", "number"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("replaced_at__isnull", True),
                                    models.Q(
                                        ("settled_date__isnull", True),
                                        ("settled_date__gt", models.F("due_date")),
                                        _connector="OR",
                                    ),
                                ),
                                fields=["due_date", "settled_date"],
                                name="loan_due_open",
                            ),
                            models.Index(
                                fields=[
                                    "loan",
                                    "due_date",
                                    "from_date",
                                    "to_date",
                                    "replaced_at",
                                    "principal_units",
                                    "interest_units",
                                ],
                                name="loan_due_as_of",
                            ),
                            models.Index(
                                condition=models.Q(("tariff_units__gt", 0)),
                                fields=["loan"],
                                name="loan_due_with_tariff",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("replaced_at__isnull", True), ("to_date__isnull", True)
                                ),
                                fields=("loan", "number"),
                                name="loan_due_one_live_row",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentSplit",
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
                            "loan",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="splits",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="splits",
                                to="lending.loanevent",
                            ),
                        ),
                        (
                            "number",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="instalment"
                            ),
                        ),
                        ("principal_units", models.BigIntegerField(default=0)),
                        ("interest_units", models.BigIntegerField(default=0)),
                        ("fee_units", models.BigIntegerField(default=0)),
                        ("penalty_units", models.BigIntegerField(default=0)),
                        ("overpaid_units", models.BigIntegerField(default=0)),
                        ("value_date", models.DateField()),
                        (
                            "received_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "replaced_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                    ],
                    options={
                        "ordering": ("value_date", "id"),
                        "indexes": [
                            models.Index(
                                fields=[
                                    "loan",
                                    "value_date",
                                    "number",
                                    "replaced_at",
                                    "principal_units",
                                ],
                                name="split_as_of",
                            )
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="EventEffect",
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
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="effects",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="effects",
                                to="lending.loanevent",
                            ),
                        ),
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("CHARGED", "Charged"),
                                    ("WAIVED", "Waived"),
                                    ("CAPITALISED", "Added to principal"),
                                    ("CARRIED", "Carried over"),
                                    ("HANDED_OVER", "Handed over"),
                                    ("REFUNDED", "Handed back"),
                                    ("LENT", "Lent anew"),
                                    ("WRITTEN_OFF", "Written off"),
                                    ("FEE_BACK", "Fees given back"),
                                    ("PREMIUM_BACK", "Premium given back"),
                                ],
                                max_length=12,
                                verbose_name="what",
                            ),
                        ),
                        (
                            "component",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("PENALTY", "Penalty"),
                                    ("FEE", "Fee"),
                                    ("INTEREST", "Interest"),
                                    ("PRINCIPAL", "Principal"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="part",
                            ),
                        ),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        ("value_date", models.DateField()),
                        (
                            "received_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "replaced_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                    ],
                    options={
                        "ordering": ("value_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="LoanPause",
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
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pauses",
                                to="lending.loan",
                            ),
                        ),
                        ("first_date", models.DateField()),
                        ("last_date", models.DateField()),
                        (
                            "received_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "replaced_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                    ],
                    options={
                        "ordering": ("loan", "first_date"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="LoanCure",
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
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cures",
                                to="lending.loan",
                            ),
                        ),
                        ("first_date", models.DateField()),
                        ("last_date", models.DateField(blank=True, null=True)),
                        (
                            "received_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "replaced_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                    ],
                    options={
                        "ordering": ("loan", "first_date"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="LoanProposal",
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
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("AGREED", "Agreed"),
                                    ("DISBURSED", "Disbursed"),
                                    ("REPAID", "Repaid"),
                                    ("EARLY_REPAID", "Repaid early"),
                                    ("PAID_OFF", "Paid off"),
                                    ("WITHDRAWN", "Withdrawn by the borrower"),
                                    ("GUARANTOR_PAID", "Guarantor paid"),
                                    ("MEMBER_PAID_FOR", "Paid by a group member"),
                                    ("INSURANCE_PAID", "Insurance paid"),
                                    ("SAVINGS_SET_OFF", "Savings set off"),
                                    ("CHARGED", "Charged"),
                                    ("WAIVED", "Waived"),
                                    ("RESCHEDULED", "Rescheduled"),
                                    ("RESTRUCTURED", "Restructured"),
                                    ("MORATORIUM", "Moratorium"),
                                    ("REFUNDED", "Refunded"),
                                    ("WRITTEN_OFF", "Written off"),
                                    ("RECOVERED", "Recovered after write-off"),
                                    ("REFINANCED", "Refinanced"),
                                    ("OPENING_POSITION", "Opening position"),
                                    ("TRANSFERRED", "Moved to another lender"),
                                    ("CANCELLED", "Cancelled"),
                                    ("REVERSED", "Reversed"),
                                ],
                                max_length=20,
                                verbose_name="what",
                            ),
                        ),
                        (
                            "batch",
                            models.UUIDField(blank=True, db_index=True, editable=False, null=True),
                        ),
                        ("payload", models.JSONField(blank=True, default=dict)),
                        ("reason", models.CharField(max_length=300, verbose_name="reason")),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("proposed_date", models.DateField(verbose_name="proposed on")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "Proposed"),
                                    ("APPROVED", "Approved"),
                                    ("DECLINED", "Declined"),
                                ],
                                default=handup.lending.rules.codes.ProposalState["PROPOSED"],
                                max_length=10,
                                verbose_name="state",
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
                        (
                            "decided_date",
                            models.DateField(blank=True, null=True, verbose_name="decided on"),
                        ),
                        (
                            "decided_reason",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="why it was decided so",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposals",
                                to="lending.loanevent",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-proposed_date", "-id"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state", "PROPOSED"),
                                    models.Q(
                                        (
                                            "kind__in",
                                            ["CHARGED", "EARLY_REPAID", "RECOVERED", "REPAID"],
                                        ),
                                        _negated=True,
                                    ),
                                ),
                                fields=("loan", "kind"),
                                name="one_open_proposal_a_kind",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="BankAccount",
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
                                choices=[("BANK", "Bank account"), ("MOBILE", "Mobile money")],
                                default=handup.lending.rules.banking.codes.AccountKind["BANK"],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_accounts",
                                to="projects.organisation",
                                verbose_name="bank or operator",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_accounts",
                                to="projects.programme",
                                verbose_name="programme",
                            ),
                        ),
                        (
                            "book",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_accounts",
                                to="ledger.book",
                                verbose_name="book",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("number", models.CharField(max_length=34, verbose_name="account number")),
                        (
                            "bic",
                            models.CharField(
                                blank=True, default="", max_length=11, verbose_name="BIC"
                            ),
                        ),
                        ("holder", models.CharField(max_length=140, verbose_name="holder")),
                        (
                            "form",
                            models.CharField(
                                choices=[
                                    ("CAMT", "ISO 20022 (camt.053, camt.054)"),
                                    ("MT940", "SWIFT MT940"),
                                    ("CSV", "Table as CSV"),
                                    ("XLSX", "Table as XLSX"),
                                ],
                                default=handup.lending.rules.banking.files.Form["CAMT"],
                                max_length=10,
                                verbose_name="statements come as",
                            ),
                        ),
                        (
                            "profile",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="how its tables are read"
                            ),
                        ),
                        (
                            "pain_version",
                            models.CharField(
                                choices=[
                                    ("001.001.09", "pain.001.001.09 (today's)"),
                                    ("001.001.03", "pain.001.001.03 (older)"),
                                ],
                                default=handup.lending.rules.banking.codes.PainVersion["V09"],
                                max_length=12,
                                verbose_name="payment orders go as",
                            ),
                        ),
                        (
                            "plain_letters",
                            models.BooleanField(
                                default=True, verbose_name="only Latin letters in payment orders"
                            ),
                        ),
                        (
                            "service_level",
                            models.CharField(
                                blank=True, default="", max_length=4, verbose_name="service level"
                            ),
                        ),
                        (
                            "book_when",
                            models.CharField(
                                choices=[
                                    ("CONFIRMED", "when the statement shows it"),
                                    ("RELEASED", "when the order is released"),
                                ],
                                default=handup.lending.rules.banking.codes.BookWhen["CONFIRMED"],
                                max_length=10,
                                verbose_name="a loan counts as paid out",
                            ),
                        ),
                        (
                            "second_person_units",
                            models.BigIntegerField(
                                blank=True,
                                null=True,
                                verbose_name="a second person agrees to every match by hand from",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="in use")),
                    ],
                    options={
                        "ordering": ("name",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("number", "currency"), name="one_bank_account_a_number"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="LoanAccount",
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
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="accounts",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("BANK", "Bank account"), ("MOBILE", "Mobile money")],
                                default=handup.lending.rules.banking.codes.AccountKind["BANK"],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("holder", models.CharField(max_length=140, verbose_name="holder")),
                        (
                            "number",
                            handup.org.encryption.EncryptedTextField(verbose_name="account number"),
                        ),
                        (
                            "number_hash",
                            handup.org.encryption.KeyedHashField(kind="document", source="number"),
                        ),
                        (
                            "bic",
                            models.CharField(
                                blank=True, default="", max_length=11, verbose_name="BIC"
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
                    name="BankList",
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
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_lists",
                                to="lending.lender",
                                verbose_name="lender",
                            ),
                        ),
                        ("as_of_date", models.DateField(verbose_name="as of")),
                        ("file_name", models.CharField(max_length=200, verbose_name="file")),
                        ("sha256", models.CharField(max_length=64)),
                        ("columns", models.JSONField(default=dict)),
                        ("form", models.JSONField(default=dict)),
                        (
                            "brought_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("brought_date", models.DateField(verbose_name="brought on")),
                        (
                            "rows_equal",
                            models.PositiveIntegerField(default=0, verbose_name="the same"),
                        ),
                        (
                            "rows_different",
                            models.PositiveIntegerField(default=0, verbose_name="differ"),
                        ),
                        (
                            "rows_unknown",
                            models.PositiveIntegerField(default=0, verbose_name="not known here"),
                        ),
                        (
                            "rows_missing",
                            models.PositiveIntegerField(default=0, verbose_name="not in the list"),
                        ),
                        (
                            "rows_faulty",
                            models.PositiveIntegerField(default=0, verbose_name="cannot be read"),
                        ),
                    ],
                    options={
                        "verbose_name": "bank list",
                        "ordering": ("-as_of_date", "-id"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("lender", "as_of_date", "sha256"),
                                name="one_bank_list_a_day_and_content",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="BankListLine",
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
                            "bank_list",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="lending.banklist",
                            ),
                        ),
                        (
                            "row",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="row"),
                        ),
                        (
                            "key",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="number there"
                            ),
                        ),
                        (
                            "loan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_list_lines",
                                to="lending.loan",
                            ),
                        ),
                        ("theirs", models.JSONField(default=dict, verbose_name="there")),
                        ("ours", models.JSONField(default=dict, verbose_name="here")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("EQUAL", "The same"),
                                    ("DIFFERENT", "Differs"),
                                    ("UNKNOWN", "Not known here"),
                                    ("MISSING", "Not in the list"),
                                    ("FAULT", "Cannot be read"),
                                ],
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        ("differing", models.JSONField(default=list, verbose_name="what differs")),
                        (
                            "fault",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="fault"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "row of a bank list",
                        "ordering": ("bank_list", "id"),
                        "indexes": [
                            models.Index(fields=["bank_list", "state"], name="bank_list_line_state")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="BankFile",
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
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_files",
                                to="lending.lender",
                                verbose_name="lender",
                            ),
                        ),
                        ("file_name", models.CharField(max_length=200, verbose_name="file")),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "imported_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="imported by",
                            ),
                        ),
                        ("imported_date", models.DateField(verbose_name="imported on")),
                        ("rows_total", models.PositiveIntegerField(default=0, verbose_name="rows")),
                        (
                            "rows_posted",
                            models.PositiveIntegerField(default=0, verbose_name="posted"),
                        ),
                        (
                            "rows_faulty",
                            models.PositiveIntegerField(default=0, verbose_name="faults"),
                        ),
                        (
                            "posted_units",
                            models.BigIntegerField(default=0, verbose_name="amount posted"),
                        ),
                    ],
                    options={
                        "ordering": ("-imported_date", "-id"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("lender", "sha256"), name="one_bank_file_a_content"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="BankLine",
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
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="lending.bankfile",
                            ),
                        ),
                        ("row", models.PositiveIntegerField(verbose_name="row")),
                        ("raw", models.JSONField()),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("AGREED", "Agreed"),
                                    ("DISBURSED", "Disbursed"),
                                    ("REPAID", "Repaid"),
                                    ("EARLY_REPAID", "Repaid early"),
                                    ("PAID_OFF", "Paid off"),
                                    ("WITHDRAWN", "Withdrawn by the borrower"),
                                    ("GUARANTOR_PAID", "Guarantor paid"),
                                    ("MEMBER_PAID_FOR", "Paid by a group member"),
                                    ("INSURANCE_PAID", "Insurance paid"),
                                    ("SAVINGS_SET_OFF", "Savings set off"),
                                    ("CHARGED", "Charged"),
                                    ("WAIVED", "Waived"),
                                    ("RESCHEDULED", "Rescheduled"),
                                    ("RESTRUCTURED", "Restructured"),
                                    ("MORATORIUM", "Moratorium"),
                                    ("REFUNDED", "Refunded"),
                                    ("WRITTEN_OFF", "Written off"),
                                    ("RECOVERED", "Recovered after write-off"),
                                    ("REFINANCED", "Refinanced"),
                                    ("OPENING_POSITION", "Opening position"),
                                    ("TRANSFERRED", "Moved to another lender"),
                                    ("CANCELLED", "Cancelled"),
                                    ("REVERSED", "Reversed"),
                                ],
                                default="",
                                max_length=20,
                                verbose_name="what",
                            ),
                        ),
                        ("value_date", models.DateField(blank=True, null=True, verbose_name="on")),
                        (
                            "units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="amount"),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="reference"
                            ),
                        ),
                        (
                            "entry_key",
                            models.CharField(blank=True, db_index=True, default="", max_length=200),
                        ),
                        (
                            "loan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_lines",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bank_lines",
                                to="lending.loanevent",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("READY", "Ready"),
                                    ("FAULT", "Not posted: fault"),
                                    ("POSTED", "Posted"),
                                    ("ALREADY_POSTED", "Posted before"),
                                ],
                                max_length=14,
                                verbose_name="state",
                            ),
                        ),
                        ("fault_code", models.CharField(blank=True, default="", max_length=60)),
                        ("fault_column", models.CharField(blank=True, default="", max_length=60)),
                        (
                            "fault_message",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="fault"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("file", "row"),
                        "constraints": [
                            models.UniqueConstraint(fields=("file", "row"), name="one_line_a_row")
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="PayoffQuote",
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
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payoff_quotes",
                                to="lending.loan",
                            ),
                        ),
                        ("quoted_date", models.DateField(verbose_name="made on")),
                        ("valid_date", models.DateField(verbose_name="to be paid by")),
                        (
                            "quoted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("language", models.CharField(max_length=10, verbose_name="language")),
                        ("events_known", models.PositiveIntegerField(default=0)),
                        ("principal_units", models.BigIntegerField(verbose_name="principal")),
                        ("interest_units", models.BigIntegerField(verbose_name="interest")),
                        ("fee_units", models.BigIntegerField(verbose_name="fees")),
                        ("penalty_units", models.BigIntegerField(verbose_name="penalty")),
                    ],
                    options={
                        "ordering": ("-quoted_date", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Collection",
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
                        ("held_date", models.DateField(verbose_name="collected on")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("counted_units", models.BigIntegerField(verbose_name="counted")),
                        ("data_date", models.DateField(verbose_name="the sheet was of")),
                        (
                            "officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="officer",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="groups.group",
                                verbose_name="centre",
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
                                verbose_name="village",
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
                                verbose_name="office",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="recorded by",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-held_date", "-id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("counted_units__gte", 0)),
                                name="collection_not_below_zero",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="CollectionLine",
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
                            "collection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="lending.collection",
                            ),
                        ),
                        (
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="collected",
                                to="lending.loan",
                            ),
                        ),
                        ("units", models.BigIntegerField(default=0, verbose_name="paid")),
                        ("absent", models.BooleanField(default=False, verbose_name="absent")),
                        (
                            "event",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="collected",
                                to="lending.loanevent",
                            ),
                        ),
                        (
                            "stray",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="collected",
                                to="lending.straycash",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("collection", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("collection", "loan"),
                                name="one_line_a_loan_of_a_collection",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("event__isnull", False), ("stray", None), ("units__gt", 0)
                                    ),
                                    models.Q(
                                        ("event", None), ("stray__isnull", False), ("units__gt", 0)
                                    ),
                                    models.Q(
                                        ("absent", True),
                                        ("event", None),
                                        ("stray", None),
                                        ("units", 0),
                                    ),
                                    _connector="OR",
                                ),
                                name="collection_line_paid_or_absent",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ApplicationDocument",
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
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="lending.application",
                            ),
                        ),
                        ("kind", models.CharField(max_length=80, verbose_name="what it is")),
                        (
                            "number",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="number on it"
                            ),
                        ),
                        ("seen_date", models.DateField(verbose_name="seen on")),
                        (
                            "seen_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="seen by",
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="org.storedfile",
                                verbose_name="file",
                            ),
                        ),
                        (
                            "set_aside_date",
                            models.DateField(blank=True, null=True, verbose_name="set aside on"),
                        ),
                        (
                            "set_aside_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "set_aside_reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="why set aside"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("application", "seen_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="DecisionCondition",
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
                            "decision",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="to_meet",
                                to="lending.decision",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="number")),
                        ("text", models.CharField(max_length=300, verbose_name="condition")),
                        (
                            "before",
                            models.CharField(
                                choices=[("SIGNING", "Signing"), ("PAY_OUT", "Paying out")],
                                max_length=8,
                                verbose_name="to be met before",
                            ),
                        ),
                        (
                            "met_date",
                            models.DateField(blank=True, null=True, verbose_name="met on"),
                        ),
                        (
                            "met_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "document",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="paper"
                            ),
                        ),
                        (
                            "paper",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="met",
                                to="lending.applicationdocument",
                            ),
                        ),
                        (
                            "lifted_date",
                            models.DateField(blank=True, null=True, verbose_name="lifted on"),
                        ),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "lift_reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="why lifted"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("decision", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("decision", "number"), name="one_condition_a_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("met_date", None), ("lifted_date", None), _connector="OR"
                                ),
                                name="condition_met_or_lifted",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="GuaranteeCall",
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
                            "guarantee",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calls",
                                to="lending.guarantee",
                            ),
                        ),
                        (
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="guarantee_calls",
                                to="lending.loan",
                            ),
                        ),
                        ("called_date", models.DateField(verbose_name="called on")),
                        ("units", models.BigIntegerField(verbose_name="called for")),
                        (
                            "principal_units",
                            models.BigIntegerField(verbose_name="principal owed then"),
                        ),
                        (
                            "arrears_days",
                            models.PositiveIntegerField(verbose_name="days late then"),
                        ),
                        (
                            "cover_bps",
                            models.PositiveIntegerField(verbose_name="cover, 1/100 of a percent"),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=60,
                                verbose_name="the bank's letter",
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
                        (
                            "withdrawn_date",
                            models.DateField(blank=True, null=True, verbose_name="withdrawn on"),
                        ),
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "withdrawn_reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-called_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("units__gt", 0)),
                                name="guarantee_call_above_zero",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="GuaranteeMove",
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
                            "call",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="moves",
                                to="lending.guaranteecall",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("PAID", "paid to the bank"),
                                    ("RECOVERED", "came back from the bank"),
                                    ("REVERSED", "taken back"),
                                ],
                                max_length=9,
                                verbose_name="what",
                            ),
                        ),
                        ("value_date", models.DateField(verbose_name="on")),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        (
                            "recovered_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="recovered by the bank"
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("CASH", "Cash"),
                                    ("BANK", "Bank"),
                                    ("MOBILE", "Mobile money"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="how",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="reference"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
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
                        (
                            "reverses",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversed_by",
                                to="lending.guaranteemove",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("value_date", "recorded_at", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("units", 0), _negated=True),
                                name="guarantee_move_not_zero",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="SavingsAccount",
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
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="people.person",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "enterprise",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="people.enterprise",
                                verbose_name="enterprise",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="groups.group",
                                verbose_name="group",
                            ),
                        ),
                        (
                            "code",
                            models.CharField(max_length=20, unique=True, verbose_name="number"),
                        ),
                        (
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="savings_accounts",
                                to="lending.lender",
                                verbose_name="lender",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="savings_accounts",
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
                                verbose_name="office",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="loan officer",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("opened_date", models.DateField(verbose_name="opened on")),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "savings account",
                        "ordering": ("-id",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("enterprise__isnull", True),
                                        ("group__isnull", True),
                                        ("person__isnull", False),
                                    ),
                                    models.Q(
                                        ("enterprise__isnull", False),
                                        ("group__isnull", True),
                                        ("person__isnull", True),
                                    ),
                                    models.Q(
                                        ("enterprise__isnull", True),
                                        ("group__isnull", False),
                                        ("person__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="savings_of_one_saver",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("person__isnull", False)),
                                fields=("lender", "person", "currency"),
                                name="one_savings_account_a_person",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("enterprise__isnull", False)),
                                fields=("lender", "enterprise", "currency"),
                                name="one_savings_account_a_enterprise",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("group__isnull", False)),
                                fields=("lender", "group", "currency"),
                                name="one_savings_account_a_group",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="SavingsMove",
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
                                related_name="moves",
                                to="lending.savingsaccount",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("PAID_IN", "Paid in"),
                                    ("SAVED", "Saved with an instalment"),
                                    ("BOUND", "Put behind a loan"),
                                    ("TAKEN_OVER", "Taken over from the older book"),
                                    ("SET_OFF", "Set off against the loan"),
                                    ("PAID_OUT", "Paid out"),
                                    ("REVERSED", "Taken back"),
                                ],
                                max_length=10,
                                verbose_name="what",
                            ),
                        ),
                        (
                            "loan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="savings",
                                to="lending.loan",
                                verbose_name="loan",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="savings",
                                to="lending.loanevent",
                            ),
                        ),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        ("value_date", models.DateField(verbose_name="on")),
                        (
                            "method",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("CASH", "Cash"),
                                    ("BANK", "Bank"),
                                    ("MOBILE", "Mobile money"),
                                    ("SUSPENSE", "Bank, matched later"),
                                    ("INTERBOOK", "Between our books"),
                                    ("SAVINGS", "From savings"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="reference"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
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
                        (
                            "agreed_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="the saver agreed on"
                            ),
                        ),
                        (
                            "reverses",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversed_by",
                                to="lending.savingsmove",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "movement of savings",
                        "ordering": ("value_date", "id"),
                        "indexes": [
                            models.Index(fields=["account", "value_date"], name="savings_move_date")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("units", 0), _negated=True),
                                name="savings_move_not_zero",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EarlierRecord",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("SAVINGS_IN", "Savings paid in"),
                                    ("SAVINGS_OUT", "Savings paid out"),
                                    ("SAVINGS_REVERSED", "Savings taken back"),
                                    ("GUARANTEE_PAID", "A guarantee's payment to the bank"),
                                    ("GUARANTEE_RECOVERED", "Money back from the bank"),
                                    ("GUARANTEE_REVERSED", "Money of a guarantee taken back"),
                                    ("COLLECTION", "Collection"),
                                    ("REPAID_AGAIN", "A repayment that looks recorded already"),
                                    (
                                        "COLLECTION_AGAIN",
                                        "A collection that looks recorded already",
                                    ),
                                    ("GRANT_PAID", "A tranche of a grant paid"),
                                    ("GRANT_TAKEN_BACK", "A payment of a grant taken back"),
                                    ("GRANT_HANDED_OVER", "A thing of a grant handed over"),
                                ],
                                max_length=19,
                                verbose_name="what",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="earlier",
                                to="lending.savingsaccount",
                            ),
                        ),
                        (
                            "call",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="earlier",
                                to="lending.guaranteecall",
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
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.organisation",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        ("value_date", models.DateField(verbose_name="on")),
                        ("payload", models.JSONField(blank=True, default=dict)),
                        ("reason", models.CharField(max_length=300, verbose_name="reason")),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("proposed_date", models.DateField(verbose_name="proposed on")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "Proposed"),
                                    ("APPROVED", "Approved"),
                                    ("DECLINED", "Declined"),
                                ],
                                default=handup.lending.rules.codes.ProposalState["PROPOSED"],
                                max_length=10,
                                verbose_name="state",
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
                        (
                            "decided_date",
                            models.DateField(blank=True, null=True, verbose_name="decided on"),
                        ),
                        (
                            "decided_reason",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="why it was decided so",
                            ),
                        ),
                        ("made", models.UUIDField(blank=True, editable=False, null=True)),
                    ],
                    options={
                        "ordering": ("proposed_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("account", None), ("call", None), _connector="OR"
                                ),
                                name="earlier_of_one_record",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "SAVINGS_OUT"), ("state", "PROPOSED")),
                                fields=("account",),
                                name="one_savings_out_waits",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("kind", "GUARANTEE_PAID"), ("state", "PROPOSED")
                                ),
                                fields=("call",),
                                name="one_guarantee_paid_waits",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ArrearsContact",
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
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contacts",
                                to="lending.loan",
                            ),
                        ),
                        ("contact_date", models.DateField(verbose_name="on")),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("CALL", "Telephone"),
                                    ("VISIT", "Visit"),
                                    ("OFFICE", "At the office"),
                                    ("MEETING", "Group meeting"),
                                    ("LETTER", "Letter or notice"),
                                ],
                                max_length=8,
                                verbose_name="how",
                            ),
                        ),
                        (
                            "spoke_with",
                            models.CharField(
                                choices=[
                                    ("BORROWER", "the borrower"),
                                    ("HOUSEHOLD", "somebody of the household"),
                                    ("GUARANTOR", "a guarantor"),
                                    ("GROUP", "the group"),
                                    ("NOBODY", "nobody"),
                                ],
                                max_length=10,
                                verbose_name="spoke with",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="who spoke",
                            ),
                        ),
                        (
                            "note",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="what was said"
                            ),
                        ),
                        (
                            "promised_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="promised"),
                        ),
                        (
                            "promised_date",
                            models.DateField(blank=True, null=True, verbose_name="promised for"),
                        ),
                        (
                            "next_step",
                            models.CharField(
                                choices=[
                                    ("NONE", "None"),
                                    ("CALL", "Call again"),
                                    ("VISIT", "Visit"),
                                    ("LETTER", "Bring a printed notice"),
                                    ("OTHERS", "Call who answers for the loan"),
                                    ("RESCHEDULE", "Talk about new terms"),
                                    ("WRITE_OFF", "Propose write-off"),
                                ],
                                default="NONE",
                                max_length=10,
                                verbose_name="next step",
                            ),
                        ),
                        (
                            "next_date",
                            models.DateField(blank=True, null=True, verbose_name="next step on"),
                        ),
                    ],
                    options={
                        "ordering": ("-contact_date", "-recorded_at"),
                        "indexes": [
                            models.Index(fields=["promised_date"], name="contact_promised_date"),
                            models.Index(fields=["next_date"], name="contact_next_date"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("promised_date", None), ("promised_units", None)),
                                    models.Q(
                                        ("promised_date__isnull", False), ("promised_units__gt", 0)
                                    ),
                                    _connector="OR",
                                ),
                                name="contact_whole_promise",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EnterpriseGrant",
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
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="people.person",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "enterprise",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="people.enterprise",
                                verbose_name="enterprise",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="groups.group",
                                verbose_name="group",
                            ),
                        ),
                        (
                            "code",
                            models.CharField(max_length=20, unique=True, verbose_name="number"),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
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
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("purpose", models.CharField(max_length=200, verbose_name="purpose")),
                        (
                            "criteria_met",
                            handup.org.encryption.EncryptedJSONField(
                                blank=True, default=list, verbose_name="criteria met"
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("approved_units", models.BigIntegerField(verbose_name="approved")),
                        (
                            "book",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to="ledger.book",
                                verbose_name="book",
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                default=uuid.UUID("00000000-0000-7000-8000-000000000001"),
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to="ledger.fund",
                                verbose_name="fund",
                            ),
                        ),
                        (
                            "pathway",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to="lending.pathwayenrolment",
                                verbose_name="on the pathway",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "Proposed"),
                                    ("APPROVED", "Approved"),
                                    ("DECLINED", "Declined"),
                                ],
                                default="APPROVED",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proposed_date",
                            models.DateField(blank=True, null=True, verbose_name="proposed on"),
                        ),
                        (
                            "approved_date",
                            models.DateField(blank=True, null=True, verbose_name="decided on"),
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
                            "decision_reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-approved_date",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("enterprise__isnull", True),
                                        ("group__isnull", False),
                                        ("person__isnull", True),
                                    ),
                                    models.Q(("group__isnull", True), ("person__isnull", False)),
                                    models.Q(
                                        ("enterprise__isnull", False), ("group__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="grant_one_receiver",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("approved_units__gt", 0)),
                                name="grant_amount_above_zero",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="GrantTranche",
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
                            "grant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tranches",
                                to="lending.enterprisegrant",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="tranche")),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        ("planned_date", models.DateField(verbose_name="planned for")),
                        (
                            "condition",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="condition"
                            ),
                        ),
                        (
                            "condition_met_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="condition met on"
                            ),
                        ),
                        (
                            "condition_met_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "condition_document",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="paper"
                            ),
                        ),
                        (
                            "paid_date",
                            models.DateField(blank=True, null=True, verbose_name="paid on"),
                        ),
                        (
                            "paid_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("CASH", "Cash"),
                                    ("BANK", "Bank"),
                                    ("MOBILE", "Mobile money"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="how",
                            ),
                        ),
                        ("payment", models.UUIDField(blank=True, editable=False, null=True)),
                        (
                            "receipt",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="receipt"
                            ),
                        ),
                        (
                            "use_checked_date",
                            models.DateField(blank=True, null=True, verbose_name="use checked on"),
                        ),
                        (
                            "use_checked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "use_as_agreed",
                            models.BooleanField(
                                blank=True, null=True, verbose_name="used as agreed"
                            ),
                        ),
                        (
                            "use_note",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="note"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("grant", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("grant", "number"), name="one_tranche_a_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("units__gt", 0)),
                                name="tranche_amount_above_zero",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="AssetTransfer",
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
                            "grant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assets",
                                to="lending.enterprisegrant",
                            ),
                        ),
                        ("description", models.CharField(max_length=200, verbose_name="what")),
                        (
                            "quantity",
                            models.PositiveIntegerField(default=1, verbose_name="how many"),
                        ),
                        ("value_units", models.BigIntegerField(verbose_name="value")),
                        (
                            "handed_over_date",
                            models.DateField(blank=True, null=True, verbose_name="handed over on"),
                        ),
                        (
                            "handed_over_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("CASH", "Cash"),
                                    ("BANK", "Bank"),
                                    ("MOBILE", "Mobile money"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="bought by",
                            ),
                        ),
                        ("payment", models.UUIDField(blank=True, editable=False, null=True)),
                        (
                            "receipt",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="receipt"
                            ),
                        ),
                        (
                            "checked_date",
                            models.DateField(blank=True, null=True, verbose_name="checked on"),
                        ),
                        (
                            "checked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "still_held",
                            models.BooleanField(blank=True, null=True, verbose_name="still held"),
                        ),
                        (
                            "check_note",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="note"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-handed_over_date",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="OldBook",
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
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="old_books",
                                to="lending.lender",
                                verbose_name="lender",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="old_books",
                                to="projects.programme",
                                verbose_name="programme",
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
                                verbose_name="office",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="loan officer",
                            ),
                        ),
                        ("terms", models.JSONField(verbose_name="convention")),
                        (
                            "due_days",
                            models.CharField(
                                choices=[
                                    ("BY_TERMS", "worked out by the terms"),
                                    ("AS_LISTED", "taken from the listed schedules"),
                                ],
                                default=handup.lending.rules.old_book.DueDays["BY_TERMS"],
                                max_length=10,
                                verbose_name="due dates",
                            ),
                        ),
                        (
                            "interest_basis",
                            models.CharField(
                                choices=[
                                    ("ACCRUED", "earned and not paid, day by day"),
                                    ("DUE", "fallen due and not paid"),
                                    ("NONE", "none: interest counts when it is paid"),
                                ],
                                default=handup.lending.rules.old_book.InterestBasis["ACCRUED"],
                                max_length=10,
                                verbose_name="interest receivable",
                            ),
                        ),
                        (
                            "contra_role",
                            models.CharField(
                                choices=[
                                    ("CAPITAL", "Paid-in capital"),
                                    ("RETAINED", "Kept from earlier years"),
                                    ("BORROWINGS", "Borrowed from banks and investors"),
                                    ("GRANT_DEFERRED", "Grants not yet earned"),
                                ],
                                max_length=40,
                                verbose_name="lent from",
                            ),
                        ),
                        ("cutover_date", models.DateField(verbose_name="as of")),
                        (
                            "form",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="how its files are written"
                            ),
                        ),
                        (
                            "columns",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="columns matched by hand"
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
                            "file_name",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="file"
                            ),
                        ),
                        ("sha256", models.CharField(blank=True, default="", max_length=64)),
                        (
                            "unknown",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="columns not known"
                            ),
                        ),
                        (
                            "fault_count",
                            models.PositiveIntegerField(default=0, verbose_name="faults"),
                        ),
                        (
                            "faults",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="faults with their cells"
                            ),
                        ),
                        (
                            "controls",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                verbose_name="totals of the old trial balance",
                            ),
                        ),
                        (
                            "sample_size",
                            models.PositiveIntegerField(default=0, verbose_name="tried"),
                        ),
                        (
                            "tried_date",
                            models.DateField(blank=True, null=True, verbose_name="tried on"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("OPEN", "Being prepared"),
                                    ("PROPOSED", "Waits for a second signature"),
                                    ("SIGNED", "Taken over"),
                                    ("UNDONE", "Taken back"),
                                ],
                                default=handup.lending.rules.old_book.OldBookState["OPEN"],
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proposed_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="first signature on"
                            ),
                        ),
                        (
                            "signed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "signed_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="second signature on"
                            ),
                        ),
                        (
                            "entry",
                            models.UUIDField(blank=True, null=True, verbose_name="opening journal"),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "undone_date",
                            models.DateField(blank=True, null=True, verbose_name="taken back on"),
                        ),
                        (
                            "undo_reason",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="why taken back",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "old portfolio",
                        "ordering": ("-id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="OldLoan",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="loans",
                                to="lending.oldbook",
                            ),
                        ),
                        ("place", models.PositiveIntegerField(verbose_name="row")),
                        ("key", models.CharField(max_length=60, verbose_name="number there")),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="groups.group",
                            ),
                        ),
                        (
                            "fund",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.fund",
                            ),
                        ),
                        ("units", models.BigIntegerField(verbose_name="lent")),
                        ("disbursed_date", models.DateField(verbose_name="paid out on")),
                        (
                            "status",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="status there"
                            ),
                        ),
                        (
                            "terms",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="terms of its own"
                            ),
                        ),
                        (
                            "told",
                            models.JSONField(blank=True, default=dict, verbose_name="totals told"),
                        ),
                        (
                            "rows",
                            models.JSONField(
                                blank=True, default=list, verbose_name="listed schedule"
                            ),
                        ),
                        (
                            "payments",
                            models.JSONField(
                                blank=True, default=list, verbose_name="listed payments"
                            ),
                        ),
                        (
                            "proof",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("EQUAL", "Equal to the unit"),
                                    ("DIFFERENT", "Differs"),
                                    ("NOT_MADE", "No schedule can be made"),
                                    ("NOTHING_LISTED", "Nothing to compare with"),
                                ],
                                default="",
                                max_length=14,
                                verbose_name="try",
                            ),
                        ),
                        (
                            "differences",
                            models.PositiveIntegerField(default=0, verbose_name="rows that differ"),
                        ),
                        (
                            "first",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="first row that differs"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="why not made"
                            ),
                        ),
                        (
                            "way",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("PRESET", "By its terms, with its history"),
                                    ("OPENING", "As it stands on the day"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="comes in",
                            ),
                        ),
                        (
                            "position",
                            models.JSONField(
                                blank=True, default=dict, verbose_name="position on the day"
                            ),
                        ),
                        (
                            "loan",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="old_loan",
                                to="lending.loan",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "loan of an old portfolio",
                        "ordering": ("book", "place"),
                        "indexes": [
                            models.Index(fields=["book", "proof", "way"], name="old_loan_proof")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("book", "key"), name="one_old_loan_a_number"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CreditPassport",
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
                                related_name="credit_passports",
                                to="people.person",
                            ),
                        ),
                        (
                            "address",
                            models.CharField(max_length=13, unique=True, verbose_name="address"),
                        ),
                        (
                            "printed_name",
                            models.CharField(max_length=60, verbose_name="name as printed"),
                        ),
                        ("requested_date", models.DateField(verbose_name="asked for on")),
                        (
                            "requested_how",
                            models.CharField(
                                choices=[
                                    ("SIGNATURE", "signature"),
                                    ("MARK", "mark or fingerprint"),
                                    ("VOICE", "recorded voice"),
                                    ("WITNESSED", "spoken before a witness"),
                                ],
                                max_length=9,
                                verbose_name="how",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="paper"
                            ),
                        ),
                        ("issued_date", models.DateField(verbose_name="issued on")),
                        ("valid_to", models.DateField(verbose_name="valid until")),
                        ("code_text", models.TextField(verbose_name="text of the code")),
                        (
                            "signing_key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
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
                            "withdrawn_date",
                            models.DateField(blank=True, null=True, verbose_name="withdrawn on"),
                        ),
                        (
                            "withdrawn_by",
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
                        "verbose_name": "credit passport",
                        "ordering": ("-issued_date", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Pathway",
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
                                related_name="pathways",
                                to="projects.programme",
                                verbose_name="programme",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "closed_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="takes nobody in since"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("name", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "name"), name="one_pathway_a_name"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="PathwayVersion",
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
                            "pathway",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="lending.pathway",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="version")),
                        ("criteria", models.JSONField(default=list, verbose_name="criteria")),
                        ("needed", models.PositiveIntegerField(verbose_name="criteria to be met")),
                        ("from_date", models.DateField(verbose_name="for those who come in from")),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("pathway", "-number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("pathway", "number"), name="one_pathway_version"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="PathwayEnrolment",
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
                            "code",
                            models.CharField(max_length=20, unique=True, verbose_name="number"),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="enrolments",
                                to="lending.pathwayversion",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.programme",
                                verbose_name="programme",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pathway_enrolments",
                                to="people.person",
                                verbose_name="person",
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
                                verbose_name="office",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="officer",
                            ),
                        ),
                        ("enrolled_date", models.DateField(verbose_name="on the pathway since")),
                        (
                            "enrolled_by",
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
                                    ("RUNNING", "On the way"),
                                    ("GRADUATED", "Graduated"),
                                    ("LEFT", "Left"),
                                ],
                                default="RUNNING",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "ended_date",
                            models.DateField(blank=True, null=True, verbose_name="ended on"),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "end_reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="why it ended"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-enrolled_date", "-id"),
                        "indexes": [
                            models.Index(fields=["person", "state"], name="enrolment_person_state")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_date", None), ("state", "RUNNING")),
                                    models.Q(
                                        models.Q(("state", "RUNNING"), _negated=True),
                                        ("ended_date__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="enrolment_ended_on_a_day",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "RUNNING")),
                                fields=("person", "programme"),
                                name="one_running_pathway_in_a_programme",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PathwayCheck",
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
                                related_name="checks",
                                to="lending.pathwayenrolment",
                            ),
                        ),
                        ("check_date", models.DateField(verbose_name="seen on")),
                        (
                            "checked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="seen by",
                            ),
                        ),
                        ("findings", models.JSONField(default=dict, verbose_name="what was found")),
                        (
                            "note",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="note"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-check_date", "-recorded_at", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="GraduationDecision",
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
                                related_name="graduations",
                                to="lending.pathwayenrolment",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "Proposed"),
                                    ("APPROVED", "Approved"),
                                    ("DECLINED", "Declined"),
                                ],
                                default="PROPOSED",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("proposed_date", models.DateField(verbose_name="proposed on")),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proposal_note",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="note"
                            ),
                        ),
                        (
                            "reasons",
                            models.JSONField(default=list, verbose_name="criterion by criterion"),
                        ),
                        (
                            "decided_date",
                            models.DateField(blank=True, null=True, verbose_name="decided on"),
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
                        (
                            "decision_reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-proposed_date", "-id"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "PROPOSED")),
                                fields=("enrolment",),
                                name="one_graduation_waits",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="LoanTranche",
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
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tranches",
                                to="lending.loan",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="part")),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        ("planned_date", models.DateField(verbose_name="planned for")),
                        (
                            "condition",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="condition"
                            ),
                        ),
                        (
                            "met_date",
                            models.DateField(blank=True, null=True, verbose_name="met on"),
                        ),
                        (
                            "met_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "document",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="paper"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("loan", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("loan", "number"), name="one_part_of_a_loan_a_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("units__gt", 0)), name="tranche_above_zero"
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentBatch",
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
                                related_name="payment_batches",
                                to="lending.bankaccount",
                                verbose_name="account",
                            ),
                        ),
                        (
                            "message_id",
                            models.CharField(max_length=35, unique=True, verbose_name="message"),
                        ),
                        (
                            "version",
                            models.CharField(
                                choices=[
                                    ("001.001.09", "pain.001.001.09 (today's)"),
                                    ("001.001.03", "pain.001.001.03 (older)"),
                                ],
                                max_length=12,
                                verbose_name="form",
                            ),
                        ),
                        ("execution_date", models.DateField(verbose_name="to be paid on")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "Draft"),
                                    ("CHECKED", "Checked"),
                                    ("RELEASED", "Released"),
                                    ("SENT", "Sent to the bank"),
                                    ("ACCEPTED", "Accepted by the bank"),
                                    ("PARTLY", "Accepted in part"),
                                    ("REJECTED", "Rejected by the bank"),
                                    ("CONFIRMED", "Paid"),
                                    ("CANCELLED", "Cancelled"),
                                ],
                                default=handup.lending.rules.banking.codes.BatchState["DRAFT"],
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "orders_total",
                            models.PositiveIntegerField(default=0, verbose_name="payments"),
                        ),
                        ("total_units", models.BigIntegerField(default=0, verbose_name="total")),
                        (
                            "prepared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="prepared by",
                            ),
                        ),
                        ("prepared_date", models.DateField(verbose_name="prepared on")),
                        (
                            "checked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "released_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "released_date",
                            models.DateField(blank=True, null=True, verbose_name="released on"),
                        ),
                        (
                            "released_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="released at"),
                        ),
                        (
                            "sha256",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=64,
                                verbose_name="fingerprint of the file",
                            ),
                        ),
                        (
                            "answer_code",
                            models.CharField(
                                blank=True, default="", max_length=10, verbose_name="answer"
                            ),
                        ),
                        (
                            "answer_text",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="answer in words",
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
                    name="PaymentOrder",
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
                            "batch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="orders",
                                to="lending.paymentbatch",
                            ),
                        ),
                        (
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payment_orders",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "tranche",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payment_orders",
                                to="lending.loantranche",
                            ),
                        ),
                        ("row", models.PositiveIntegerField(verbose_name="number")),
                        (
                            "end_to_end",
                            models.CharField(
                                max_length=35, unique=True, verbose_name="number of the payment"
                            ),
                        ),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        ("creditor_name", models.CharField(max_length=140, verbose_name="to")),
                        (
                            "creditor_account",
                            handup.org.encryption.EncryptedTextField(verbose_name="account"),
                        ),
                        (
                            "creditor_bic",
                            models.CharField(
                                blank=True, default="", max_length=11, verbose_name="BIC"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("WAITING", "Waiting"),
                                    ("SENT", "Sent"),
                                    ("ACCEPTED", "Accepted"),
                                    ("REJECTED", "Rejected"),
                                    ("CONFIRMED", "Paid"),
                                    ("RETURNED", "Came back"),
                                    ("CANCELLED", "Cancelled"),
                                ],
                                default=handup.lending.rules.banking.codes.OrderState["WAITING"],
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "answer_code",
                            models.CharField(
                                blank=True, default="", max_length=10, verbose_name="answer"
                            ),
                        ),
                        (
                            "answer_text",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="answer in words",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payment_orders",
                                to="lending.loanevent",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("batch", "row"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["ACCEPTED", "SENT", "WAITING"])),
                                fields=("loan",),
                                name="one_live_order_a_loan",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("units__gt", 0)),
                                name="payment_order_above_zero",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="PremiumInsurer",
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
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="insurers",
                                to="lending.lender",
                            ),
                        ),
                        ("fee_code", models.CharField(max_length=40, verbose_name="fee")),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.organisation",
                                verbose_name="insurer",
                            ),
                        ),
                        (
                            "named_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("lender", "fee_code", "-recorded_at"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="PremiumPayment",
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
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="premium_payments",
                                to="lending.lender",
                            ),
                        ),
                        (
                            "insurer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.organisation",
                                verbose_name="insurer",
                            ),
                        ),
                        ("through_date", models.DateField(verbose_name="of loans paid out until")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        (
                            "prepared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("prepared_date", models.DateField(verbose_name="put together on")),
                        (
                            "paid_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "paid_date",
                            models.DateField(blank=True, null=True, verbose_name="handed on on"),
                        ),
                        (
                            "method",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("CASH", "Cash"),
                                    ("BANK", "Bank"),
                                    ("MOBILE", "Mobile money"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="how",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="reference"
                            ),
                        ),
                        (
                            "taken_back_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "taken_back_date",
                            models.DateField(blank=True, null=True, verbose_name="taken back on"),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-prepared_date", "-id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("units__gt", 0)),
                                name="premium_payment_above_zero",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("paid_date", None), ("taken_back_date", None)),
                                fields=("lender", "insurer"),
                                name="one_premium_payment_waits",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="PremiumLine",
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
                            "payment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="lending.premiumpayment",
                            ),
                        ),
                        (
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="premium_lines",
                                to="lending.loan",
                            ),
                        ),
                        ("fee_code", models.CharField(max_length=40, verbose_name="fee")),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                    ],
                    options={
                        "ordering": ("payment", "loan", "fee_code"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("payment", "loan", "fee_code"),
                                name="one_premium_line_a_fee",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ProvisionTable",
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
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="provision_tables",
                                to="lending.lender",
                            ),
                        ),
                        ("effective_date", models.DateField(verbose_name="counts from")),
                        ("buckets", models.JSONField(verbose_name="shares by days late")),
                        (
                            "stated_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-effective_date", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="RatioRecord",
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
                        ("ratio", models.CharField(max_length=20, verbose_name="ratio")),
                        ("parameter", models.PositiveIntegerField(blank=True, null=True)),
                        (
                            "lender",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="lending.lender",
                                verbose_name="lender",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("starts", models.DateField(blank=True, null=True, verbose_name="from")),
                        ("cut_off", models.DateField(verbose_name="as of")),
                        ("numerator", models.BigIntegerField()),
                        ("denominator", models.BigIntegerField()),
                        ("numerator_loans", models.PositiveIntegerField(default=0)),
                        ("loans", models.PositiveIntegerField(default=0)),
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
                        "ordering": ("-cut_off", "ratio", "parameter"),
                        "indexes": [
                            models.Index(fields=["ratio", "cut_off"], name="lending_ratio_cut_off")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Guarantor",
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
                            "application",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="guarantors",
                                to="lending.application",
                            ),
                        ),
                        (
                            "loan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="guarantors",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="guarantees",
                                to="people.person",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loan_guarantees",
                                to="projects.organisation",
                                verbose_name="organisation",
                            ),
                        ),
                        (
                            "cap_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="answers for at most"
                            ),
                        ),
                        (
                            "share_bps",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="share of the loan"
                            ),
                        ),
                        (
                            "place",
                            models.PositiveIntegerField(default=1, verbose_name="called as number"),
                        ),
                        (
                            "order",
                            models.CharField(
                                choices=[
                                    ("IN_ORDER", "One after the other"),
                                    ("PRO_RATA", "Together, by what each answers for"),
                                ],
                                default="IN_ORDER",
                                max_length=10,
                                verbose_name="how guarantors are called",
                            ),
                        ),
                        ("agreed_date", models.DateField(verbose_name="agreed on")),
                        (
                            "agreed_how",
                            models.CharField(
                                choices=[
                                    ("SIGNATURE", "signature"),
                                    ("MARK", "mark or fingerprint"),
                                    ("VOICE", "recorded voice"),
                                    ("WITNESSED", "spoken before a witness"),
                                ],
                                max_length=9,
                                verbose_name="how",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="paper"
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
                        (
                            "released_date",
                            models.DateField(blank=True, null=True, verbose_name="released on"),
                        ),
                        (
                            "released_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "release_reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="why released"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("application", "place", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("application__isnull", False), ("loan__isnull", True)
                                    ),
                                    models.Q(
                                        ("application__isnull", True), ("loan__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="guarantor_of_application_or_loan",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("organisation__isnull", True), ("person__isnull", False)
                                    ),
                                    models.Q(
                                        ("organisation__isnull", False), ("person__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="guarantor_person_or_organisation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("cap_units__gt", 0), ("share_bps__isnull", True)),
                                    models.Q(
                                        ("cap_units__isnull", True),
                                        ("share_bps__gt", 0),
                                        ("share_bps__lte", 10000),
                                    ),
                                    _connector="OR",
                                ),
                                name="guarantor_cap_or_share",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("released_date", None)),
                                fields=("application", "person"),
                                name="one_guarantee_a_person",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("loan__isnull", False), ("released_date", None)
                                ),
                                fields=("loan", "person"),
                                name="one_guarantee_a_person_and_loan",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Collateral",
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
                            "application",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="collateral",
                                to="lending.application",
                            ),
                        ),
                        (
                            "loan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="collateral",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("LAND", "Land"),
                                    ("BUILDING", "Building"),
                                    ("VEHICLE", "Vehicle"),
                                    ("MACHINE", "Machine or tool"),
                                    ("LIVESTOCK", "Livestock"),
                                    ("STOCK", "Goods in stock"),
                                    ("DEPOSIT", "Money deposited"),
                                    ("OTHER", "Something else"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "description",
                            models.CharField(max_length=200, verbose_name="what it is"),
                        ),
                        ("value_units", models.BigIntegerField(verbose_name="value")),
                        ("valued_date", models.DateField(verbose_name="valued on")),
                        (
                            "haircut_bps",
                            models.PositiveIntegerField(default=0, verbose_name="haircut"),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pledges",
                                to="people.person",
                                verbose_name="owner",
                            ),
                        ),
                        (
                            "owner_name",
                            models.CharField(
                                blank=True, default="", max_length=160, verbose_name="owner's name"
                            ),
                        ),
                        ("agreed_date", models.DateField(verbose_name="owner agreed on")),
                        (
                            "agreed_how",
                            models.CharField(
                                choices=[
                                    ("SIGNATURE", "signature"),
                                    ("MARK", "mark or fingerprint"),
                                    ("VOICE", "recorded voice"),
                                    ("WITNESSED", "spoken before a witness"),
                                ],
                                max_length=9,
                                verbose_name="how",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="paper"
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
                        (
                            "released_date",
                            models.DateField(blank=True, null=True, verbose_name="released on"),
                        ),
                        (
                            "released_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "release_reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="why released"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("application", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("application__isnull", False), ("loan__isnull", True)
                                    ),
                                    models.Q(
                                        ("application__isnull", True), ("loan__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="collateral_of_application_or_loan",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("value_units__gt", 0)),
                                name="collateral_value_above_zero",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("haircut_bps__lte", 10000)),
                                name="collateral_haircut_at_most_whole",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="JointGroup",
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
                            "code",
                            models.CharField(max_length=20, unique=True, verbose_name="number"),
                        ),
                        ("name", models.CharField(max_length=160, verbose_name="name")),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="joint_groups",
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
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="officer",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="joint_groups",
                                to="groups.group",
                                verbose_name="group",
                            ),
                        ),
                        ("formed_date", models.DateField(verbose_name="formed on")),
                        (
                            "call_days",
                            models.PositiveIntegerField(
                                default=30, verbose_name="others are called after days"
                            ),
                        ),
                        (
                            "stop_days",
                            models.PositiveIntegerField(
                                default=30, verbose_name="new loans stop after days"
                            ),
                        ),
                        (
                            "closed_date",
                            models.DateField(blank=True, null=True, verbose_name="closed on"),
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
                        "ordering": ("name", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="JointMember",
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
                            "joint_group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="lending.jointgroup",
                            ),
                        ),
                        (
                            "application",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="joint",
                                to="lending.application",
                            ),
                        ),
                        (
                            "cap_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="answers for at most"
                            ),
                        ),
                        ("agreed_date", models.DateField(verbose_name="agreed on")),
                        (
                            "agreed_how",
                            models.CharField(
                                choices=[
                                    ("SIGNATURE", "signature"),
                                    ("MARK", "mark or fingerprint"),
                                    ("VOICE", "recorded voice"),
                                    ("WITNESSED", "spoken before a witness"),
                                ],
                                max_length=9,
                                verbose_name="how",
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
                        "ordering": ("joint_group", "recorded_at", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cap_units", None), ("cap_units__gt", 0), _connector="OR"
                                ),
                                name="joint_cap_above_zero",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="SecurityCall",
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
                            "loan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="security_calls",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "guarantor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calls",
                                to="lending.guarantor",
                            ),
                        ),
                        (
                            "member",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calls",
                                to="lending.jointmember",
                            ),
                        ),
                        ("units", models.BigIntegerField(verbose_name="called for")),
                        ("shortfall_units", models.BigIntegerField(verbose_name="shortfall")),
                        ("called_date", models.DateField(verbose_name="called on")),
                        ("due_date", models.DateField(verbose_name="to be paid by")),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
                            ),
                        ),
                        (
                            "called_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "withdrawn_date",
                            models.DateField(blank=True, null=True, verbose_name="withdrawn on"),
                        ),
                    ],
                    options={
                        "ordering": ("-called_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("guarantor__isnull", False), ("member__isnull", True)
                                    ),
                                    models.Q(
                                        ("guarantor__isnull", True), ("member__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="call_of_guarantor_or_member",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("units__gt", 0)), name="call_above_zero"
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="CallPayment",
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
                            "call",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="lending.securitycall",
                            ),
                        ),
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answers",
                                to="lending.loanevent",
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
                    name="DeclaredTie",
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
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ties",
                                to="lending.application",
                            ),
                        ),
                        (
                            "member",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="who keeps out",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("RELATIVE", "Relative"),
                                    ("CO_BORROWER", "Co-borrower"),
                                    ("GUARANTOR", "Guarantor"),
                                    ("BUSINESS", "Business together"),
                                ],
                                max_length=11,
                                verbose_name="tie",
                            ),
                        ),
                        ("declared_date", models.DateField(verbose_name="declared on")),
                        (
                            "declared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "note",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="note"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("declared_date", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("application", "member"), name="one_declared_tie_a_member"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="BankStatement",
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
                                related_name="statements",
                                to="lending.bankaccount",
                                verbose_name="account",
                            ),
                        ),
                        ("file_name", models.CharField(max_length=200, verbose_name="file")),
                        ("sha256", models.CharField(db_index=True, max_length=64)),
                        (
                            "place",
                            models.PositiveIntegerField(
                                default=1, verbose_name="place in the file"
                            ),
                        ),
                        ("kind", models.CharField(max_length=10, verbose_name="form")),
                        (
                            "number",
                            models.CharField(
                                blank=True, default="", max_length=35, verbose_name="number"
                            ),
                        ),
                        ("from_date", models.DateField(blank=True, null=True, verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="to")),
                        (
                            "opening_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="opens with"
                            ),
                        ),
                        (
                            "closing_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="closes with"
                            ),
                        ),
                        (
                            "gap_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="gap to the statement before"
                            ),
                        ),
                        (
                            "imported_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="brought by",
                            ),
                        ),
                        ("imported_date", models.DateField(verbose_name="brought on")),
                        (
                            "lines_total",
                            models.PositiveIntegerField(default=0, verbose_name="lines"),
                        ),
                        (
                            "lines_matched",
                            models.PositiveIntegerField(
                                default=0, verbose_name="matched by itself"
                            ),
                        ),
                        (
                            "lines_open",
                            models.PositiveIntegerField(default=0, verbose_name="to suspense"),
                        ),
                        (
                            "lines_known",
                            models.PositiveIntegerField(default=0, verbose_name="came before"),
                        ),
                        (
                            "lines_faulty",
                            models.PositiveIntegerField(default=0, verbose_name="faults"),
                        ),
                        (
                            "not_booked",
                            models.PositiveIntegerField(
                                default=0, verbose_name="not yet booked by the bank"
                            ),
                        ),
                        (
                            "matched_units",
                            models.BigIntegerField(default=0, verbose_name="matched by itself"),
                        ),
                        (
                            "open_units",
                            models.BigIntegerField(default=0, verbose_name="to suspense"),
                        ),
                    ],
                    options={
                        "ordering": ("-to_date", "-id"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("account", "sha256", "place"),
                                name="one_statement_a_content",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="StatementLine",
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
                            "statement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="lending.bankstatement",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="lending.bankaccount",
                            ),
                        ),
                        ("row", models.PositiveIntegerField(verbose_name="line")),
                        ("place", models.CharField(max_length=120, verbose_name="place")),
                        (
                            "book_date",
                            models.DateField(blank=True, null=True, verbose_name="booked on"),
                        ),
                        (
                            "value_date",
                            models.DateField(blank=True, null=True, verbose_name="value of"),
                        ),
                        ("units", models.BigIntegerField(default=0, verbose_name="amount")),
                        (
                            "currency",
                            models.CharField(
                                blank=True, default="", max_length=3, verbose_name="currency"
                            ),
                        ),
                        (
                            "bank_reference",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=80,
                                verbose_name="bank's reference",
                            ),
                        ),
                        (
                            "end_to_end",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=80,
                                verbose_name="payer's reference",
                            ),
                        ),
                        (
                            "text",
                            models.CharField(
                                blank=True, default="", max_length=500, verbose_name="text"
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                blank=True, default="", max_length=140, verbose_name="from or to"
                            ),
                        ),
                        (
                            "payer_account",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="account of the other side"
                            ),
                        ),
                        (
                            "reversal",
                            models.BooleanField(
                                default=False, verbose_name="takes an earlier line back"
                            ),
                        ),
                        ("entry_key", models.CharField(blank=True, default="", max_length=120)),
                        ("batch", models.CharField(blank=True, default="", max_length=80)),
                        (
                            "fate",
                            models.CharField(
                                choices=[
                                    ("FAULT", "Not posted: fault"),
                                    ("KNOWN", "Came before"),
                                    ("MATCHED", "Matched"),
                                    ("OPEN", "To be matched"),
                                    ("PROPOSED", "Waits for a second person"),
                                    ("BOOKED", "Booked elsewhere"),
                                    ("TAKEN_BACK", "Taken back by the bank"),
                                ],
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "score",
                            models.PositiveSmallIntegerField(default=0, verbose_name="score"),
                        ),
                        ("reasons", models.JSONField(blank=True, default=list, verbose_name="why")),
                        ("candidates", models.JSONField(blank=True, default=list)),
                        ("faults", models.JSONField(blank=True, default=list)),
                        (
                            "loan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="statement_lines",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="statement_lines",
                                to="lending.loanevent",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="lending.paymentorder",
                            ),
                        ),
                        (
                            "pair",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taken_back_by",
                                to="lending.statementline",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("statement", "row"),
                        "indexes": [
                            models.Index(fields=["account", "fate"], name="statement_line_fate"),
                            models.Index(
                                fields=["account", "entry_key"], name="statement_line_key"
                            ),
                            models.Index(
                                condition=models.Q(("batch", ""), _negated=True),
                                fields=["account", "batch"],
                                name="statement_line_batch",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("fate__in", ("FAULT", "KNOWN")), _negated=True),
                                fields=("account", "entry_key"),
                                name="one_posted_line_a_key",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("fate", "MATCHED"), ("reversal", False)),
                                fields=("event",),
                                name="one_matched_line_an_event",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LineMatch",
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
                            "line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches",
                                to="lending.statementline",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("LOANS", "Repayment"),
                                    ("ROLE", "Not of a loan"),
                                    ("RECORDED", "Recorded by hand before"),
                                ],
                                max_length=10,
                                verbose_name="what it is",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "Proposed"),
                                    ("CONFIRMED", "In force"),
                                    ("DECLINED", "Declined"),
                                    ("UNDONE", "Undone"),
                                ],
                                default=handup.lending.rules.banking.codes.MatchState["PROPOSED"],
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("parts", models.JSONField(blank=True, default=list)),
                        (
                            "role",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="belongs to"
                            ),
                        ),
                        (
                            "recorded_event",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="lending.loanevent",
                            ),
                        ),
                        (
                            "by_suggestion",
                            models.BooleanField(
                                default=False, verbose_name="as the program suggested"
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("proposed_date", models.DateField(verbose_name="proposed on")),
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
                        (
                            "decided_date",
                            models.DateField(blank=True, null=True, verbose_name="decided on"),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "undone_date",
                            models.DateField(blank=True, null=True, verbose_name="undone on"),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
                            ),
                        ),
                        ("events", models.JSONField(blank=True, default=list)),
                    ],
                    options={
                        "ordering": ("-id",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ("PROPOSED", "CONFIRMED"))),
                                fields=("line",),
                                name="one_match_in_force_a_line",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="StrayCash",
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
                            "lender",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stray_cash",
                                to="lending.lender",
                                verbose_name="in the till of",
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
                                verbose_name="office",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.programme",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        ("received_date", models.DateField(verbose_name="taken in on")),
                        (
                            "receipt",
                            models.CharField(
                                blank=True, default="", max_length=60, verbose_name="receipt"
                            ),
                        ),
                        (
                            "told",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="who brought it, what was said",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("WAITING", "Waits for a word"),
                                    ("PROPOSED", "Waits for a second person"),
                                    ("PLACED", "Paid to loans"),
                                    ("RETURNED", "Handed back"),
                                    ("INCOME", "Written to income"),
                                ],
                                default=handup.lending.rules.stray.StrayState["WAITING"],
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "loan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stray_cash",
                                to="lending.loan",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="taken in by",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("received_date", "id"),
                        "indexes": [
                            models.Index(
                                fields=["state", "received_date"], name="stray_cash_waiting"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("units__gt", 0)), name="stray_cash_above_zero"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StrayWord",
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
                            "stray",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="words",
                                to="lending.straycash",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("LOANS", "Repayment"),
                                    ("RETURN", "Hand it back"),
                                    ("INCOME", "Write it to income"),
                                ],
                                max_length=10,
                                verbose_name="what becomes of it",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "Proposed"),
                                    ("CONFIRMED", "In force"),
                                    ("DECLINED", "Declined"),
                                    ("UNDONE", "Undone"),
                                ],
                                default=handup.lending.rules.banking.codes.MatchState["PROPOSED"],
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("parts", models.JSONField(blank=True, default=list)),
                        ("events", models.JSONField(blank=True, default=list)),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="reason"
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("proposed_date", models.DateField(verbose_name="proposed on")),
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
                        (
                            "decided_date",
                            models.DateField(blank=True, null=True, verbose_name="decided on"),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "undone_date",
                            models.DateField(blank=True, null=True, verbose_name="undone on"),
                        ),
                    ],
                    options={
                        "ordering": ("-id",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ("PROPOSED", "CONFIRMED"))),
                                fields=("stray",),
                                name="one_word_in_force_a_stray_cash",
                            )
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
