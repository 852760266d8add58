"""The fund of every group's social money, known by a fixed id."""

from uuid import UUID

from django.db import migrations

SOCIAL_FUND_ID = UUID("00000000-0000-7000-8000-00000000050c")


def add_fund(apps, schema_editor):
    """Make the fund once."""
    apps.get_model("ledger", "Fund").objects.get_or_create(
        id=SOCIAL_FUND_ID,
        defaults={"code": "GROUP-SOCIAL", "name": "Social funds of groups", "kind": "PURPOSE"},
    )


class Migration(migrations.Migration):
    dependencies = [("groups", "0001_initial")]

    operations = [migrations.RunPython(add_fund, migrations.RunPython.noop)]
