"""The sums of edited lists are keyed, as those of the stored files are. The keyed sum is made of
the plain one, so a list loaded before is known again."""

from typing import Any

from django.db import migrations, models

from handup.org.services.files import keyed_of


def key_sums(apps: Any, schema_editor: Any) -> None:
    """Key the sum of every list."""
    lists = apps.get_model("org", "EditedList")._base_manager
    for pk, plain in list(lists.values_list("pk", "sha256")):
        lists.filter(pk=pk).update(sha256=keyed_of(plain))


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0003_edited_lists"),
    ]

    operations = [
        migrations.AlterField(
            model_name="editedlist",
            name="sha256",
            field=models.CharField(max_length=64, verbose_name="sum of the file"),
        ),
        migrations.RunPython(key_sums, migrations.RunPython.noop, elidable=True),
    ]
