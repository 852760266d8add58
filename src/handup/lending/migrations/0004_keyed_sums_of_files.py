"""The sums of bank files, lists, statements, old books and payment files are keyed, as those of the
stored files are. The keyed sum is made of the plain one, so files taken before are known again."""

from typing import Any

from django.db import migrations

from handup.org import triggers
from handup.org.services.files import keyed_of

TABLES = ("BankFile", "BankList", "BankStatement", "OldBook", "PaymentBatch")


def key_sums(apps: Any, schema_editor: Any) -> None:
    """Key the sum of every file that has one."""
    triggers.lift(schema_editor.connection, "lending_banklist")
    for table in TABLES:
        rows = apps.get_model("lending", table)._base_manager
        for pk, plain in list(rows.exclude(sha256="").values_list("pk", "sha256")):
            rows.filter(pk=pk).update(sha256=keyed_of(plain))


class Migration(migrations.Migration):
    dependencies = [
        ("lending", "0003_what_was_said_of_cash"),
    ]

    operations = [
        migrations.RunPython(key_sums, migrations.RunPython.noop, elidable=True),
    ]
