"""Contracts, linkages, policy, jobs and technology."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("markets", "0002_prices_and_studies"),
        ("org", "0004_keyed_sums_of_files"),
        ("people", "0001_tables"),
        ("projects", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContractGrade",
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
                ("name", models.CharField(max_length=40, verbose_name="grade")),
                ("price_units", models.BigIntegerField(verbose_name="price")),
            ],
            options={
                "ordering": ("contract", "-price_units", "name"),
            },
        ),
        migrations.CreateModel(
            name="AssociationSupport",
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
                            ("REGISTRATION", "registration"),
                            ("ADVICE", "advice"),
                            ("TRAINING", "training"),
                            ("MEETING", "meeting"),
                            ("EQUIPMENT", "equipment"),
                            ("MONEY", "money"),
                        ],
                        max_length=12,
                        verbose_name="kind of help",
                    ),
                ),
                ("support_date", models.DateField(verbose_name="day")),
                ("what", models.CharField(max_length=300, verbose_name="what was done")),
                (
                    "people",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="people there"),
                ),
                (
                    "women",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="women among them"
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="what came of it"
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
                    "association",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="support",
                        to="projects.organisation",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="association_support",
                        to="projects.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "help to an association",
                "ordering": ("-support_date", "-id"),
            },
        ),
        migrations.CreateModel(
            name="JobMatch",
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
                ("matched_date", models.DateField(verbose_name="proposed on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PROPOSED", "proposed"),
                            ("DECLINED", "came to nothing"),
                            ("PLACED", "placed"),
                        ],
                        default="PROPOSED",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="why not"
                    ),
                ),
                (
                    "matched_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="job_matches",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ("-matched_date", "-id"),
            },
        ),
        migrations.CreateModel(
            name="JobPlacement",
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
                ("started_date", models.DateField(verbose_name="began on")),
                ("ended_date", models.DateField(blank=True, null=True, verbose_name="ended on")),
                (
                    "end_reason",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="why it ended"
                    ),
                ),
                (
                    "match",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placement",
                        to="markets.jobmatch",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="job_placements",
                        to="people.person",
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-started_date", "-id"),
            },
        ),
        migrations.CreateModel(
            name="JobCheck",
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
                    "month",
                    models.PositiveSmallIntegerField(verbose_name="months after the first day"),
                ),
                ("checked_date", models.DateField(verbose_name="looked at on")),
                ("still_there", models.BooleanField(verbose_name="still there")),
                ("other_job", models.BooleanField(default=False, verbose_name="in another job")),
                (
                    "remark",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="remark"),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="markets.jobplacement",
                    ),
                ),
            ],
            options={
                "ordering": ("placement", "month"),
            },
        ),
        migrations.CreateModel(
            name="JobTarget",
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
                    "job_kind",
                    models.CharField(
                        choices=[
                            ("FARM", "on the farm"),
                            ("OFF_FARM", "off the farm"),
                            ("PROCESSING", "in processing"),
                        ],
                        max_length=10,
                        verbose_name="kind of work",
                    ),
                ),
                ("share_bps", models.PositiveIntegerField(verbose_name="share aimed at")),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="job_targets",
                        to="projects.programme",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Linkage",
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
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("started_date", models.DateField(verbose_name="agreed on")),
                ("ended_date", models.DateField(blank=True, null=True, verbose_name="ended on")),
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
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="linkages",
                        to="projects.document",
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
                    "private_party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="private_linkages",
                        to="projects.organisation",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="linkages",
                        to="projects.programme",
                    ),
                ),
                (
                    "public_party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="public_linkages",
                        to="projects.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "linkage",
                "ordering": ("-started_date", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Commitment",
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
                ("what", models.CharField(max_length=300, verbose_name="what was promised")),
                ("due_date", models.DateField(verbose_name="by")),
                ("done_date", models.DateField(blank=True, null=True, verbose_name="done on")),
                (
                    "result",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="what came of it"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="projects.organisation",
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
                    "linkage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="markets.linkage",
                    ),
                ),
            ],
            options={
                "ordering": ("linkage", "due_date", "id"),
            },
        ),
        migrations.CreateModel(
            name="PolicyIssue",
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
                ("title", models.CharField(max_length=200, verbose_name="the issue")),
                ("ask", models.TextField(verbose_name="what is asked")),
                ("target", models.CharField(max_length=200, verbose_name="of whom")),
                (
                    "stage",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "1 issue identified"),
                            (2, "2 evidence gathered"),
                            (3, "3 position agreed"),
                            (4, "4 on the agenda"),
                            (5, "5 drafted or negotiated"),
                            (6, "6 adopted"),
                            (7, "7 applied"),
                        ],
                        default=1,
                        verbose_name="stage",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ACTIVE", "worked on"),
                            ("PARKED", "parked"),
                            ("CLOSED", "closed"),
                        ],
                        default="ACTIVE",
                        max_length=6,
                        verbose_name="state",
                    ),
                ),
                (
                    "claim",
                    models.CharField(
                        choices=[
                            ("NONE", "none"),
                            ("POSSIBLE", "possible"),
                            ("LIKELY", "likely"),
                            ("CONFIRMED_BY_TARGET", "confirmed by whom it was asked of"),
                        ],
                        default="NONE",
                        max_length=19,
                        verbose_name="part the programme had",
                    ),
                ),
                (
                    "claim_argument",
                    models.TextField(blank=True, default="", verbose_name="why that can be said"),
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
                    "association",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policy_issues",
                        to="projects.organisation",
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
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policy_issues",
                        to="projects.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "policy issue",
                "ordering": ("-stage", "title"),
            },
        ),
        migrations.CreateModel(
            name="PolicyEvent",
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
                ("event_date", models.DateField(verbose_name="day")),
                (
                    "before",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "1 issue identified"),
                            (2, "2 evidence gathered"),
                            (3, "3 position agreed"),
                            (4, "4 on the agenda"),
                            (5, "5 drafted or negotiated"),
                            (6, "6 adopted"),
                            (7, "7 applied"),
                        ],
                        verbose_name="from stage",
                    ),
                ),
                (
                    "after",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "1 issue identified"),
                            (2, "2 evidence gathered"),
                            (3, "3 position agreed"),
                            (4, "4 on the agenda"),
                            (5, "5 drafted or negotiated"),
                            (6, "6 adopted"),
                            (7, "7 applied"),
                        ],
                        verbose_name="to stage",
                    ),
                ),
                ("note", models.CharField(max_length=300, verbose_name="what happened")),
                ("official", models.BooleanField(default=False, verbose_name="official source")),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policy_events",
                        to="projects.document",
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
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="markets.policyissue",
                    ),
                ),
            ],
            options={
                "ordering": ("issue", "event_date", "id"),
            },
        ),
        migrations.CreateModel(
            name="SupplyContract",
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
                ("code", models.CharField(max_length=40, verbose_name="number")),
                (
                    "purpose",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="purpose"
                    ),
                ),
                ("place", models.CharField(max_length=200, verbose_name="handed over at")),
                ("quantity", models.PositiveBigIntegerField(verbose_name="how much")),
                (
                    "schedule",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="when"),
                ),
                ("starts", models.DateField(verbose_name="from")),
                ("ends", models.DateField(verbose_name="until")),
                (
                    "price_kind",
                    models.CharField(
                        choices=[("FIXED", "fixed"), ("MARKET", "follows a market")],
                        default="FIXED",
                        max_length=6,
                        verbose_name="price",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("FARM", "at the farm"),
                            ("WHOLESALE", "wholesale"),
                            ("RETAIL", "retail"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="follows the price",
                    ),
                ),
                ("premium_units", models.BigIntegerField(default=0, verbose_name="premium")),
                (
                    "floor_units",
                    models.BigIntegerField(blank=True, null=True, verbose_name="never below"),
                ),
                (
                    "ceiling_units",
                    models.BigIntegerField(blank=True, null=True, verbose_name="never above"),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "inputs",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=300,
                        verbose_name="inputs the buyer gives",
                    ),
                ),
                ("advance_units", models.BigIntegerField(default=0, verbose_name="advance")),
                (
                    "advance_cap_bps",
                    models.PositiveIntegerField(default=3000, verbose_name="kept back at most"),
                ),
                (
                    "payment_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="paid within days"),
                ),
                (
                    "excuses",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="what excuses"
                    ),
                ),
                (
                    "dispute_route",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="who settles a dispute"
                    ),
                ),
                (
                    "third_parties",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="who else has a part"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OFFER", "offered"),
                            ("CHECKED", "looked at"),
                            ("SIGNED", "signed"),
                            ("RUNNING", "running"),
                            ("FULFILLED", "fulfilled"),
                            ("ENDED", "ended"),
                            ("IN_DISPUTE", "in dispute"),
                        ],
                        default="OFFER",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "checklist",
                    models.JSONField(blank=True, default=dict, verbose_name="points looked at"),
                ),
                (
                    "checked_date",
                    models.DateField(blank=True, null=True, verbose_name="looked at on"),
                ),
                (
                    "signed_by",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=120,
                        verbose_name="signed for the producers by",
                    ),
                ),
                ("signed_date", models.DateField(blank=True, null=True, verbose_name="signed on")),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="why"),
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
                    "buyer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchases",
                        to="projects.organisation",
                    ),
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
                    "commodity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="markets.commodity",
                    ),
                ),
                (
                    "market",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="markets.marketplace",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supply_contracts",
                        to="projects.programme",
                    ),
                ),
                (
                    "seller",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sales",
                        to="projects.organisation",
                    ),
                ),
                (
                    "witness",
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
                "verbose_name": "contract",
                "ordering": ("-starts", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Delivery",
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
                ("delivered_date", models.DateField(verbose_name="handed over on")),
                (
                    "planned_date",
                    models.DateField(blank=True, null=True, verbose_name="was planned for"),
                ),
                ("delivered", models.PositiveBigIntegerField(verbose_name="handed over")),
                ("rejected", models.PositiveBigIntegerField(default=0, verbose_name="refused")),
                (
                    "reject_reason",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="why refused"
                    ),
                ),
                ("price_units", models.BigIntegerField(verbose_name="price")),
                ("value_units", models.BigIntegerField(verbose_name="value")),
                (
                    "deduction_units",
                    models.BigIntegerField(default=0, verbose_name="kept back for the advance"),
                ),
                ("pay_due_date", models.DateField(verbose_name="to be paid by")),
                ("paid_date", models.DateField(blank=True, null=True, verbose_name="paid on")),
                ("paid_units", models.BigIntegerField(blank=True, null=True, verbose_name="paid")),
                (
                    "reason",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="why more than agreed"
                    ),
                ),
                (
                    "grade",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="markets.contractgrade",
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
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="markets.supplycontract",
                    ),
                ),
            ],
            options={
                "ordering": ("contract", "delivered_date", "id"),
            },
        ),
        migrations.CreateModel(
            name="ContractNote",
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
                            ("SIDE_SELLING", "sold to somebody else"),
                            ("LATE_INPUTS", "inputs came late"),
                            ("REFUSED", "goods refused"),
                            ("LATE_PAYMENT", "paid late"),
                            ("OTHER", "something else"),
                        ],
                        max_length=12,
                        verbose_name="what happened",
                    ),
                ),
                ("seen_date", models.DateField(verbose_name="on")),
                (
                    "producers_say",
                    models.TextField(blank=True, default="", verbose_name="what the producers say"),
                ),
                (
                    "buyer_says",
                    models.TextField(blank=True, default="", verbose_name="what the buyer says"),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="markets.supplycontract",
                    ),
                ),
            ],
            options={
                "ordering": ("contract", "seen_date", "id"),
            },
        ),
        migrations.AddField(
            model_name="contractgrade",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grades",
                to="markets.supplycontract",
            ),
        ),
        migrations.CreateModel(
            name="TechnologyNeed",
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
                ("title", models.CharField(max_length=200, verbose_name="what is lacking")),
                (
                    "told_by_whom",
                    models.CharField(
                        max_length=200, verbose_name="told by how many, of which trade"
                    ),
                ),
                ("told_date", models.DateField(verbose_name="told on")),
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
                    "commodity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="technology_needs",
                        to="markets.commodity",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="technology_needs",
                        to="projects.programme",
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
                "verbose_name": "need of technology",
                "ordering": ("-told_date", "-id"),
            },
        ),
        migrations.CreateModel(
            name="TechnologyTrial",
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
                ("technology", models.CharField(max_length=160, verbose_name="technology")),
                (
                    "kind",
                    models.CharField(
                        choices=[("DEMONSTRATION", "shown"), ("TRIAL", "tried out")],
                        max_length=13,
                        verbose_name="kind",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "cost_units",
                    models.BigIntegerField(blank=True, null=True, verbose_name="what one costs"),
                ),
                ("held_date", models.DateField(verbose_name="held on")),
                (
                    "place",
                    models.CharField(blank=True, default="", max_length=160, verbose_name="where"),
                ),
                (
                    "people",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="people there"),
                ),
                (
                    "women",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="women among them"
                    ),
                ),
                (
                    "held_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trials",
                        to="markets.technologyneed",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="technology_trials",
                        to="projects.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ("need", "held_date", "id"),
            },
        ),
        migrations.CreateModel(
            name="TechnologyAdoption",
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
                ("adopted_date", models.DateField(verbose_name="taken up on")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "cost_units",
                    models.BigIntegerField(blank=True, null=True, verbose_name="what it cost her"),
                ),
                (
                    "asked_date",
                    models.DateField(blank=True, null=True, verbose_name="asked later on"),
                ),
                (
                    "better_quality",
                    models.CharField(
                        choices=[("YES", "yes"), ("NO", "no"), ("UNKNOWN", "not asked")],
                        default="UNKNOWN",
                        max_length=7,
                        verbose_name="better quality",
                    ),
                ),
                (
                    "higher_output",
                    models.CharField(
                        choices=[("YES", "yes"), ("NO", "no"), ("UNKNOWN", "not asked")],
                        default="UNKNOWN",
                        max_length=7,
                        verbose_name="higher output",
                    ),
                ),
                (
                    "wider_market",
                    models.CharField(
                        choices=[("YES", "yes"), ("NO", "no"), ("UNKNOWN", "not asked")],
                        default="UNKNOWN",
                        max_length=7,
                        verbose_name="wider market",
                    ),
                ),
                (
                    "in_her_words",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="in her words"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="technology_adoptions",
                        to="projects.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="technology_adoptions",
                        to="people.person",
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
                    "trial",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adoptions",
                        to="markets.technologytrial",
                    ),
                ),
            ],
            options={
                "ordering": ("trial", "adopted_date", "id"),
            },
        ),
        migrations.CreateModel(
            name="Vacancy",
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
                    "employer_name",
                    models.CharField(
                        blank=True, default="", max_length=160, verbose_name="employer"
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="work")),
                (
                    "job_kind",
                    models.CharField(
                        choices=[
                            ("FARM", "on the farm"),
                            ("OFF_FARM", "off the farm"),
                            ("PROCESSING", "in processing"),
                        ],
                        max_length=10,
                        verbose_name="kind of work",
                    ),
                ),
                ("places", models.PositiveSmallIntegerField(default=1, verbose_name="places")),
                ("permanent", models.BooleanField(default=False, verbose_name="permanent")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("wage_units", models.BigIntegerField(blank=True, null=True, verbose_name="wage")),
                (
                    "wage_per",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="for"),
                ),
                (
                    "requirements",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="what is asked for"
                    ),
                ),
                ("opened_date", models.DateField(verbose_name="told on")),
                ("closes_date", models.DateField(blank=True, null=True, verbose_name="open until")),
                (
                    "state",
                    models.CharField(
                        choices=[("OPEN", "open"), ("FILLED", "filled"), ("CLOSED", "closed")],
                        default="OPEN",
                        max_length=6,
                        verbose_name="state",
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
                    "employer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vacancies",
                        to="projects.organisation",
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
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vacancies",
                        to="projects.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "vacancy",
                "ordering": ("-opened_date", "-id"),
            },
        ),
        migrations.AddField(
            model_name="jobmatch",
            name="vacancy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="matches",
                to="markets.vacancy",
            ),
        ),
        migrations.AddConstraint(
            model_name="jobplacement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_date", None),
                    ("ended_date__gte", models.F("started_date")),
                    _connector="OR",
                ),
                name="job_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="jobcheck",
            constraint=models.UniqueConstraint(
                fields=("placement", "month"), name="one_look_at_a_job_a_month_mark"
            ),
        ),
        migrations.AddConstraint(
            model_name="jobcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("month__in", (6, 12))), name="look_at_6_or_12_months"
            ),
        ),
        migrations.AddConstraint(
            model_name="jobtarget",
            constraint=models.CheckConstraint(
                condition=models.Q(("share_bps__lte", 10000)), name="job_share_at_most_all"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyissue",
            constraint=models.CheckConstraint(
                condition=models.Q(("stage__gte", 1), ("stage__lte", 7)),
                name="policy_stage_of_seven",
            ),
        ),
        migrations.AddConstraint(
            model_name="supplycontract",
            constraint=models.UniqueConstraint(
                fields=("programme", "code"), name="one_contract_per_number_in_a_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="supplycontract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("advance_cap_bps__lte", 10000), ("advance_units__gte", 0), ("quantity__gt", 0)
                ),
                name="contract_of_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("rejected__lte", models.F("delivered"))),
                name="not_more_refused_than_delivered",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("deduction_units__gte", 0), ("deduction_units__lte", models.F("value_units"))
                ),
                name="deduction_within_the_value",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractgrade",
            constraint=models.UniqueConstraint(
                fields=("contract", "name"), name="one_grade_of_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="contractgrade",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_units__gt", 0)), name="grade_price_above_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="technologyadoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("organisation", None), ("person__isnull", False)),
                    models.Q(("organisation__isnull", False), ("person", None)),
                    _connector="OR",
                ),
                name="technology_taken_up_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="technologyadoption",
            constraint=models.UniqueConstraint(
                fields=("trial", "person"), name="technology_taken_up_once_by_a_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.CheckConstraint(
                condition=models.Q(("places__gte", 1)), name="vacancy_of_a_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="jobmatch",
            constraint=models.UniqueConstraint(
                fields=("vacancy", "person"), name="proposed_once_for_a_place"
            ),
        ),
    ]
