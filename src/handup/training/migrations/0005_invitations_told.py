"""Who was invited before is taken as told that day."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def told_when_invited(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Until now whoever invited told her."""
    rows = apps.get_model("training", "Enrolment")._base_manager.using(editor.connection.alias)
    rows.exclude(invited_date=None).update(told_date=models.F("invited_date"))


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0004_tracer_rounds"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrolment",
            name="told_date",
            field=models.DateField(blank=True, null=True, verbose_name="told of the invitation on"),
        ),
        migrations.RunPython(told_when_invited, migrations.RunPython.noop),
    ]
