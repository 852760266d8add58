"""Splits name their row by its number, which stays when a change of the loan puts another row in
force; what the fold says of changes is kept (added principal, days of moratoria)."""

import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import handup.kernel.ids

SPLIT = "lending_paymentsplit"
NUMBERS = (
    "UPDATE lending_paymentsplit SET number = (SELECT d.number FROM lending_loandue d"
    " WHERE d.id = lending_paymentsplit.due_id) WHERE due_id IS NOT NULL"
)
DAYS = "UPDATE lending_loan SET restructured_date = disbursed_date WHERE restructured"


def open_for_change(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take the triggers away; they are made anew after every run of migrations."""
    on = f' ON "{SPLIT}"' if editor.connection.vendor == "postgresql" else ""
    for verb in ("update", "delete"):
        editor.execute(f"DROP TRIGGER IF EXISTS {SPLIT}_no_{verb}{on}")


class Migration(migrations.Migration):
    dependencies = [
        ("lending", "0010_credit_passport"),
    ]

    operations = [
        migrations.RunPython(open_for_change, migrations.RunPython.noop),
        migrations.AddField(
            model_name="paymentsplit",
            name="number",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="instalment"),
        ),
        migrations.RunSQL(NUMBERS, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="paymentsplit", name="due"),
        migrations.RemoveIndex(model_name="paymentsplit", name="split_loan_date"),
        migrations.AddIndex(
            model_name="paymentsplit",
            index=models.Index(fields=["loan", "number", "value_date"], name="split_loan_row"),
        ),
        migrations.AddField(
            model_name="loan",
            name="capitalised_units",
            field=models.BigIntegerField(default=0, verbose_name="added to principal"),
        ),
        migrations.AddField(
            model_name="loan",
            name="restructured_date",
            field=models.DateField(blank=True, null=True, verbose_name="restructured on"),
        ),
        migrations.AddField(
            model_name="loan",
            name="changed",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunSQL(DAYS, migrations.RunSQL.noop),
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
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pauses",
                        to="lending.loan",
                    ),
                ),
            ],
            options={"ordering": ("loan", "first_date")},
        ),
    ]
