"""Every table of `results`; a database that went through the migrations named here has them."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import handup.kernel.ids
import handup.org.tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("results", "0001_initial"),
    ]

    dependencies = [
        ("projects", "0001_tables"),
    ]

    operations = [
        handup.org.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="ProgrammeIndicator",
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
                                related_name="shown_indicators",
                                to="projects.programme",
                            ),
                        ),
                        ("code", models.CharField(max_length=20, verbose_name="indicator")),
                        ("position", models.PositiveSmallIntegerField(verbose_name="order")),
                        ("headline", models.BooleanField(default=True, verbose_name="shown large")),
                    ],
                    options={
                        "ordering": ("programme", "position"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "code"), name="indicator_shown_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
