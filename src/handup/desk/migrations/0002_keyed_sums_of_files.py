"""The sums of files that were handed over are keyed, as those of the stored files are. The keyed
sum is made of the plain one, so files taken before are known again."""

from typing import Any

from django.db import migrations, models

from handup.org.services.files import keyed_of


def key_sums(apps: Any, schema_editor: Any) -> None:
    """Key the sum of every batch."""
    batches = apps.get_model("desk", "ImportBatch")._base_manager
    for pk, plain in list(batches.values_list("pk", "sha256")):
        batches.filter(pk=pk).update(sha256=keyed_of(plain))


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0001_tables"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importbatch",
            name="sha256",
            field=models.CharField(db_index=True, max_length=64, verbose_name="sum of the file"),
        ),
        migrations.RunPython(key_sums, migrations.RunPython.noop, elidable=True),
    ]
