"""What an officer's phone told may hold answers people gave: it is sealed while it waits."""

from typing import Any

from django.db import migrations

import handup.org.encryption


def seal(apps: Any, schema_editor: Any) -> None:
    """Seal what waits in the open from before; each text is bound to its row."""
    facts = apps.get_model("sync", "WorkFact")
    plain = facts._meta.get_field("told")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, told FROM sync_workfact WHERE told <> ''")
        rows = cursor.fetchall()
    for key, told in rows:
        row = facts.objects.defer("told").get(pk=facts._meta.pk.to_python(key))
        setattr(row, plain.attname, told)
        row.save(update_fields=("told",))


class Migration(migrations.Migration):
    """Changes of the tables, one after the other."""

    dependencies = (("sync", "0003_own_phones"),)

    operations = (
        migrations.AlterField(
            model_name="workfact",
            name="told",
            field=handup.org.encryption.EncryptedTextField(blank=True),
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
    )
