"""Kinds of documents of which several are current side by side. A kind that is there already goes
on as before, when a document took the place of one of the same title only; of the kinds of a
funder's public page that come once, one is current.
"""

from typing import Any

from django.db import migrations, models

ONCE = (
    "PRESIDENTS_REPORT",
    "PROJECT_DESIGN_REPORT",
    "ENVIRONMENTAL_SOCIAL_ASSESSMENT",
    "ENVIRONMENTAL_SOCIAL_FRAMEWORK",
    "INTERIM_REVIEW",
    "RESETTLEMENT_FRAMEWORK",
    "PCR_DIGEST",
    "PROJECT_LIST",
    "PROJECT_COMPLETION_REPORT",
)


def as_before(apps: Any, schema_editor: Any) -> None:
    """Let several documents of the kinds a house has made stand side by side."""
    kinds = apps.get_model("projects", "DocumentType")._base_manager
    kinds.exclude(code__in=ONCE).update(several=True)


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="documenttype",
            name="several",
            field=models.BooleanField(
                default=False, verbose_name="several may be current side by side"
            ),
        ),
        migrations.RunPython(as_before, migrations.RunPython.noop, elidable=True),
    ]
