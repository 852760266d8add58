"""Every table of `people`; a database that went through the migrations named here has them."""

import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.org.encryption
import handup.org.tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("people", "0001_initial"),
        ("people", "0002_faster_lists"),
        ("people", "0003_grievances"),
        ("people", "0004_scorecards"),
        ("people", "0005_match_keys"),
        ("people", "0006_subject_requests"),
        ("people", "0007_sharing"),
        ("people", "0008_referrals"),
        ("people", "0009_emergency_access"),
        ("people", "0010_cases"),
        ("people", "0011_two_records_made_one"),
        ("people", "0012_targeting"),
        ("people", "0013_targeting_runs"),
        ("people", "0014_selections"),
        ("people", "0015_who_changed_a_selection"),
        ("people", "0016_matches_of_files"),
        ("people", "0017_weights_adopted"),
    ]

    dependencies = [
        ("org", "0001_tables"),
        ("projects", "0001_tables"),
    ]

    operations = [
        handup.org.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="HistoricalPerson",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                db_index=True, default=handup.kernel.ids.new_id, editable=False
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "registration_no",
                            models.CharField(
                                db_index=True, max_length=12, verbose_name="registration number"
                            ),
                        ),
                        ("display_name", models.CharField(max_length=200, verbose_name="name")),
                        (
                            "sort_key",
                            models.CharField(db_index=True, editable=False, max_length=200),
                        ),
                        (
                            "father_name",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="father's name"
                            ),
                        ),
                        (
                            "sex",
                            models.CharField(
                                choices=[
                                    ("F", "woman"),
                                    ("M", "man"),
                                    ("OTHER", "other"),
                                    ("NOT_ASKED", "not asked"),
                                    ("NOT_ANSWERED", "not answered"),
                                ],
                                default="NOT_ASKED",
                                max_length=12,
                                verbose_name="sex",
                            ),
                        ),
                        (
                            "birth_date",
                            models.DateField(blank=True, null=True, verbose_name="birth date"),
                        ),
                        (
                            "birth_precision",
                            models.CharField(
                                choices=[
                                    ("DAY", "to the day"),
                                    ("MONTH", "to the month"),
                                    ("YEAR", "to the year"),
                                    ("AGE", "from a told age"),
                                    ("UNKNOWN", "not known"),
                                ],
                                default="UNKNOWN",
                                max_length=7,
                                verbose_name="birth date known",
                            ),
                        ),
                        (
                            "languages",
                            models.JSONField(blank=True, default=list, verbose_name="languages"),
                        ),
                        (
                            "phone",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="telephone"
                            ),
                        ),
                        (
                            "phone_hash",
                            handup.org.encryption.KeyedHashField(
                                kind="phone", shared="people.phone", source="phone"
                            ),
                        ),
                        (
                            "address",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="exact place"
                            ),
                        ),
                        ("registered_date", models.DateField(verbose_name="registered on")),
                        ("erased_date", models.DateField(blank=True, editable=False, null=True)),
                        ("merged_date", models.DateField(blank=True, editable=False, null=True)),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="org.area",
                                verbose_name="settlement",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="org.office",
                                verbose_name="office",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="projects.programme",
                                verbose_name="programme",
                            ),
                        ),
                        (
                            "case_officer",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="case officer",
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical person",
                        "verbose_name_plural": "historical persons",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Person",
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
                            "registration_no",
                            models.CharField(
                                max_length=12, unique=True, verbose_name="registration number"
                            ),
                        ),
                        ("display_name", models.CharField(max_length=200, verbose_name="name")),
                        (
                            "sort_key",
                            models.CharField(db_index=True, editable=False, max_length=200),
                        ),
                        (
                            "father_name",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="father's name"
                            ),
                        ),
                        (
                            "sex",
                            models.CharField(
                                choices=[
                                    ("F", "woman"),
                                    ("M", "man"),
                                    ("OTHER", "other"),
                                    ("NOT_ASKED", "not asked"),
                                    ("NOT_ANSWERED", "not answered"),
                                ],
                                default="NOT_ASKED",
                                max_length=12,
                                verbose_name="sex",
                            ),
                        ),
                        (
                            "birth_date",
                            models.DateField(blank=True, null=True, verbose_name="birth date"),
                        ),
                        (
                            "birth_precision",
                            models.CharField(
                                choices=[
                                    ("DAY", "to the day"),
                                    ("MONTH", "to the month"),
                                    ("YEAR", "to the year"),
                                    ("AGE", "from a told age"),
                                    ("UNKNOWN", "not known"),
                                ],
                                default="UNKNOWN",
                                max_length=7,
                                verbose_name="birth date known",
                            ),
                        ),
                        (
                            "languages",
                            models.JSONField(blank=True, default=list, verbose_name="languages"),
                        ),
                        (
                            "phone",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="telephone"
                            ),
                        ),
                        (
                            "phone_hash",
                            handup.org.encryption.KeyedHashField(
                                kind="phone", shared="people.phone", source="phone"
                            ),
                        ),
                        (
                            "address",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="exact place"
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.area",
                                verbose_name="settlement",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                                verbose_name="office",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.programme",
                                verbose_name="programme",
                            ),
                        ),
                        (
                            "case_officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="case officer",
                            ),
                        ),
                        ("registered_date", models.DateField(verbose_name="registered on")),
                        (
                            "registered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("erased_date", models.DateField(blank=True, editable=False, null=True)),
                        ("merged_date", models.DateField(blank=True, editable=False, null=True)),
                    ],
                    options={
                        "ordering": ("sort_key", "id"),
                        "indexes": [
                            models.Index(
                                fields=["programme", "sort_key", "id"], name="person_in_programme"
                            ),
                            models.Index(fields=["birth_date"], name="person_birth_date"),
                            models.Index(
                                fields=["registered_date", "id"], name="person_registered"
                            ),
                            models.Index(
                                fields=["programme", "registered_date", "id"],
                                name="person_registered_in",
                            ),
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPersonName",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                db_index=True, default=handup.kernel.ids.new_id, editable=False
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("REGISTERED", "name"),
                                    ("ALIAS", "also known as"),
                                    ("BEFORE_MARRIAGE", "name before marriage"),
                                    ("ROMANISED", "name in Latin letters"),
                                ],
                                max_length=15,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "script",
                            models.CharField(
                                choices=[
                                    ("LATIN", "Latin"),
                                    ("ARMENIAN", "Armenian"),
                                    ("CYRILLIC", "Cyrillic"),
                                    ("ARABIC", "Arabic"),
                                    ("OTHER", "other"),
                                ],
                                max_length=8,
                                verbose_name="script",
                            ),
                        ),
                        ("first_name", models.CharField(max_length=120, verbose_name="first name")),
                        (
                            "last_name",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="family name"
                            ),
                        ),
                        (
                            "normal_first",
                            models.CharField(db_index=True, editable=False, max_length=120),
                        ),
                        (
                            "normal_last",
                            models.CharField(db_index=True, editable=False, max_length=120),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical person name",
                        "verbose_name_plural": "historical person names",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PersonName",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="names",
                                to="people.person",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("REGISTERED", "name"),
                                    ("ALIAS", "also known as"),
                                    ("BEFORE_MARRIAGE", "name before marriage"),
                                    ("ROMANISED", "name in Latin letters"),
                                ],
                                max_length=15,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "script",
                            models.CharField(
                                choices=[
                                    ("LATIN", "Latin"),
                                    ("ARMENIAN", "Armenian"),
                                    ("CYRILLIC", "Cyrillic"),
                                    ("ARABIC", "Arabic"),
                                    ("OTHER", "other"),
                                ],
                                max_length=8,
                                verbose_name="script",
                            ),
                        ),
                        ("first_name", models.CharField(max_length=120, verbose_name="first name")),
                        (
                            "last_name",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="family name"
                            ),
                        ),
                        (
                            "normal_first",
                            models.CharField(db_index=True, editable=False, max_length=120),
                        ),
                        (
                            "normal_last",
                            models.CharField(db_index=True, editable=False, max_length=120),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPersonDocument",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                db_index=True, default=handup.kernel.ids.new_id, editable=False
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("NATIONAL_ID", "identity card"),
                                    ("PASSPORT", "passport"),
                                    ("REFUGEE_CARD", "refugee card"),
                                    ("BIRTH_CERTIFICATE", "birth certificate"),
                                    ("OTHER", "other"),
                                ],
                                max_length=17,
                                verbose_name="document",
                            ),
                        ),
                        ("number", handup.org.encryption.EncryptedTextField(verbose_name="number")),
                        (
                            "number_hash",
                            handup.org.encryption.KeyedHashField(kind="document", source="number"),
                        ),
                        (
                            "issuer",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="issued by"
                            ),
                        ),
                        (
                            "issue_date",
                            models.DateField(blank=True, null=True, verbose_name="issued on"),
                        ),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid until"),
                        ),
                        ("seen_date", models.DateField(verbose_name="seen on")),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                        (
                            "seen_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical person document",
                        "verbose_name_plural": "historical person documents",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PersonDocument",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="people.person",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("NATIONAL_ID", "identity card"),
                                    ("PASSPORT", "passport"),
                                    ("REFUGEE_CARD", "refugee card"),
                                    ("BIRTH_CERTIFICATE", "birth certificate"),
                                    ("OTHER", "other"),
                                ],
                                max_length=17,
                                verbose_name="document",
                            ),
                        ),
                        ("number", handup.org.encryption.EncryptedTextField(verbose_name="number")),
                        (
                            "number_hash",
                            handup.org.encryption.KeyedHashField(kind="document", source="number"),
                        ),
                        (
                            "issuer",
                            models.CharField(
                                blank=True, default="", max_length=120, verbose_name="issued by"
                            ),
                        ),
                        (
                            "issue_date",
                            models.DateField(blank=True, null=True, verbose_name="issued on"),
                        ),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid until"),
                        ),
                        (
                            "seen_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("seen_date", models.DateField(verbose_name="seen on")),
                    ],
                    options={
                        "ordering": ("id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ConsentNotice",
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
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consent_notices",
                                to="projects.programme",
                            ),
                        ),
                        ("version", models.CharField(max_length=20, verbose_name="version")),
                        ("language", models.CharField(max_length=10, verbose_name="language")),
                        ("text", models.TextField(verbose_name="text")),
                        ("purposes", models.JSONField(default=list, verbose_name="purposes")),
                        (
                            "data_categories",
                            models.JSONField(default=list, verbose_name="what data"),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                    ],
                    options={
                        "ordering": ("-valid_from", "version", "language"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "language"),
                                name="one_notice_per_version_and_language",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to="people.person",
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("SERVICE", "being served by the programme"),
                                    ("SHARE_BANK", "sharing with the bank"),
                                    ("SHARE_PARTNER", "sharing with partner organisations"),
                                    ("SHARE_AUTHORITY", "sharing with authorities"),
                                    ("CONTACT_LATER", "being asked again later"),
                                    ("PHOTO_STORY", "photograph or story"),
                                    ("RESEARCH", "research"),
                                ],
                                max_length=15,
                                verbose_name="purpose",
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.consentnotice",
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.organisation",
                            ),
                        ),
                        (
                            "data_categories",
                            models.JSONField(default=list, verbose_name="what data"),
                        ),
                        (
                            "signatory",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="signed by"
                            ),
                        ),
                        (
                            "capacity",
                            models.CharField(
                                choices=[
                                    ("SELF", "the person"),
                                    ("GUARDIAN", "parent or guardian"),
                                    ("REPRESENTATIVE", "representative"),
                                ],
                                default="SELF",
                                max_length=14,
                                verbose_name="signed as",
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("SIGNATURE", "signature"),
                                    ("MARK", "mark or fingerprint"),
                                    ("VOICE", "recorded voice"),
                                    ("WITNESSED", "spoken before a witness"),
                                ],
                                max_length=9,
                                verbose_name="how",
                            ),
                        ),
                        ("given_date", models.DateField(verbose_name="given on")),
                        (
                            "expires_date",
                            models.DateField(blank=True, null=True, verbose_name="until"),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("given_date", "id"),
                        "indexes": [
                            models.Index(fields=["person", "purpose"], name="consent_purpose")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_date", None),
                                    ("expires_date__gte", models.F("given_date")),
                                    _connector="OR",
                                ),
                                name="consent_ends_after_start",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConsentEnding",
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
                            "consent",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ending",
                                to="people.consent",
                            ),
                        ),
                        (
                            "how",
                            models.CharField(
                                choices=[
                                    ("WITHDRAWN", "withdrawn"),
                                    ("EXPIRED", "expired"),
                                    ("RENEWED", "renewed"),
                                ],
                                max_length=9,
                                verbose_name="how",
                            ),
                        ),
                        ("end_date", models.DateField(verbose_name="on")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="MatchKey",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="match_keys",
                                to="people.person",
                            ),
                        ),
                        ("key", models.BigIntegerField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["key", "person"], name="match_key_person")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="NameAlias",
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
                        ("spelling", models.CharField(max_length=120, verbose_name="spelling")),
                        ("meant", models.CharField(max_length=120, verbose_name="name it means")),
                        ("form", models.CharField(editable=False, max_length=120, unique=True)),
                        ("target", models.CharField(db_index=True, editable=False, max_length=120)),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("recorded_date", models.DateField(verbose_name="recorded on")),
                    ],
                    options={
                        "ordering": ("spelling", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Match",
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
                            "first",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches_as_first",
                                to="people.person",
                            ),
                        ),
                        (
                            "second",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches_as_second",
                                to="people.person",
                            ),
                        ),
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
                            "source",
                            models.CharField(
                                choices=[
                                    ("NEWCOMER", "at registration"),
                                    ("BATCH", "in a file"),
                                    ("REGISTER", "check of all records"),
                                ],
                                max_length=8,
                                verbose_name="found by",
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
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proposed_state",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("OPEN", "to be compared"),
                                    ("SAME", "one person"),
                                    ("DIFFERENT", "two persons"),
                                    ("UNSURE", "not sure yet"),
                                ],
                                default="",
                                max_length=9,
                            ),
                        ),
                        (
                            "proposed_reason",
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
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("proposed_date", models.DateField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("-chance_ppm", "id"),
                        "indexes": [
                            models.Index(fields=["state", "-chance_ppm", "id"], name="match_queue")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("first", "second"), name="one_match_a_pair"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("first__lt", models.F("second"))),
                                name="match_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalEnterprise",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                db_index=True, default=handup.kernel.ids.new_id, editable=False
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "code",
                            models.CharField(db_index=True, max_length=12, verbose_name="number"),
                        ),
                        (
                            "name",
                            models.CharField(
                                blank=True, default="", max_length=160, verbose_name="name"
                            ),
                        ),
                        ("trade", models.CharField(max_length=120, verbose_name="trade")),
                        (
                            "trade_code",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=20,
                                verbose_name="code of the trade",
                            ),
                        ),
                        (
                            "start_date",
                            models.DateField(blank=True, null=True, verbose_name="started"),
                        ),
                        (
                            "start_precision",
                            models.CharField(
                                choices=[("DAY", "day"), ("MONTH", "month"), ("YEAR", "year")],
                                default="DAY",
                                max_length=5,
                                verbose_name="start known to the",
                            ),
                        ),
                        (
                            "formality",
                            models.CharField(
                                choices=[
                                    ("INFORMAL", "not registered"),
                                    ("REGISTERED", "registered"),
                                    ("LICENSED", "registered and licensed"),
                                    ("NOT_KNOWN", "not known"),
                                ],
                                default="NOT_KNOWN",
                                max_length=10,
                                verbose_name="registration",
                            ),
                        ),
                        (
                            "job_kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("FARM", "farm work"),
                                    ("OFF_FARM", "work off the farm"),
                                    ("PROCESSING", "processing of farm produce"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="kind of work",
                            ),
                        ),
                        (
                            "workers_family",
                            models.PositiveIntegerField(
                                default=0, verbose_name="family members working"
                            ),
                        ),
                        (
                            "workers_paid",
                            models.PositiveIntegerField(default=0, verbose_name="paid workers"),
                        ),
                        (
                            "workers_women",
                            models.PositiveIntegerField(default=0, verbose_name="women among them"),
                        ),
                        ("registered_date", models.DateField(verbose_name="registered on")),
                        (
                            "closed_date",
                            models.DateField(blank=True, null=True, verbose_name="closed on"),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="org.area",
                                verbose_name="settlement",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "case_officer",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical enterprise",
                        "verbose_name_plural": "historical enterprises",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Enterprise",
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
                            "code",
                            models.CharField(max_length=12, unique=True, verbose_name="number"),
                        ),
                        (
                            "name",
                            models.CharField(
                                blank=True, default="", max_length=160, verbose_name="name"
                            ),
                        ),
                        ("trade", models.CharField(max_length=120, verbose_name="trade")),
                        (
                            "trade_code",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=20,
                                verbose_name="code of the trade",
                            ),
                        ),
                        (
                            "start_date",
                            models.DateField(blank=True, null=True, verbose_name="started"),
                        ),
                        (
                            "start_precision",
                            models.CharField(
                                choices=[("DAY", "day"), ("MONTH", "month"), ("YEAR", "year")],
                                default="DAY",
                                max_length=5,
                                verbose_name="start known to the",
                            ),
                        ),
                        (
                            "formality",
                            models.CharField(
                                choices=[
                                    ("INFORMAL", "not registered"),
                                    ("REGISTERED", "registered"),
                                    ("LICENSED", "registered and licensed"),
                                    ("NOT_KNOWN", "not known"),
                                ],
                                default="NOT_KNOWN",
                                max_length=10,
                                verbose_name="registration",
                            ),
                        ),
                        (
                            "job_kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("FARM", "farm work"),
                                    ("OFF_FARM", "work off the farm"),
                                    ("PROCESSING", "processing of farm produce"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="kind of work",
                            ),
                        ),
                        (
                            "workers_family",
                            models.PositiveIntegerField(
                                default=0, verbose_name="family members working"
                            ),
                        ),
                        (
                            "workers_paid",
                            models.PositiveIntegerField(default=0, verbose_name="paid workers"),
                        ),
                        (
                            "workers_women",
                            models.PositiveIntegerField(default=0, verbose_name="women among them"),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.area",
                                verbose_name="settlement",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="enterprises",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "case_officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("registered_date", models.DateField(verbose_name="registered on")),
                        (
                            "registered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "closed_date",
                            models.DateField(blank=True, null=True, verbose_name="closed on"),
                        ),
                    ],
                    options={
                        "ordering": ("code",),
                        "indexes": [
                            models.Index(
                                fields=["programme", "code"], name="enterprise_in_programme"
                            )
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalOwnership",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                db_index=True, default=handup.kernel.ids.new_id, editable=False
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "share_bps",
                            models.PositiveIntegerField(default=10000, verbose_name="share"),
                        ),
                        ("from_date", models.DateField(verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                        (
                            "enterprise",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.enterprise",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical ownership",
                        "verbose_name_plural": "historical ownerships",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Ownership",
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
                            "enterprise",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ownerships",
                                to="people.enterprise",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ownerships",
                                to="people.person",
                            ),
                        ),
                        (
                            "share_bps",
                            models.PositiveIntegerField(default=10000, verbose_name="share"),
                        ),
                        ("from_date", models.DateField(verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                    ],
                    options={
                        "ordering": ("from_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("share_bps__gte", 1), ("share_bps__lte", 10000)
                                ),
                                name="share_between_nothing_and_all",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("to_date", None),
                                    ("to_date__gte", models.F("from_date")),
                                    _connector="OR",
                                ),
                                name="ownership_ends_after_start",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="BreakGlass",
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
                            "code",
                            models.CharField(max_length=12, unique=True, verbose_name="number"),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="opened by",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("LIFE_OR_HEALTH", "her life or health is in danger"),
                                    ("CHILD", "a child is in danger"),
                                    ("VIOLENCE", "she is threatened"),
                                    ("MONEY_AT_RISK", "her money is at risk now"),
                                    (
                                        "AT_THE_DOOR",
                                        "she stands before you and is served by others",
                                    ),
                                    ("OTHER", "another reason"),
                                ],
                                max_length=14,
                                verbose_name="reason",
                            ),
                        ),
                        (
                            "words",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="reason in words"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("OPEN", "open"),
                                    ("EXPIRED", "over, to review"),
                                    ("REVIEWED", "in order"),
                                    ("ABUSE", "misused"),
                                ],
                                default="OPEN",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="opened")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        ("review_by", models.DateField(verbose_name="to review by")),
                        (
                            "escalated_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="escalated"),
                        ),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reviewed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="reviewed"),
                        ),
                        (
                            "finding",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="what the review found"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-opened_at", "-id"),
                        "indexes": [
                            models.Index(fields=["staff", "ends_at"], name="glass_of_staff"),
                            models.Index(fields=["state", "review_by"], name="glass_to_review"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("opened_at"))),
                                name="glass_ends_later",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Grievance",
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
                            "code",
                            models.CharField(max_length=12, unique=True, verbose_name="number"),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("TARGETING", "who was chosen"),
                                    ("PAYMENT", "a payment"),
                                    ("STAFF", "staff"),
                                    ("DATA", "her data"),
                                    ("SERVICE", "a service"),
                                    ("GROUP", "a group"),
                                    ("BANK", "a bank"),
                                    ("PARTNER", "a partner"),
                                    ("REQUEST", "a request"),
                                    ("PRAISE", "praise"),
                                ],
                                max_length=9,
                                verbose_name="about",
                            ),
                        ),
                        (
                            "sensitivity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("EXPLOITATION", "sexual exploitation or abuse"),
                                    ("FRAUD", "fraud"),
                                    ("STAFF_CONDUCT", "conduct of staff"),
                                    ("DATA_BREACH", "data got out"),
                                ],
                                default="",
                                max_length=13,
                                verbose_name="sensitive",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grievances",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.area",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grievances",
                                to="people.person",
                            ),
                        ),
                        (
                            "anonymous",
                            models.BooleanField(default=False, verbose_name="without a name"),
                        ),
                        (
                            "contact",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="how to reach her"
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True, default="", max_length=10, verbose_name="language"
                            ),
                        ),
                        (
                            "text",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="what she says"
                            ),
                        ),
                        (
                            "restricted_text",
                            handup.org.encryption.EncryptedTextField(
                                blank=True,
                                default="",
                                ring="compartment",
                                verbose_name="what she says",
                            ),
                        ),
                        (
                            "complained_of",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "tracking",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="code to ask with"
                            ),
                        ),
                        (
                            "tracking_hash",
                            handup.org.encryption.KeyedHashField(kind="exact", source="tracking"),
                        ),
                        ("received_date", models.DateField(verbose_name="received on")),
                        ("acknowledge_date", models.DateField(verbose_name="to acknowledge by")),
                        ("resolve_date", models.DateField(verbose_name="to resolve by")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("RECEIVED", "received"),
                                    ("ACKNOWLEDGED", "acknowledged"),
                                    ("IN_PROGRESS", "being looked into"),
                                    ("RESOLVED", "resolved"),
                                    ("REJECTED", "not upheld"),
                                    ("APPEALED", "appealed"),
                                    ("CLOSED", "closed"),
                                    ("WITHDRAWN", "taken back"),
                                ],
                                default="RECEIVED",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "decided_date",
                            models.DateField(blank=True, null=True, verbose_name="decided on"),
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
                            "told_focal_point_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="focal point told"
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-received_date", "-id"),
                        "indexes": [
                            models.Index(fields=["state", "resolve_date"], name="grievance_due")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="GrievanceStep",
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
                            "grievance",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="people.grievance",
                            ),
                        ),
                        (
                            "from_state",
                            models.CharField(
                                choices=[
                                    ("RECEIVED", "received"),
                                    ("ACKNOWLEDGED", "acknowledged"),
                                    ("IN_PROGRESS", "being looked into"),
                                    ("RESOLVED", "resolved"),
                                    ("REJECTED", "not upheld"),
                                    ("APPEALED", "appealed"),
                                    ("CLOSED", "closed"),
                                    ("WITHDRAWN", "taken back"),
                                ],
                                max_length=12,
                                verbose_name="from",
                            ),
                        ),
                        (
                            "to_state",
                            models.CharField(
                                choices=[
                                    ("RECEIVED", "received"),
                                    ("ACKNOWLEDGED", "acknowledged"),
                                    ("IN_PROGRESS", "being looked into"),
                                    ("RESOLVED", "resolved"),
                                    ("REJECTED", "not upheld"),
                                    ("APPEALED", "appealed"),
                                    ("CLOSED", "closed"),
                                    ("WITHDRAWN", "taken back"),
                                ],
                                max_length=12,
                                verbose_name="to",
                            ),
                        ),
                        ("step_date", models.DateField(verbose_name="on")),
                        (
                            "note",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="note"
                            ),
                        ),
                        (
                            "restricted_note",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", ring="compartment", verbose_name="note"
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("step_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="GrievanceTeamMember",
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
                            "grievance",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="team",
                                to="people.grievance",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("joined_date", models.DateField(verbose_name="since")),
                        (
                            "left_date",
                            models.DateField(blank=True, null=True, verbose_name="until"),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("left_date", None)),
                                fields=("grievance", "staff"),
                                name="on_a_grievance_team_once",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalHousehold",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                db_index=True, default=handup.kernel.ids.new_id, editable=False
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "code",
                            models.CharField(
                                db_index=True, max_length=12, verbose_name="household number"
                            ),
                        ),
                        (
                            "address",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="exact place"
                            ),
                        ),
                        ("registered_date", models.DateField(verbose_name="registered on")),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="org.area",
                                verbose_name="settlement",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "case_officer",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical household",
                        "verbose_name_plural": "historical households",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Household",
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
                            "code",
                            models.CharField(
                                max_length=12, unique=True, verbose_name="household number"
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.area",
                                verbose_name="settlement",
                            ),
                        ),
                        (
                            "address",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="exact place"
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "case_officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("registered_date", models.DateField(verbose_name="registered on")),
                        (
                            "registered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("code",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalMembership",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                db_index=True, default=handup.kernel.ids.new_id, editable=False
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("HEAD", "head of the household"),
                                    ("MEMBER", "member"),
                                    ("COLLECTOR", "collects for the household"),
                                ],
                                default="MEMBER",
                                max_length=9,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "relation",
                            models.CharField(
                                choices=[
                                    ("SELF", "the head"),
                                    ("SPOUSE", "wife or husband"),
                                    ("CHILD", "child"),
                                    ("PARENT", "parent"),
                                    ("SIBLING", "brother or sister"),
                                    ("GRANDCHILD", "grandchild"),
                                    ("OTHER_RELATIVE", "other relative"),
                                    ("NOT_RELATED", "not related"),
                                    ("NOT_KNOWN", "not known"),
                                ],
                                default="NOT_KNOWN",
                                max_length=14,
                                verbose_name="relation to the head",
                            ),
                        ),
                        ("from_date", models.DateField(verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                        (
                            "household",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.household",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical membership",
                        "verbose_name_plural": "historical memberships",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Membership",
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
                            "household",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="people.household",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="people.person",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("HEAD", "head of the household"),
                                    ("MEMBER", "member"),
                                    ("COLLECTOR", "collects for the household"),
                                ],
                                default="MEMBER",
                                max_length=9,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "relation",
                            models.CharField(
                                choices=[
                                    ("SELF", "the head"),
                                    ("SPOUSE", "wife or husband"),
                                    ("CHILD", "child"),
                                    ("PARENT", "parent"),
                                    ("SIBLING", "brother or sister"),
                                    ("GRANDCHILD", "grandchild"),
                                    ("OTHER_RELATIVE", "other relative"),
                                    ("NOT_RELATED", "not related"),
                                    ("NOT_KNOWN", "not known"),
                                ],
                                default="NOT_KNOWN",
                                max_length=14,
                                verbose_name="relation to the head",
                            ),
                        ),
                        ("from_date", models.DateField(verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                    ],
                    options={
                        "ordering": ("from_date", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("role", "HEAD"), ("to_date", None)),
                                fields=("household",),
                                name="one_present_head_per_household",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("to_date", None),
                                    ("to_date__gte", models.F("from_date")),
                                    _connector="OR",
                                ),
                                name="membership_ends_after_start",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HouseholdFact",
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
                            "household",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="facts",
                                to="people.household",
                            ),
                        ),
                        ("fact_date", models.DateField(verbose_name="told on")),
                        (
                            "adults",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="adults"
                            ),
                        ),
                        (
                            "children",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="children under 18"
                            ),
                        ),
                        (
                            "monthly_income_units",
                            models.BigIntegerField(
                                blank=True, null=True, verbose_name="income a month"
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                blank=True, default="", max_length=3, verbose_name="currency"
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("DOCUMENT", "a document shown"),
                                    ("AUTHORITY", "an authority"),
                                    ("TOLD", "told by the person"),
                                ],
                                default="TOLD",
                                max_length=9,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "told_to",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("fact_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="PovertyLine",
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
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="poverty_lines",
                                to="projects.programme",
                            ),
                        ),
                        ("from_date", models.DateField(verbose_name="from")),
                        ("per_head_units", models.BigIntegerField(verbose_name="a head and month")),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("source", models.CharField(max_length=200, verbose_name="source")),
                    ],
                    options={
                        "ordering": ("from_date",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "from_date"), name="one_poverty_line_per_day"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Instrument",
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
                            "code",
                            models.CharField(
                                choices=[
                                    ("WG_SS", "Daily activities (Washington Group)"),
                                    ("HHS", "Household hunger"),
                                    ("FCS", "Food consumption"),
                                    ("RCSI", "Coping with too little food"),
                                    ("LCS_EN", "Coping with essential needs"),
                                    ("LCS_FS", "Coping for food"),
                                ],
                                max_length=6,
                                verbose_name="instrument",
                            ),
                        ),
                        ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "language",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=10,
                                verbose_name="language of the wording",
                            ),
                        ),
                        ("structure", models.JSONField(verbose_name="items and rules")),
                        (
                            "wording",
                            models.JSONField(blank=True, default=dict, verbose_name="wording"),
                        ),
                        ("published_date", models.DateField(verbose_name="valid from")),
                        (
                            "published_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("code", "version"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("code", "version"), name="one_instrument_per_version"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="InstrumentAnswer",
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
                            "instrument",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answers",
                                to="people.instrument",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="instrument_answers",
                                to="people.person",
                            ),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="instrument_answers",
                                to="people.household",
                            ),
                        ),
                        ("asked_date", models.DateField(verbose_name="asked on")),
                        (
                            "answers",
                            handup.org.encryption.EncryptedJSONField(
                                blank=True, default=list, verbose_name="answers to questionnaires"
                            ),
                        ),
                        (
                            "outcome",
                            handup.org.encryption.EncryptedJSONField(
                                blank=True, default=list, verbose_name="what the answers came to"
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("asked_date", "id"),
                        "indexes": [
                            models.Index(fields=["person", "asked_date"], name="instrument_person"),
                            models.Index(
                                fields=["household", "asked_date"], name="instrument_household"
                            ),
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="MatchModel",
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
                            "version",
                            models.CharField(max_length=40, unique=True, verbose_name="version"),
                        ),
                        ("content", models.JSONField(verbose_name="weights")),
                        ("records", models.PositiveIntegerField(verbose_name="records")),
                        ("candidates", models.PositiveIntegerField(verbose_name="pairs compared")),
                        ("rounds", models.PositiveSmallIntegerField(verbose_name="rounds")),
                        ("settled", models.BooleanField(verbose_name="settled")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "proposed"),
                                    ("ADOPTED", "adopted"),
                                    ("REFUSED", "not adopted"),
                                    ("RETIRED", "not in use any more"),
                                ],
                                default="PROPOSED",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("proposed_date", models.DateField(verbose_name="proposed on")),
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
                            "decided_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="decided"),
                        ),
                    ],
                    options={
                        "ordering": ("-id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="MergeRecord",
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
                            "survivor",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merges",
                                to="people.person",
                                verbose_name="record that stays",
                            ),
                        ),
                        (
                            "merged",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merged_by_record",
                                to="people.person",
                                verbose_name="record that goes",
                            ),
                        ),
                        (
                            "match",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merges",
                                to="people.match",
                            ),
                        ),
                        ("merged_date", models.DateField(verbose_name="merged on")),
                        (
                            "merged_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="merged by",
                            ),
                        ),
                        ("moved", models.JSONField(default=dict, verbose_name="rows that moved")),
                        (
                            "changes",
                            models.JSONField(default=list, verbose_name="values that changed"),
                        ),
                        ("made", models.JSONField(default=dict)),
                        ("picked", models.JSONField(default=list, verbose_name="fields taken")),
                        (
                            "values",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="her fields before and after"
                            ),
                        ),
                        ("looks", models.JSONField(default=list, verbose_name="to look at")),
                        (
                            "looked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "looked_date",
                            models.DateField(blank=True, null=True, verbose_name="looked at on"),
                        ),
                        (
                            "undone_date",
                            models.DateField(blank=True, null=True, verbose_name="taken apart on"),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("left_as_is", models.JSONField(default=list)),
                    ],
                    options={
                        "ordering": ("-merged_date", "-id"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("undone_date", None)),
                                fields=("merged",),
                                name="one_merge_a_record",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("survivor", models.F("merged")), _negated=True),
                                name="merge_of_two_records",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Alias",
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
                            "old",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stood_for_by",
                                to="people.person",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="aliases",
                                to="people.person",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Campaign",
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
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="campaigns",
                                to="projects.programme",
                            ),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("MEDIA", "radio, television or newspaper"),
                                    ("LEADER", "a community leader"),
                                    ("OPEN_DAY", "open day"),
                                    ("PARTNER", "a partner organisation"),
                                    ("WORD_OF_MOUTH", "relatives or neighbours"),
                                    ("ONLINE", "internet"),
                                    ("OTHER", "other"),
                                    ("UNKNOWN", "not known"),
                                ],
                                max_length=13,
                                verbose_name="channel",
                            ),
                        ),
                        ("language", models.CharField(max_length=10, verbose_name="language")),
                        (
                            "budget_line",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="campaigns",
                                to="projects.budgetline",
                            ),
                        ),
                        (
                            "cost_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="cost"),
                        ),
                        (
                            "currency",
                            models.CharField(
                                blank=True, default="", max_length=3, verbose_name="currency"
                            ),
                        ),
                        ("start_date", models.DateField(verbose_name="start")),
                        ("end_date", models.DateField(blank=True, null=True, verbose_name="end")),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-start_date", "code"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "code"),
                                name="one_campaign_per_code_in_a_programme",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="OutreachEvent",
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
                            "campaign",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="people.campaign",
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        ("event_date", models.DateField(verbose_name="date")),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.area",
                            ),
                        ),
                        (
                            "place",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="place"
                            ),
                        ),
                        (
                            "heads",
                            models.JSONField(
                                default=dict, verbose_name="heads by sex and age band"
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-event_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Enquiry",
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
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="enquiries",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="enquiries",
                                to="people.campaign",
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("MEDIA", "radio, television or newspaper"),
                                    ("LEADER", "a community leader"),
                                    ("OPEN_DAY", "open day"),
                                    ("PARTNER", "a partner organisation"),
                                    ("WORD_OF_MOUTH", "relatives or neighbours"),
                                    ("ONLINE", "internet"),
                                    ("OTHER", "other"),
                                    ("UNKNOWN", "not known"),
                                ],
                                default="UNKNOWN",
                                max_length=13,
                                verbose_name="how she heard of us",
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True, default="", max_length=10, verbose_name="language"
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="name"
                            ),
                        ),
                        (
                            "phone",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="telephone"
                            ),
                        ),
                        (
                            "phone_hash",
                            handup.org.encryption.KeyedHashField(
                                kind="phone", shared="people.phone", source="phone"
                            ),
                        ),
                        (
                            "wish",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="what she wishes",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("OPEN", "open"),
                                    ("REGISTERED", "became a registration"),
                                    ("CLOSED", "closed"),
                                ],
                                default="OPEN",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("enquiry_date", models.DateField(verbose_name="date")),
                        ("due_date", models.DateField(verbose_name="to answer by")),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.area",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="enquiries",
                                to="people.person",
                            ),
                        ),
                        (
                            "closed_date",
                            models.DateField(blank=True, null=True, verbose_name="closed on"),
                        ),
                        (
                            "closed_reason",
                            models.CharField(
                                blank=True, default="", max_length=200, verbose_name="reason"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-enquiry_date", "-id"),
                        "indexes": [models.Index(fields=["state", "due_date"], name="enquiry_due")],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="EligibilityRule",
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
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="eligibility_rules",
                                to="projects.programme",
                            ),
                        ),
                        ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        ("tree", models.JSONField(verbose_name="rule")),
                        (
                            "appeal_route",
                            models.CharField(
                                blank=True, default="", max_length=300, verbose_name="how to appeal"
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid until"),
                        ),
                        (
                            "published_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("programme", "version"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "version"),
                                name="one_rule_per_version_in_a_programme",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalParticipation",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                db_index=True, default=handup.kernel.ids.new_id, editable=False
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("APPLIED", "applied"),
                                    ("NEEDS_INFORMATION", "information is missing"),
                                    ("ELIGIBLE", "eligible"),
                                    ("NOT_ELIGIBLE", "not eligible"),
                                    ("WAITING", "on the waiting list"),
                                    ("ACTIVE", "taking part"),
                                    ("PAUSED", "paused"),
                                    ("GRADUATED", "graduated"),
                                    ("EXITED", "left"),
                                    ("MERGED", "merged with another record"),
                                ],
                                default="APPLIED",
                                max_length=17,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="reason"
                            ),
                        ),
                        ("applied_date", models.DateField(verbose_name="applied on")),
                        (
                            "decided_date",
                            models.DateField(blank=True, null=True, verbose_name="decided on"),
                        ),
                        (
                            "decision",
                            models.JSONField(blank=True, default=dict, verbose_name="decision"),
                        ),
                        (
                            "sealed_facts",
                            handup.org.encryption.EncryptedJSONField(
                                blank=True,
                                default=list,
                                verbose_name="sealed facts of the decision",
                            ),
                        ),
                        (
                            "started_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="takes part since"
                            ),
                        ),
                        (
                            "ended_date",
                            models.DateField(blank=True, null=True, verbose_name="until"),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="projects.phase",
                            ),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.household",
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.eligibilityrule",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "case_officer",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical participation",
                        "verbose_name_plural": "historical participations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Participation",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="participations",
                                to="people.person",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="participations",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "phase",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="participations",
                                to="projects.phase",
                            ),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="participations",
                                to="people.household",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("APPLIED", "applied"),
                                    ("NEEDS_INFORMATION", "information is missing"),
                                    ("ELIGIBLE", "eligible"),
                                    ("NOT_ELIGIBLE", "not eligible"),
                                    ("WAITING", "on the waiting list"),
                                    ("ACTIVE", "taking part"),
                                    ("PAUSED", "paused"),
                                    ("GRADUATED", "graduated"),
                                    ("EXITED", "left"),
                                    ("MERGED", "merged with another record"),
                                ],
                                default="APPLIED",
                                max_length=17,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, default="", max_length=40, verbose_name="reason"
                            ),
                        ),
                        ("applied_date", models.DateField(verbose_name="applied on")),
                        (
                            "decided_date",
                            models.DateField(blank=True, null=True, verbose_name="decided on"),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="people.eligibilityrule",
                            ),
                        ),
                        (
                            "decision",
                            models.JSONField(blank=True, default=dict, verbose_name="decision"),
                        ),
                        (
                            "sealed_facts",
                            handup.org.encryption.EncryptedJSONField(
                                blank=True,
                                default=list,
                                verbose_name="sealed facts of the decision",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "case_officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "started_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="takes part since"
                            ),
                        ),
                        (
                            "ended_date",
                            models.DateField(blank=True, null=True, verbose_name="until"),
                        ),
                    ],
                    options={
                        "ordering": ("applied_date", "id"),
                        "indexes": [
                            models.Index(
                                fields=["programme", "state", "applied_date"],
                                name="participation_state",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "MERGED"), _negated=True),
                                fields=("person", "programme"),
                                name="one_participation_per_person_and_programme",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ParticipationEvent",
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
                            "participation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="people.participation",
                            ),
                        ),
                        (
                            "from_state",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("APPLIED", "applied"),
                                    ("NEEDS_INFORMATION", "information is missing"),
                                    ("ELIGIBLE", "eligible"),
                                    ("NOT_ELIGIBLE", "not eligible"),
                                    ("WAITING", "on the waiting list"),
                                    ("ACTIVE", "taking part"),
                                    ("PAUSED", "paused"),
                                    ("GRADUATED", "graduated"),
                                    ("EXITED", "left"),
                                    ("MERGED", "merged with another record"),
                                ],
                                max_length=17,
                            ),
                        ),
                        (
                            "to_state",
                            models.CharField(
                                choices=[
                                    ("APPLIED", "applied"),
                                    ("NEEDS_INFORMATION", "information is missing"),
                                    ("ELIGIBLE", "eligible"),
                                    ("NOT_ELIGIBLE", "not eligible"),
                                    ("WAITING", "on the waiting list"),
                                    ("ACTIVE", "taking part"),
                                    ("PAUSED", "paused"),
                                    ("GRADUATED", "graduated"),
                                    ("EXITED", "left"),
                                    ("MERGED", "merged with another record"),
                                ],
                                max_length=17,
                            ),
                        ),
                        ("reason", models.CharField(max_length=40)),
                        ("event_date", models.DateField(verbose_name="date")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("event_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Compartment",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="compartments",
                                to="people.person",
                            ),
                        ),
                        (
                            "kind",
                            handup.org.encryption.EncryptedTextField(
                                ring="compartment", verbose_name="kind"
                            ),
                        ),
                        (
                            "kind_hash",
                            handup.org.encryption.KeyedHashField(kind="exact", source="kind"),
                        ),
                        (
                            "reason",
                            handup.org.encryption.EncryptedTextField(
                                blank=True,
                                default="",
                                ring="compartment",
                                verbose_name="why it was opened",
                            ),
                        ),
                        (
                            "outcome",
                            handup.org.encryption.EncryptedTextField(
                                blank=True,
                                default="",
                                ring="compartment",
                                verbose_name="how it ended",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("opened_date", models.DateField(verbose_name="opened on")),
                        (
                            "closed_date",
                            models.DateField(blank=True, null=True, verbose_name="closed on"),
                        ),
                    ],
                    options={
                        "ordering": ("-opened_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="CaseTeamMember",
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
                            "compartment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="team",
                                to="people.compartment",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("joined_date", models.DateField(verbose_name="since")),
                        (
                            "left_date",
                            models.DateField(blank=True, null=True, verbose_name="until"),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("left_date", None)),
                                fields=("compartment", "staff"),
                                name="on_a_case_team_once",
                            )
                        ],
                        "indexes": [],
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
                            "compartment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notes",
                                to="people.compartment",
                            ),
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
                        (
                            "written_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
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
                            "compartment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="people.compartment",
                            ),
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
                        (
                            "responsible",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "written_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "indexes": [],
                        "constraints": [],
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
                            "compartment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="people.compartment",
                            ),
                        ),
                        (
                            "name",
                            handup.org.encryption.EncryptedTextField(
                                ring="compartment", verbose_name="what it is"
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="org.storedfile",
                            ),
                        ),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "indexes": [],
                        "constraints": [],
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
                        (
                            "compartment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="moves",
                                to="people.compartment",
                            ),
                        ),
                        (
                            "from_person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                        (
                            "to_person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="SharingAgreement",
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
                            "code",
                            models.CharField(max_length=12, unique=True, verbose_name="number"),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.organisation",
                                verbose_name="recipient",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.programme",
                                verbose_name="programme",
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("SERVICE", "being served by the programme"),
                                    ("SHARE_BANK", "sharing with the bank"),
                                    ("SHARE_PARTNER", "sharing with partner organisations"),
                                    ("SHARE_AUTHORITY", "sharing with authorities"),
                                    ("CONTACT_LATER", "being asked again later"),
                                    ("PHOTO_STORY", "photograph or story"),
                                    ("RESEARCH", "research"),
                                ],
                                max_length=15,
                                verbose_name="purpose",
                            ),
                        ),
                        (
                            "legal_basis",
                            models.CharField(max_length=300, verbose_name="legal basis"),
                        ),
                        ("fields", models.JSONField(default=list, verbose_name="what is given")),
                        (
                            "onward",
                            models.BooleanField(default=False, verbose_name="may be passed on"),
                        ),
                        ("first_date", models.DateField(verbose_name="from")),
                        ("last_date", models.DateField(verbose_name="until")),
                        ("destroy_date", models.DateField(verbose_name="destroyed there by")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "draft"),
                                    ("SIGNED", "signed"),
                                    ("ACTIVE", "in force"),
                                    ("ENDED", "ended"),
                                    ("DESTRUCTION_PROVEN", "destruction proved"),
                                ],
                                default="DRAFT",
                                max_length=18,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("drafted_date", models.DateField(verbose_name="drafted on")),
                        (
                            "signed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "signed_date",
                            models.DateField(blank=True, null=True, verbose_name="signed on"),
                        ),
                        (
                            "active_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "active_date",
                            models.DateField(blank=True, null=True, verbose_name="in force since"),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "ended_date",
                            models.DateField(blank=True, null=True, verbose_name="ended on"),
                        ),
                        (
                            "proven_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proven_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="destruction proved on"
                            ),
                        ),
                        (
                            "proof",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=300,
                                verbose_name="proof of destruction",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-id",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("destroy_date__gte", models.F("last_date")),
                                    ("last_date__gte", models.F("first_date")),
                                ),
                                name="sharing_ends_then_is_destroyed",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Disclosure",
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
                            "code",
                            models.CharField(max_length=12, unique=True, verbose_name="number"),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disclosures",
                                to="people.sharingagreement",
                            ),
                        ),
                        ("fields", models.JSONField(default=list, verbose_name="what is given")),
                        ("count", models.PositiveIntegerField(default=0, verbose_name="persons")),
                        (
                            "sha256",
                            models.CharField(
                                blank=True,
                                default="",
                                max_length=64,
                                verbose_name="sum of the file",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("QUEUED", "being made"),
                                    ("READY", "ready to be taken"),
                                    ("TAKEN", "taken"),
                                    ("EXPIRED", "not taken in time"),
                                    ("REFUSED", "refused"),
                                ],
                                default="QUEUED",
                                max_length=7,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("AGREEMENT", "the agreement is not in force"),
                                    ("CONSENT", "somebody has withdrawn her consent"),
                                    ("ROLE", "the role does not reach that far"),
                                    ("NOBODY", "nobody agrees to it"),
                                ],
                                default="",
                                max_length=9,
                                verbose_name="why not",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("made_date", models.DateField(verbose_name="asked for on")),
                        (
                            "file",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="org.storedfile",
                            ),
                        ),
                        (
                            "ends_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="can be taken until"
                            ),
                        ),
                        (
                            "taken_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="taken at"),
                        ),
                    ],
                    options={
                        "ordering": ("-id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="DisclosedPerson",
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
                            "disclosure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="persons",
                                to="people.disclosure",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disclosures",
                                to="people.person",
                            ),
                        ),
                        (
                            "consent",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disclosures",
                                to="people.consent",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("id",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("disclosure", "person"), name="disclosed_once_a_file"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Referral",
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
                            "code",
                            models.CharField(max_length=12, unique=True, verbose_name="number"),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals",
                                to="people.person",
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.organisation",
                                verbose_name="referred to",
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("SERVICE", "being served by the programme"),
                                    ("SHARE_BANK", "sharing with the bank"),
                                    ("SHARE_PARTNER", "sharing with partner organisations"),
                                    ("SHARE_AUTHORITY", "sharing with authorities"),
                                    ("CONTACT_LATER", "being asked again later"),
                                    ("PHOTO_STORY", "photograph or story"),
                                    ("RESEARCH", "research"),
                                ],
                                max_length=15,
                                verbose_name="purpose",
                            ),
                        ),
                        (
                            "need",
                            handup.org.encryption.EncryptedTextField(
                                verbose_name="what she needs there"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "draft"),
                                    ("SENT", "sent"),
                                    ("RECEIVED", "received there"),
                                    ("ACCEPTED", "accepted"),
                                    ("DONE", "done"),
                                    ("REJECTED", "not accepted"),
                                    ("REVOKED", "called back"),
                                    ("NO_ANSWER", "no answer"),
                                ],
                                default="DRAFT",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("made_date", models.DateField(verbose_name="drafted on")),
                        (
                            "consent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals",
                                to="people.consent",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals",
                                to="people.sharingagreement",
                            ),
                        ),
                        (
                            "override",
                            handup.org.encryption.EncryptedTextField(
                                blank=True,
                                default="",
                                verbose_name="why without consent or agreement",
                            ),
                        ),
                        (
                            "answer",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="what they answered"
                            ),
                        ),
                        (
                            "sent_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "sent_date",
                            models.DateField(blank=True, null=True, verbose_name="sent on"),
                        ),
                        (
                            "due_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="answer expected by"
                            ),
                        ),
                        (
                            "answered_date",
                            models.DateField(blank=True, null=True, verbose_name="answered on"),
                        ),
                        (
                            "closed_date",
                            models.DateField(blank=True, null=True, verbose_name="closed on"),
                        ),
                    ],
                    options={
                        "ordering": ("-made_date", "-id"),
                        "indexes": [
                            models.Index(fields=["state", "due_date"], name="referral_due")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ReferralPriority",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="priorities",
                                to="people.person",
                            ),
                        ),
                        ("from_date", models.DateField(verbose_name="since")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("from_date", "id"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("to_date", None)),
                                fields=("person",),
                                name="one_priority_a_person",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="SubjectRequest",
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
                            "code",
                            models.CharField(max_length=12, unique=True, verbose_name="number"),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("ACCESS", "to see what is held"),
                                    ("RECTIFICATION", "to correct it"),
                                    ("OBJECTION", "to stop a use of it"),
                                    ("ERASURE", "to erase it"),
                                    ("AUTHORITY", "an authority asks for it"),
                                ],
                                max_length=13,
                                verbose_name="what is asked",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("ASKED", "asked"),
                                    ("IDENTIFIED", "identity checked"),
                                    ("HELD", "held"),
                                    ("APPROVED", "approved"),
                                    ("DONE", "erased"),
                                    ("CERTIFIED", "erased and proved"),
                                    ("ANSWERED", "answered"),
                                    ("REFUSED", "refused"),
                                    ("WITHDRAWN", "taken back"),
                                ],
                                default="ASKED",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="subject_requests",
                                to="people.person",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.programme",
                            ),
                        ),
                        (
                            "office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.office",
                            ),
                        ),
                        (
                            "handler",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="answers",
                            ),
                        ),
                        (
                            "asker",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="who asks for her"
                            ),
                        ),
                        (
                            "details",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="what is asked, in words"
                            ),
                        ),
                        (
                            "answer",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="answer"
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True, default="", max_length=10, verbose_name="language"
                            ),
                        ),
                        ("received_date", models.DateField(verbose_name="received on")),
                        ("due_date", models.DateField(verbose_name="to answer by")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "identity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("KNOWN", "known to the staff member"),
                                    ("DOCUMENT", "showed a document"),
                                    ("CARD", "showed the programme's card"),
                                    ("QUESTIONS", "answered questions only she can"),
                                    ("MANDATE", "somebody with a written mandate"),
                                ],
                                default="",
                                max_length=9,
                                verbose_name="identity checked",
                            ),
                        ),
                        (
                            "identified_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "identified_date",
                            models.DateField(blank=True, null=True, verbose_name="checked on"),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "approved_date",
                            models.DateField(blank=True, null=True, verbose_name="approved on"),
                        ),
                        (
                            "second_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "second_date",
                            models.DateField(
                                blank=True, null=True, verbose_name="approved by a second on"
                            ),
                        ),
                        (
                            "hold_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("LOAN", "an open loan"),
                                    ("SAVINGS", "savings or a place in a group"),
                                    ("COMPLAINT", "an open complaint"),
                                    ("COURT", "a court"),
                                    ("LAW", "a law"),
                                ],
                                default="",
                                max_length=9,
                                verbose_name="held because of",
                            ),
                        ),
                        (
                            "held_until",
                            models.DateField(blank=True, null=True, verbose_name="held until"),
                        ),
                        (
                            "closed_date",
                            models.DateField(blank=True, null=True, verbose_name="closed on"),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-received_date", "-id"),
                        "indexes": [
                            models.Index(fields=["state", "due_date"], name="subject_request_due")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ErasureCertificate",
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
                            "request",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificate",
                                to="people.subjectrequest",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                        ("erased_date", models.DateField(verbose_name="erased on")),
                        (
                            "erased_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "figures",
                            models.JSONField(
                                default=dict, verbose_name="figures, before and after"
                            ),
                        ),
                        (
                            "searched",
                            models.PositiveIntegerField(
                                default=0, verbose_name="values looked for"
                            ),
                        ),
                        (
                            "found",
                            models.PositiveIntegerField(default=0, verbose_name="still found"),
                        ),
                        (
                            "cleaned",
                            models.BooleanField(default=False, verbose_name="free pages given up"),
                        ),
                    ],
                    options={
                        "ordering": ("-id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Scorecard",
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
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        ("content", models.JSONField(verbose_name="scorecard")),
                        ("published_date", models.DateField(verbose_name="valid from")),
                        (
                            "published_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("code", "version"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("code", "version"), name="one_scorecard_per_version"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Assessment",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessments",
                                to="people.person",
                            ),
                        ),
                        (
                            "scorecard",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessments",
                                to="people.scorecard",
                            ),
                        ),
                        ("assessed_date", models.DateField(verbose_name="assessed on")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("SCORED", "scored"),
                                    ("INCOMPLETE", "something is not known"),
                                ],
                                max_length=10,
                                verbose_name="result",
                            ),
                        ),
                        (
                            "score",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="score"
                            ),
                        ),
                        (
                            "targeted",
                            models.BooleanField(
                                blank=True, null=True, verbose_name="at or below the cut-off"
                            ),
                        ),
                        ("answers", models.JSONField(default=dict, verbose_name="answers")),
                        (
                            "result",
                            models.JSONField(default=dict, verbose_name="how it came about"),
                        ),
                        (
                            "assessed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("assessed_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ProxyMeansTest",
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
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        ("content", models.JSONField(verbose_name="proxy means test")),
                        ("published_date", models.DateField(verbose_name="valid from")),
                        (
                            "published_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("code", "version"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("code", "version"), name="one_test_per_version"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="MeansScore",
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
                            "test",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="scores",
                                to="people.proxymeanstest",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="means_scores",
                                to="people.person",
                            ),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="means_scores",
                                to="people.household",
                            ),
                        ),
                        ("scored_date", models.DateField(verbose_name="asked on")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("SCORED", "scored"),
                                    ("INCOMPLETE", "something is not known"),
                                ],
                                max_length=10,
                                verbose_name="result",
                            ),
                        ),
                        (
                            "predicted_units",
                            models.BigIntegerField(blank=True, null=True, verbose_name="predicted"),
                        ),
                        (
                            "targeted",
                            models.BooleanField(
                                blank=True, null=True, verbose_name="at or below the line"
                            ),
                        ),
                        ("facts", models.JSONField(default=dict, verbose_name="facts")),
                        (
                            "result",
                            models.JSONField(default=dict, verbose_name="how it came about"),
                        ),
                        (
                            "scored_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("scored_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="TargetingRun",
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
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="targeting_runs",
                                to="projects.programme",
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        ("run_date", models.DateField(verbose_name="as of")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("POINTS", "points of a scorecard"),
                                    ("PMT", "proxy means test"),
                                ],
                                max_length=6,
                                verbose_name="scored by",
                            ),
                        ),
                        (
                            "scorecard",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="people.scorecard",
                            ),
                        ),
                        (
                            "test",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="people.proxymeanstest",
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="people.eligibilityrule",
                            ),
                        ),
                        (
                            "cutoff",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="cut-off"
                            ),
                        ),
                        (
                            "run_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-run_date", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="TargetingRow",
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
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rows",
                                to="people.targetingrun",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="targeting_rows",
                                to="people.person",
                            ),
                        ),
                        (
                            "participation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="targeting_rows",
                                to="people.participation",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("APPLIED", "applied"),
                                    ("NEEDS_INFORMATION", "information is missing"),
                                    ("ELIGIBLE", "eligible"),
                                    ("NOT_ELIGIBLE", "not eligible"),
                                    ("WAITING", "on the waiting list"),
                                    ("ACTIVE", "taking part"),
                                    ("PAUSED", "paused"),
                                    ("GRADUATED", "graduated"),
                                    ("EXITED", "left"),
                                    ("MERGED", "merged with another record"),
                                ],
                                max_length=17,
                                verbose_name="state",
                            ),
                        ),
                        ("applied_date", models.DateField(verbose_name="applied on")),
                        (
                            "score",
                            models.BigIntegerField(blank=True, null=True, verbose_name="score"),
                        ),
                        (
                            "targeted",
                            models.BooleanField(blank=True, null=True, verbose_name="taken"),
                        ),
                        (
                            "priority_ppm",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="priority"
                            ),
                        ),
                        ("rank", models.PositiveIntegerField(verbose_name="place")),
                        (
                            "source",
                            models.UUIDField(blank=True, null=True, verbose_name="scored by"),
                        ),
                        (
                            "groups",
                            handup.org.encryption.EncryptedJSONField(
                                blank=True, default=list, verbose_name="groups compared"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("rank",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "person"), name="one_row_per_person_and_run"
                            ),
                            models.UniqueConstraint(
                                fields=("run", "rank"), name="one_person_per_place"
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="SampleVisit",
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
                            "row",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="people.targetingrow",
                            ),
                        ),
                        ("visited_date", models.DateField(verbose_name="visited on")),
                        ("poor", models.BooleanField(verbose_name="poor")),
                        (
                            "weight_milli",
                            models.PositiveIntegerField(default=1000, verbose_name="weight"),
                        ),
                        (
                            "visited_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("visited_date", "id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Selection",
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
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="selections",
                                to="people.targetingrun",
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="title")),
                        ("held_date", models.DateField(verbose_name="held on")),
                        ("places", models.PositiveSmallIntegerField(verbose_name="places")),
                        ("quorum", models.PositiveSmallIntegerField(verbose_name="quorum")),
                        ("members", models.JSONField(default=list, verbose_name="members present")),
                        (
                            "state",
                            models.CharField(
                                choices=[("PROPOSED", "proposed"), ("DECIDED", "decided")],
                                default="PROPOSED",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                        "ordering": ("-held_date", "-id"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="SelectionLine",
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
                            "selection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="people.selection",
                            ),
                        ),
                        (
                            "row",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="selection_lines",
                                to="people.targetingrow",
                            ),
                        ),
                        ("place", models.PositiveIntegerField(verbose_name="place")),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("TAKEN", "taken"),
                                    ("NEXT", "on the waiting list"),
                                    ("PASSED_OVER", "passed over"),
                                ],
                                default="NEXT",
                                max_length=11,
                                verbose_name="outcome",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("UNDER_AGE", "too young"),
                                    ("OVER_AGE", "too old"),
                                    ("OUTSIDE_AREA", "lives outside the area of the programme"),
                                    ("ABOVE_CUTOFF", "better off than the line of the programme"),
                                    (
                                        "NO_TARGET_STATUS",
                                        "belongs to none of the groups the programme serves",
                                    ),
                                    ("ALREADY_SERVED", "already served by a similar programme"),
                                    ("DUPLICATE", "registered twice"),
                                    ("CONFLICT_OF_INTEREST", "conflict of interest"),
                                    ("MOVED", "moved away"),
                                    ("WITHDREW", "withdrew"),
                                    ("NO_CONTACT", "could not be reached"),
                                    ("DIED", "died"),
                                    ("MISCONDUCT", "misconduct"),
                                    ("COMPLETED", "completed"),
                                    ("RULE_MET", "meets the rule of the programme"),
                                    ("MISSING_FACTS", "facts are missing"),
                                    ("PLACE_FOUND", "a place is free"),
                                    ("NO_PLACE", "no place is free yet"),
                                    ("APPEAL", "appeal"),
                                    ("PERSONAL", "personal reasons"),
                                    ("RESUMED", "goes on after a pause"),
                                ],
                                default="",
                                max_length=40,
                                verbose_name="reason",
                            ),
                        ),
                        (
                            "conflicts",
                            models.JSONField(
                                blank=True, default=list, verbose_name="members who may not vote"
                            ),
                        ),
                        (
                            "changed_by",
                            models.JSONField(
                                blank=True, default=list, verbose_name="who changed it"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("place",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("selection", "row"), name="one_line_per_person"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalLegalStatus",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                db_index=True, default=handup.kernel.ids.new_id, editable=False
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("REFUGEE", "refugee"),
                                    ("ASYLUM_SEEKER", "asylum seeker"),
                                    ("STATELESS", "stateless"),
                                    ("IDP", "internally displaced"),
                                    ("RETURNEE", "returnee"),
                                    ("RETURNED_ASYLUM_SEEKER", "returned asylum seeker"),
                                    ("NATURALISED", "naturalised"),
                                    ("HOST", "host community"),
                                ],
                                max_length=22,
                                verbose_name="status",
                            ),
                        ),
                        ("from_date", models.DateField(verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("DOCUMENT", "a document shown"),
                                    ("AUTHORITY", "an authority"),
                                    ("TOLD", "told by the person"),
                                ],
                                default="TOLD",
                                max_length=9,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                        (
                            "document",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.persondocument",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical legal status",
                        "verbose_name_plural": "historical legal statuss",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="LegalStatus",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="legal_statuses",
                                to="people.person",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("REFUGEE", "refugee"),
                                    ("ASYLUM_SEEKER", "asylum seeker"),
                                    ("STATELESS", "stateless"),
                                    ("IDP", "internally displaced"),
                                    ("RETURNEE", "returnee"),
                                    ("RETURNED_ASYLUM_SEEKER", "returned asylum seeker"),
                                    ("NATURALISED", "naturalised"),
                                    ("HOST", "host community"),
                                ],
                                max_length=22,
                                verbose_name="status",
                            ),
                        ),
                        ("from_date", models.DateField(verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("DOCUMENT", "a document shown"),
                                    ("AUTHORITY", "an authority"),
                                    ("TOLD", "told by the person"),
                                ],
                                default="TOLD",
                                max_length=9,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "document",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.persondocument",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("from_date", "id"),
                        "indexes": [
                            models.Index(fields=["status", "from_date"], name="status_from")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("to_date", None),
                                    ("to_date__gte", models.F("from_date")),
                                    _connector="OR",
                                ),
                                name="status_ends_after_start",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalVulnerability",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                db_index=True, default=handup.kernel.ids.new_id, editable=False
                            ),
                        ),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, editable=False),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("WIDOWED", "widowed"),
                                    ("SINGLE_PARENT", "single parent"),
                                    ("LANDLESS", "without land"),
                                    ("EX_COMBATANT", "former soldier"),
                                    ("LOST_REMITTANCES", "lost money sent from abroad"),
                                    ("OUT_OF_SCHOOL", "out of school"),
                                    ("NO_MIGRATION_CHANCE", "no possibility of work abroad"),
                                    ("ILL_HEALTH", "ill health in the family"),
                                    ("LOST_WORK", "lost work"),
                                ],
                                max_length=20,
                                verbose_name="what was told",
                            ),
                        ),
                        ("from_date", models.DateField(verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("DOCUMENT", "a document shown"),
                                    ("AUTHORITY", "an authority"),
                                    ("TOLD", "told by the person"),
                                ],
                                default="TOLD",
                                max_length=9,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="people.person",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical vulnerability",
                        "verbose_name_plural": "historical vulnerabilitys",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Vulnerability",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="vulnerabilities",
                                to="people.person",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("WIDOWED", "widowed"),
                                    ("SINGLE_PARENT", "single parent"),
                                    ("LANDLESS", "without land"),
                                    ("EX_COMBATANT", "former soldier"),
                                    ("LOST_REMITTANCES", "lost money sent from abroad"),
                                    ("OUT_OF_SCHOOL", "out of school"),
                                    ("NO_MIGRATION_CHANCE", "no possibility of work abroad"),
                                    ("ILL_HEALTH", "ill health in the family"),
                                    ("LOST_WORK", "lost work"),
                                ],
                                max_length=20,
                                verbose_name="what was told",
                            ),
                        ),
                        ("from_date", models.DateField(verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("DOCUMENT", "a document shown"),
                                    ("AUTHORITY", "an authority"),
                                    ("TOLD", "told by the person"),
                                ],
                                default="TOLD",
                                max_length=9,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("from_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("to_date", None),
                                    ("to_date__gte", models.F("from_date")),
                                    _connector="OR",
                                ),
                                name="vulnerability_ends_after_start",
                            )
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
