"""Which groups were told of what markets found."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0002_phones"),
        ("markets", "0002_prices_and_studies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupTold",
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
                ("told_date", models.DateField(verbose_name="told on")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("MEETING", "at its meeting"),
                            ("PRINT", "on paper"),
                            ("SMS", "by SMS"),
                            ("CALL", "by telephone"),
                        ],
                        max_length=7,
                        verbose_name="how",
                    ),
                ),
                (
                    "present",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="members there"
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="what they said"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told",
                        to="groups.group",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups_told",
                        to="markets.opportunity",
                    ),
                ),
                (
                    "price",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups_told",
                        to="markets.priceobservation",
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
                "ordering": ("-told_date", "-id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("opportunity__isnull", False), ("price", None)),
                            models.Q(("opportunity", None), ("price__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_group_is_told_one_thing_at_a_time",
                    ),
                    models.UniqueConstraint(
                        fields=("group", "opportunity"), name="a_group_told_once_of_an_opportunity"
                    ),
                    models.UniqueConstraint(
                        fields=("group", "price"), name="a_group_told_once_of_a_price"
                    ),
                ],
            },
        ),
    ]
