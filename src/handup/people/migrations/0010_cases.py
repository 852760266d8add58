"""Restricted cases: what lies in a compartment, sealed under a key of its own; its kind too."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.org.encryption


def seal_kinds(apps, schema_editor):
    """Seal the kinds that were written openly, each with its own row."""
    for row in apps.get_model("people", "Compartment")._base_manager.all():
        row.kind = row.open_kind
        row.save(update_fields=("kind", "kind_hash"))


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0006_days_a_listing_keeps"),
        ("people", "0009_emergency_access"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseAction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=handup.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "what",
                    handup.org.encryption.EncryptedTextField(
                        ring="compartment", verbose_name="what is to be done"
                    ),
                ),
                (
                    "due",
                    handup.org.encryption.EncryptedTextField(
                        ring="compartment", verbose_name="by when"
                    ),
                ),
                (
                    "done",
                    handup.org.encryption.EncryptedTextField(
                        blank=True, default="", ring="compartment", verbose_name="done on"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="CaseDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=handup.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "name",
                    handup.org.encryption.EncryptedTextField(
                        ring="compartment", verbose_name="what it is"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="CaseMove",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=handup.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="CaseNote",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=handup.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "day",
                    handup.org.encryption.EncryptedTextField(
                        ring="compartment", verbose_name="day"
                    ),
                ),
                (
                    "text",
                    handup.org.encryption.EncryptedTextField(
                        ring="compartment", verbose_name="note"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AlterModelOptions(
            name="compartment",
            options={"ordering": ("-opened_date", "id")},
        ),
        migrations.RemoveConstraint(
            model_name="compartment",
            name="one_open_compartment_per_kind",
        ),
        migrations.RenameField("compartment", "kind", "open_kind"),
        migrations.AddField(
            "compartment",
            "kind",
            handup.org.encryption.EncryptedTextField(
                ring="compartment", verbose_name="kind", default=""
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="compartment",
            name="kind_hash",
            field=handup.org.encryption.KeyedHashField(kind="exact", source="kind"),
        ),
        migrations.AddField(
            model_name="compartment",
            name="outcome",
            field=handup.org.encryption.EncryptedTextField(
                blank=True, default="", ring="compartment", verbose_name="how it ended"
            ),
        ),
        migrations.AddField(
            model_name="compartment",
            name="reason",
            field=handup.org.encryption.EncryptedTextField(
                blank=True, default="", ring="compartment", verbose_name="why it was opened"
            ),
        ),
        migrations.RunPython(seal_kinds, migrations.RunPython.noop),
        migrations.RemoveField("compartment", "open_kind"),
        migrations.AddField(
            model_name="caseaction",
            name="compartment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="actions",
                to="people.compartment",
            ),
        ),
        migrations.AddField(
            model_name="caseaction",
            name="responsible",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="caseaction",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="casedocument",
            name="added_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="casedocument",
            name="compartment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="people.compartment",
            ),
        ),
        migrations.AddField(
            model_name="casedocument",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="org.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="casemove",
            name="compartment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="moves",
                to="people.compartment",
            ),
        ),
        migrations.AddField(
            model_name="casemove",
            name="from_person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
            ),
        ),
        migrations.AddField(
            model_name="casemove",
            name="to_person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
            ),
        ),
        migrations.AddField(
            model_name="casenote",
            name="compartment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notes",
                to="people.compartment",
            ),
        ),
        migrations.AddField(
            model_name="casenote",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
