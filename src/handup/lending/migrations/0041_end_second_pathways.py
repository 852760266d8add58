"""Of two pathways of one programme that a person is on, the earlier goes on."""

from django.conf import settings
from django.db import migrations
from django.utils import timezone


def end_the_later(apps, schema_editor):
    """End every running enrolment of a person and programme but the earliest."""
    rows = apps.get_model("lending", "PathwayEnrolment").objects.filter(state="RUNNING")
    known = set()
    for row in rows.order_by("enrolled_date", "recorded_at", "pk"):
        pair = (row.person_id, row.programme_id)
        if pair in known:
            row.state, row.end_reason = "LEFT", "DUPLICATE"
            row.ended_date = max(timezone.localdate(), row.enrolled_date)
            row.ended_by_id = row.enrolled_by_id
            row.save(update_fields=["state", "end_reason", "ended_date", "ended_by"])
        known.add(pair)


class Migration(migrations.Migration):
    dependencies = [
        ("lending", "0040_pathways"),
        ("people", "0014_selections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(end_the_later, migrations.RunPython.noop, elidable=True)]
