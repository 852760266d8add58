import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.ledger.rules.words


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0009_cash_counts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="kind",
            field=models.CharField(
                choices=[
                    (handup.ledger.rules.words.RunKind["ACCRUAL"], "Interest earned"),
                    (handup.ledger.rules.words.RunKind["FEES"], "Fees due"),
                    (handup.ledger.rules.words.RunKind["PROVISION"], "Allowance for losses"),
                    (handup.ledger.rules.words.RunKind["REVALUATION"], "Exchange revaluation"),
                    (handup.ledger.rules.words.RunKind["RELEASE"], "Grants earned"),
                    (handup.ledger.rules.words.RunKind["SHARING"], "Shared costs"),
                    (handup.ledger.rules.words.RunKind["CLOSING"], "Closing of the year"),
                ],
                max_length=12,
                verbose_name="what",
            ),
        ),
        migrations.AlterField(
            model_name="rundetail",
            name="kind",
            field=models.CharField(
                choices=[
                    (handup.ledger.rules.words.RunKind["ACCRUAL"], "Interest earned"),
                    (handup.ledger.rules.words.RunKind["FEES"], "Fees due"),
                    (handup.ledger.rules.words.RunKind["PROVISION"], "Allowance for losses"),
                    (handup.ledger.rules.words.RunKind["REVALUATION"], "Exchange revaluation"),
                    (handup.ledger.rules.words.RunKind["RELEASE"], "Grants earned"),
                    (handup.ledger.rules.words.RunKind["SHARING"], "Shared costs"),
                    (handup.ledger.rules.words.RunKind["CLOSING"], "Closing of the year"),
                ],
                max_length=12,
            ),
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
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("starts", models.DateField(verbose_name="from")),
                ("ends", models.DateField(verbose_name="until")),
                (
                    "pool_line",
                    models.CharField(
                        blank=True, default="", max_length=80, verbose_name="budget line"
                    ),
                ),
                ("account_codes", models.JSONField(default=list, verbose_name="accounts")),
                ("basis", models.CharField(max_length=300, verbose_name="what it rests on")),
                (
                    "book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cost_keys",
                        to="ledger.book",
                    ),
                ),
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
                ("place", models.PositiveSmallIntegerField()),
                (
                    "budget_line",
                    models.CharField(
                        blank=True, default="", max_length=80, verbose_name="budget line"
                    ),
                ),
                ("weight", models.PositiveIntegerField(verbose_name="weight")),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.fund",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="ledger.costkey",
                    ),
                ),
            ],
            options={
                "ordering": ("place",),
                "constraints": [
                    models.UniqueConstraint(fields=("key", "place"), name="ledger_share_place_once")
                ],
            },
        ),
    ]
