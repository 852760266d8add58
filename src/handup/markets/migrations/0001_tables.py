"""Every table of `markets`."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.org.tables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("org", "0001_tables"),
        ("projects", "0001_tables"),
    ]

    operations = [
        handup.org.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="Commodity",
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
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "base_unit",
                            models.CharField(
                                choices=[("KG", "kg"), ("L", "l"), ("PIECE", "piece")],
                                max_length=5,
                                verbose_name="measured in",
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
                    name="CommodityUnit",
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
                            "commodity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="units",
                                to="markets.commodity",
                            ),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="unit")),
                        (
                            "milli",
                            models.PositiveBigIntegerField(
                                blank=True, null=True, verbose_name="thousandths of the base unit"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("commodity", "name"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("commodity", "name"),
                                name="one_unit_of_a_name_for_a_commodity",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("milli", None), ("milli__gt", 0), _connector="OR"
                                ),
                                name="commodity_unit_holds_something",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ValueChain",
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
                                related_name="value_chains",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="chains",
                                to="markets.commodity",
                            ),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        (
                            "per_quantity",
                            models.PositiveIntegerField(
                                default=1, verbose_name="prices are for so many"
                            ),
                        ),
                        (
                            "summary",
                            models.TextField(
                                blank=True, default="", verbose_name="in one paragraph"
                            ),
                        ),
                        (
                            "women_role",
                            models.TextField(
                                blank=True, default="", verbose_name="what women do in it"
                            ),
                        ),
                        (
                            "youth_role",
                            models.TextField(
                                blank=True, default="", verbose_name="what young people do in it"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "value chain",
                        "ordering": ("title",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "code"),
                                name="one_chain_per_code_in_a_programme",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("per_quantity__gte", 1)),
                                name="chain_prices_are_for_something",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ChainActor",
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
                            "chain",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actors",
                                to="markets.valuechain",
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(verbose_name="place in the chain"),
                        ),
                        (
                            "stage",
                            models.CharField(
                                choices=[
                                    ("INPUTS", "supplies inputs"),
                                    ("PRODUCTION", "grows, rears or makes"),
                                    ("COLLECTION", "collects"),
                                    ("PROCESSING", "processes"),
                                    ("TRANSPORT", "carries"),
                                    ("WHOLESALE", "sells wholesale"),
                                    ("EXPORT", "exports"),
                                    ("RETAIL", "sells to who eats or uses it"),
                                ],
                                max_length=10,
                                verbose_name="what they do",
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="who they are")),
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
                            "people",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="how many"
                            ),
                        ),
                        (
                            "women",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="women among them"
                            ),
                        ),
                        (
                            "youth",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="young people among them"
                            ),
                        ),
                        (
                            "constraint",
                            models.TextField(
                                blank=True, default="", verbose_name="what holds them back"
                            ),
                        ),
                        (
                            "intervention",
                            models.TextField(
                                blank=True, default="", verbose_name="what is done about it"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("chain", "position"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("chain", "position"), name="one_actor_at_a_place_of_a_chain"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ChainRound",
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
                            "chain",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rounds",
                                to="markets.valuechain",
                            ),
                        ),
                        ("taken_date", models.DateField(verbose_name="day")),
                        (
                            "source",
                            models.CharField(
                                max_length=300, verbose_name="where the figures come from"
                            ),
                        ),
                        ("remark", models.TextField(blank=True, default="", verbose_name="remark")),
                        (
                            "taken_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="markets.chainround",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("chain", "-taken_date", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ChainFlow",
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
                                related_name="flows",
                                to="markets.chainround",
                            ),
                        ),
                        (
                            "actor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="flows",
                                to="markets.chainactor",
                            ),
                        ),
                        ("price_units", models.BigIntegerField(verbose_name="sells for")),
                        (
                            "own_cost_units",
                            models.BigIntegerField(default=0, verbose_name="own costs"),
                        ),
                        (
                            "loss_bps",
                            models.PositiveIntegerField(
                                default=0, verbose_name="lost of the goods"
                            ),
                        ),
                        (
                            "volume",
                            models.PositiveBigIntegerField(
                                blank=True, null=True, verbose_name="sold in the season"
                            ),
                        ),
                        (
                            "remark",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="remark"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("round", "actor__position"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("round", "actor"), name="one_flow_of_an_actor_a_round"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("own_cost_units__gte", 0), ("price_units__gte", 0)
                                ),
                                name="chain_prices_and_costs_not_below_zero",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("loss_bps__lt", 10000)),
                                name="chain_actor_loses_less_than_all",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
