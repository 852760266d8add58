"""Every table of `desk`; a database that went through the migrations named here has them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.org.encryption
import handup.org.tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("desk", "0001_import_centre"),
        ("desk", "0002_batches_taken_over"),
    ]

    dependencies = [
        ("org", "0001_tables"),
        ("projects", "0001_tables"),
    ]

    operations = [
        handup.org.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="ImportBatch",
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
                        ("profile", models.CharField(max_length=40, verbose_name="profile")),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="import_batches",
                                to="projects.programme",
                                verbose_name="programme",
                            ),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="file")),
                        (
                            "sha256",
                            models.CharField(
                                db_index=True, max_length=64, verbose_name="SHA-256 of the file"
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.storedfile",
                                verbose_name="file",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("RECEIVED", "has faults"),
                                    ("VALIDATED", "without faults, nobody compared"),
                                    ("CHECKED", "checked, not taken over"),
                                    ("ADJUDICATING", "somebody may be registered twice"),
                                    ("TAKEN_OVER", "taken over"),
                                    ("REJECTED", "rejected"),
                                ],
                                default="RECEIVED",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "counts",
                            models.JSONField(
                                default=dict, verbose_name="rows by table and outcome"
                            ),
                        ),
                        (
                            "fault_count",
                            models.PositiveIntegerField(default=0, verbose_name="faults"),
                        ),
                        (
                            "faults",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="faults with their cells"
                            ),
                        ),
                        (
                            "unknown",
                            models.JSONField(default=dict, verbose_name="columns not known"),
                        ),
                        (
                            "received_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "imported_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "imported_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="imported at"),
                        ),
                        (
                            "without_key",
                            models.PositiveIntegerField(
                                default=0, verbose_name="persons with nothing to compare by"
                            ),
                        ),
                        (
                            "rejected_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "rejected_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="rejected at"),
                        ),
                        (
                            "reject_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("FAULTS", "too many faults"),
                                    ("WRONG_FILE", "the wrong file"),
                                    ("KNOWN_ALREADY", "these people are registered already"),
                                    ("NO_CONSENT", "they did not agree to be registered"),
                                    ("OTHER", "another reason"),
                                ],
                                default="",
                                max_length=13,
                                verbose_name="reason",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "import batch",
                        "ordering": ("-id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ImportKey",
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
                            "batch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="keys",
                                to="desk.importbatch",
                            ),
                        ),
                        ("source", models.CharField(max_length=100, verbose_name="source")),
                        ("table", models.CharField(max_length=40, verbose_name="table")),
                        ("key", models.CharField(max_length=200, verbose_name="key in the source")),
                        (
                            "digest",
                            models.CharField(max_length=64, verbose_name="keyed digest of the row"),
                        ),
                        ("record", models.UUIDField(verbose_name="record")),
                    ],
                    options={
                        "verbose_name": "import key",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source", "table", "key"), name="one_record_per_source_row"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ImportPair",
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
                            "batch",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pairs",
                                to="desk.importbatch",
                            ),
                        ),
                        ("key", models.CharField(max_length=200, verbose_name="row")),
                        (
                            "other_key",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="other row"
                            ),
                        ),
                        ("record", models.UUIDField(blank=True, null=True, verbose_name="person")),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("LIKELY", "likely one person"),
                                    ("POSSIBLE", "possibly one person"),
                                    ("DOCUMENT_CONFLICT", "one document, two persons?"),
                                    ("NONE", "no match"),
                                ],
                                max_length=17,
                                verbose_name="how sure",
                            ),
                        ),
                        (
                            "guard",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("HOUSEHOLD", "members of one household"),
                                    ("NAMES_DIFFER", "both names differ"),
                                    ("TWINS", "twins, or brother and sister?"),
                                    ("TOLD_DIFFERENT", "told to be two persons"),
                                ],
                                default="",
                                max_length=14,
                            ),
                        ),
                        ("bits_milli", models.IntegerField(verbose_name="weight")),
                        ("chance_ppm", models.PositiveIntegerField(verbose_name="chance")),
                        ("parts", models.JSONField(default=list, verbose_name="weights")),
                        ("model", models.CharField(max_length=40, verbose_name="model")),
                        (
                            "shown",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="what stands in the rows"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("OPEN", "to be compared"),
                                    ("SAME", "one person"),
                                    ("DIFFERENT", "two persons"),
                                    ("UNSURE", "not sure yet"),
                                ],
                                default="OPEN",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("DOCUMENT_SEEN", "her document was seen"),
                                    ("PERSON_ASKED", "the person was asked"),
                                    ("RECORDS_COMPARED", "the records were compared"),
                                    ("BOTH_MET", "both persons were met"),
                                    ("FAMILY", "relatives"),
                                    ("DOCUMENT_MISWRITTEN", "a document number was miswritten"),
                                    ("TOO_LITTLE_KNOWN", "too little is known"),
                                ],
                                default="",
                                max_length=19,
                                verbose_name="reason",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decided_date",
                            models.DateField(blank=True, null=True, verbose_name="decided on"),
                        ),
                    ],
                    options={
                        "verbose_name": "pair in a file",
                        "ordering": ("-chance_ppm", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ColumnMatch",
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
                        ("profile", models.CharField(max_length=40, verbose_name="profile")),
                        ("table", models.CharField(max_length=40, verbose_name="table")),
                        ("column", models.CharField(max_length=60, verbose_name="column")),
                        ("heading", models.CharField(max_length=200, verbose_name="heading")),
                    ],
                    options={
                        "verbose_name": "column match",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("profile", "table", "column"), name="one_heading_per_column"
                            )
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
