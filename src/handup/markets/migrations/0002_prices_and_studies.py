"""Markets, prices and market studies."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("markets", "0001_tables"),
        ("org", "0002_grants_asked_for"),
        ("people", "0001_tables"),
        ("plans", "0001_tables"),
        ("projects", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MarketPlace",
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
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "remark",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="remark"),
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
                        related_name="market_places",
                        to="projects.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "market",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Opportunity",
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
                ("product", models.CharField(max_length=120, verbose_name="product")),
                ("buyers", models.CharField(max_length=300, verbose_name="who would buy")),
                (
                    "volume",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="how much"
                    ),
                ),
                (
                    "currency",
                    models.CharField(blank=True, default="", max_length=3, verbose_name="currency"),
                ),
                (
                    "price_units",
                    models.BigIntegerField(blank=True, null=True, verbose_name="at which price"),
                ),
                (
                    "price_per",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="for"),
                ),
                (
                    "season",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="when"),
                ),
                (
                    "requirements",
                    models.TextField(blank=True, default="", verbose_name="what they ask for"),
                ),
                ("next_action", models.CharField(max_length=300, verbose_name="next step")),
                ("due_date", models.DateField(blank=True, null=True, verbose_name="by")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "open"),
                            ("TAKEN_UP", "taken up"),
                            ("DROPPED", "dropped"),
                        ],
                        default="OPEN",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="why"),
                ),
                (
                    "commodity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="markets.commodity",
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
            ],
            options={
                "verbose_name": "opportunity",
                "ordering": ("study", "id"),
            },
        ),
        migrations.CreateModel(
            name="OpportunityStart",
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
                ("started_date", models.DateField(verbose_name="started on")),
                (
                    "remark",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="remark"),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="people.enterprise",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="starts",
                        to="markets.opportunity",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="projects.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="people.person",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="plans.plan",
                    ),
                ),
                (
                    "told_by",
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
            name="PriceDuty",
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
                    "every_days",
                    models.PositiveSmallIntegerField(default=7, verbose_name="every so many days"),
                ),
                ("from_date", models.DateField(verbose_name="from")),
                ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "collector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "commodity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="markets.commodity",
                    ),
                ),
                (
                    "market",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to="markets.marketplace",
                    ),
                ),
            ],
            options={
                "ordering": ("market", "commodity", "from_date"),
            },
        ),
        migrations.CreateModel(
            name="PriceIndex",
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
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("month", models.DateField(verbose_name="month")),
                ("index_milli", models.PositiveIntegerField(verbose_name="index, in thousandths")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
            ],
            options={
                "ordering": ("currency", "-month"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("currency", "month"), name="one_price_index_of_a_currency_a_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("index_milli__gt", 0)), name="price_index_above_zero"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PriceObservation",
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
                ("observed_date", models.DateField(verbose_name="day")),
                (
                    "variety",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="variety"),
                ),
                (
                    "grade",
                    models.CharField(blank=True, default="", max_length=40, verbose_name="grade"),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("FARM", "at the farm"),
                            ("WHOLESALE", "wholesale"),
                            ("RETAIL", "retail"),
                        ],
                        max_length=9,
                        verbose_name="sold",
                    ),
                ),
                (
                    "unit_told",
                    models.CharField(
                        blank=True, default="", max_length=60, verbose_name="unit as told"
                    ),
                ),
                ("quotes", models.JSONField(default=list, verbose_name="quotes")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "price_milli",
                    models.BigIntegerField(blank=True, null=True, verbose_name="price"),
                ),
                (
                    "availability",
                    models.CharField(
                        choices=[("GOOD", "plenty"), ("LIMITED", "little"), ("NONE", "none")],
                        default="GOOD",
                        max_length=7,
                        verbose_name="to be had",
                    ),
                ),
                ("flags", models.JSONField(blank=True, default=list, verbose_name="doubts")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("RECORDED", "recorded"),
                            ("FLAGGED", "doubted"),
                            ("CONFIRMED", "confirmed"),
                            ("REJECTED", "rejected"),
                            ("PUBLISHED", "published"),
                        ],
                        default="RECORDED",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "decided_date",
                    models.DateField(blank=True, null=True, verbose_name="looked at on"),
                ),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="why"),
                ),
                (
                    "published_date",
                    models.DateField(blank=True, null=True, verbose_name="published on"),
                ),
                (
                    "commodity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prices",
                        to="markets.commodity",
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
                    "market",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prices",
                        to="markets.marketplace",
                    ),
                ),
                (
                    "observer",
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
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prices",
                        to="markets.commodityunit",
                    ),
                ),
            ],
            options={
                "ordering": ("-observed_date", "-id"),
            },
        ),
        migrations.CreateModel(
            name="PriceRule",
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
                    "ln_milli",
                    models.PositiveIntegerField(
                        verbose_name="doubted from a change of, in thousandths of ln"
                    ),
                ),
                (
                    "least_quotes",
                    models.PositiveSmallIntegerField(verbose_name="least number of quotes"),
                ),
                (
                    "look_back",
                    models.PositiveSmallIntegerField(verbose_name="held against so many before it"),
                ),
                (
                    "old_days",
                    models.PositiveSmallIntegerField(verbose_name="too old after so many days"),
                ),
                (
                    "commodity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="markets.commodity",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="price_rules",
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
            name="Study",
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
                ("question", models.TextField(verbose_name="question")),
                (
                    "method",
                    models.TextField(blank=True, default="", verbose_name="how it was asked"),
                ),
                (
                    "sample",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="of whom, and how many"
                    ),
                ),
                ("started_date", models.DateField(verbose_name="started on")),
                (
                    "finished_date",
                    models.DateField(blank=True, null=True, verbose_name="finished on"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("RUNNING", "running"), ("DONE", "done")],
                        default="RUNNING",
                        max_length=7,
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
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="market_studies",
                        to="projects.document",
                    ),
                ),
                (
                    "led_by",
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
                        related_name="market_studies",
                        to="projects.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "market study",
                "ordering": ("-started_date", "-id"),
            },
        ),
        migrations.AddField(
            model_name="opportunity",
            name="study",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="opportunities",
                to="markets.study",
            ),
        ),
        migrations.CreateModel(
            name="Finding",
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
                ("position", models.PositiveSmallIntegerField(verbose_name="order")),
                ("statement", models.TextField(verbose_name="what was found")),
                (
                    "evidence",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="where it shows"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="markets.study",
                    ),
                ),
            ],
            options={
                "ordering": ("study", "position"),
            },
        ),
        migrations.AddConstraint(
            model_name="marketplace",
            constraint=models.UniqueConstraint(
                fields=("programme", "code"), name="one_market_per_code_in_a_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunitystart",
            constraint=models.UniqueConstraint(
                fields=("opportunity", "plan"), name="a_plan_traced_once_to_an_opportunity"
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunitystart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("plan__isnull", False), ("organisation__isnull", False), _connector="OR"
                ),
                name="a_start_is_somebodys",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceduty",
            constraint=models.CheckConstraint(
                condition=models.Q(("every_days__gte", 1)), name="duty_every_day_or_rarer"
            ),
        ),
        migrations.AddIndex(
            model_name="priceobservation",
            index=models.Index(
                fields=["market", "commodity", "level", "-observed_date"], name="price_series"
            ),
        ),
        migrations.AddIndex(
            model_name="priceobservation",
            index=models.Index(fields=["state", "-observed_date"], name="price_by_state"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(
                fields=("study", "position"), name="one_finding_at_a_place_of_a_study"
            ),
        ),
    ]
