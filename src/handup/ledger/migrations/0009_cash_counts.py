import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.ledger.rules.words


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0008_accounts_out_of_use"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("counted_date", models.DateField(verbose_name="day")),
                ("counted_units", models.BigIntegerField(verbose_name="counted")),
                (
                    "expected_units",
                    models.BigIntegerField(blank=True, null=True, verbose_name="by the books"),
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
                    models.CharField(blank=True, default="", max_length=300, verbose_name="remark"),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("last_seq", models.PositiveBigIntegerField(default=0)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counts",
                        to="ledger.account",
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
            },
        ),
    ]
