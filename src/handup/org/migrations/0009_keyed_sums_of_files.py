"""The sum of a sealed file becomes a keyed one: a plain one told who holds a copy that it lies
here.
"""

from typing import Any

from django.db import migrations

from handup.kernel.crypto import keyed_hash
from handup.org import keys


def key_them(apps: Any, schema_editor: Any) -> None:
    """Turn each plain sum into the keyed one that `services.files.sum_of` makes of the bytes."""
    files = apps.get_model("org", "StoredFile")._base_manager
    rows = files.exclude(sealed_with="").exclude(sha256="")
    key = keys.load().lasting_key("org.stored_file") if rows.exists() else b""
    for pk, plain in rows.values_list("pk", "sha256").iterator():
        files.filter(pk=pk).update(sha256=keyed_hash(key, plain))


class Migration(migrations.Migration):
    """Data only."""

    dependencies = (("org", "0008_reviews_and_trips"),)

    operations = (migrations.RunPython(key_them, migrations.RunPython.noop),)
