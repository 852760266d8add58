"""The last due dates a loan was agreed to have before a change moved them are kept; of loans changed
before this version they are worked out here, from their events.
"""

from collections import defaultdict
from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import handup.kernel.ids
from handup.lending.happened import event_of
from handup.lending.rules.ends import ends_of
from handup.lending.rules.loan import fold
from handup.lending.rules.terms import read_terms, rows_say_all

CHUNK = 500


def work_out(apps: Any, schema_editor: Any) -> None:
    """Store the ends of every loan that was changed, or whose interest follows what is paid."""
    loans = apps.get_model("lending", "Loan")._base_manager
    events = apps.get_model("lending", "LoanEvent")._base_manager
    end_model = apps.get_model("lending", "LoanEnd")
    terms = {
        pk: read_terms(told)
        for pk, changed, told in loans.values_list("pk", "changed", "terms").iterator()
        if changed or not rows_say_all(read_terms(told))
    }
    wanted = list(terms)
    for start in range(0, len(wanted), CHUNK):
        found = defaultdict(list)
        for row in events.filter(loan__in=wanted[start : start + CHUNK]).iterator():
            found[row.loan_id].append(event_of(row))
        end_model._base_manager.bulk_create(
            end_model(loan_id=pk, to_date=end.to_date, due_date=end.due_date)
            for pk, known in found.items()
            for end in ends_of(fold(known, terms=terms[pk]), known)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("lending", "0006_names_at_rest"),
    ]

    operations = [
        migrations.CreateModel(
            name="LoanEnd",
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
                ("to_date", models.DateField()),
                ("due_date", models.DateField()),
                (
                    "received_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("replaced_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ends",
                        to="lending.loan",
                    ),
                ),
            ],
            options={
                "ordering": ("loan", "to_date"),
            },
        ),
        migrations.RunPython(work_out, migrations.RunPython.noop, elidable=True),
    ]
