"""Roles asked for, and for whom a deputy stands in."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="acting_for",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="stands in for",
            ),
        ),
        migrations.CreateModel(
            name="GrantRequest",
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
                    "role",
                    models.CharField(
                        choices=[
                            ("OUTREACH", "OUTREACH"),
                            ("CLERK", "CLERK"),
                            ("FIELD_OFFICER", "FIELD_OFFICER"),
                            ("TARGETING_OFFICER", "TARGETING_OFFICER"),
                            ("ADJUDICATOR", "ADJUDICATOR"),
                            ("FOCAL_POINT", "FOCAL_POINT"),
                            ("COMPLAINTS_OFFICER", "COMPLAINTS_OFFICER"),
                            ("TRAINING_OFFICER", "TRAINING_OFFICER"),
                            ("TRAINER", "TRAINER"),
                            ("ADVISOR", "ADVISOR"),
                            ("APPRAISER", "APPRAISER"),
                            ("COMMITTEE", "COMMITTEE"),
                            ("LOAN_OFFICER", "LOAN_OFFICER"),
                            ("BANK_CLERK", "BANK_CLERK"),
                            ("CASHIER", "CASHIER"),
                            ("ACCOUNTANT", "ACCOUNTANT"),
                            ("FINANCE_MANAGER", "FINANCE_MANAGER"),
                            ("DIRECTOR", "DIRECTOR"),
                            ("MANAGER", "MANAGER"),
                            ("ME_OFFICER", "ME_OFFICER"),
                            ("ME_READER", "ME_READER"),
                            ("GROUP_SUPERVISOR", "GROUP_SUPERVISOR"),
                            ("DPO", "DPO"),
                            ("AUDITOR", "AUDITOR"),
                            ("ADMINISTRATOR", "ADMINISTRATOR"),
                            ("FUNDER", "FUNDER"),
                            ("SUCCESSOR", "SUCCESSOR"),
                            ("INTEGRATION", "INTEGRATION"),
                        ],
                        max_length=30,
                        verbose_name="role",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("CASELOAD", "CASELOAD"),
                            ("OFFICE", "OFFICE"),
                            ("AREA", "AREA"),
                            ("PROJECT", "PROJECT"),
                            ("ALL", "ALL"),
                        ],
                        max_length=10,
                        verbose_name="scope",
                    ),
                ),
                ("programme_id", models.UUIDField(blank=True, null=True, verbose_name="programme")),
                (
                    "organisation_id",
                    models.UUIDField(blank=True, null=True, verbose_name="organisation"),
                ),
                ("starts", models.DateField(verbose_name="from")),
                ("ends", models.DateField(verbose_name="until")),
                ("why", models.CharField(max_length=300, verbose_name="why it is needed")),
                (
                    "state",
                    models.CharField(
                        choices=[("ASKED", "asked"), ("GIVEN", "given"), ("REFUSED", "refused")],
                        default="ASKED",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                (
                    "answer",
                    models.CharField(default="", max_length=300, verbose_name="why it was refused"),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "acting_for",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.grant",
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
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="staff",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
    ]
