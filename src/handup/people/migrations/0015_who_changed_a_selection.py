"""Whoever changed a line of a selection had a hand in it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0014_selections")]

    operations = [
        migrations.AddField(
            model_name="selectionline",
            name="changed_by",
            field=models.JSONField(blank=True, default=list, verbose_name="who changed it"),
        ),
    ]
