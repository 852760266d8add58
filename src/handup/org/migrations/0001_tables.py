"""Every table of `org`; a database that went through the migrations named here has them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import handup.kernel.ids
import handup.org.encryption
import handup.org.rules.incidents
import handup.org.tables


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("org", "0001_initial"),
        ("org", "0002_reads_devices_files"),
        ("org", "0003_proof_runs"),
        ("org", "0004_closed_days"),
        ("org", "0005_retention_listings"),
        ("org", "0006_days_a_listing_keeps"),
        ("org", "0007_incidents"),
        ("org", "0008_reviews_and_trips"),
        ("org", "0009_keyed_sums_of_files"),
    ]

    dependencies = []

    operations = [
        handup.org.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="Area",
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
                        ("code", models.CharField(max_length=60, unique=True, verbose_name="code")),
                        (
                            "names",
                            models.JSONField(default=dict, verbose_name="names per language"),
                        ),
                        (
                            "level",
                            models.PositiveSmallIntegerField(default=1, verbose_name="level"),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="org.area",
                            ),
                        ),
                        (
                            "path",
                            models.CharField(
                                db_index=True, default="", editable=False, max_length=400
                            ),
                        ),
                        (
                            "valid_from",
                            models.DateField(blank=True, null=True, verbose_name="valid from"),
                        ),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="valid to"),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="former",
                                to="org.area",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("path",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Office",
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
                        ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="offices",
                                to="org.area",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "ordering": ("name",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="StaffUser",
                    fields=[
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                        ),
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
                            "username",
                            models.CharField(max_length=60, unique=True, verbose_name="user name"),
                        ),
                        ("display_name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "email",
                            models.EmailField(
                                blank=True, default="", max_length=254, verbose_name="e-mail"
                            ),
                        ),
                        (
                            "language",
                            models.CharField(default="en", max_length=10, verbose_name="language"),
                        ),
                        (
                            "home_office",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="staff",
                                to="org.office",
                                verbose_name="office",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Grant",
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
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="grants",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("OUTREACH", "OUTREACH"),
                                    ("CLERK", "CLERK"),
                                    ("FIELD_OFFICER", "FIELD_OFFICER"),
                                    ("TARGETING_OFFICER", "TARGETING_OFFICER"),
                                    ("ADJUDICATOR", "ADJUDICATOR"),
                                    ("FOCAL_POINT", "FOCAL_POINT"),
                                    ("COMPLAINTS_OFFICER", "COMPLAINTS_OFFICER"),
                                    ("TRAINING_OFFICER", "TRAINING_OFFICER"),
                                    ("TRAINER", "TRAINER"),
                                    ("ADVISOR", "ADVISOR"),
                                    ("APPRAISER", "APPRAISER"),
                                    ("COMMITTEE", "COMMITTEE"),
                                    ("LOAN_OFFICER", "LOAN_OFFICER"),
                                    ("BANK_CLERK", "BANK_CLERK"),
                                    ("CASHIER", "CASHIER"),
                                    ("ACCOUNTANT", "ACCOUNTANT"),
                                    ("FINANCE_MANAGER", "FINANCE_MANAGER"),
                                    ("DIRECTOR", "DIRECTOR"),
                                    ("MANAGER", "MANAGER"),
                                    ("ME_OFFICER", "ME_OFFICER"),
                                    ("ME_READER", "ME_READER"),
                                    ("GROUP_SUPERVISOR", "GROUP_SUPERVISOR"),
                                    ("DPO", "DPO"),
                                    ("AUDITOR", "AUDITOR"),
                                    ("ADMINISTRATOR", "ADMINISTRATOR"),
                                    ("FUNDER", "FUNDER"),
                                    ("SUCCESSOR", "SUCCESSOR"),
                                    ("INTEGRATION", "INTEGRATION"),
                                ],
                                max_length=30,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(
                                choices=[
                                    ("CASELOAD", "CASELOAD"),
                                    ("OFFICE", "OFFICE"),
                                    ("AREA", "AREA"),
                                    ("PROJECT", "PROJECT"),
                                    ("ALL", "ALL"),
                                ],
                                max_length=10,
                                verbose_name="scope",
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
                            "programme_id",
                            models.UUIDField(blank=True, null=True, verbose_name="programme"),
                        ),
                        (
                            "organisation_id",
                            models.UUIDField(blank=True, null=True, verbose_name="organisation"),
                        ),
                        ("starts", models.DateField(verbose_name="from")),
                        ("ends", models.DateField(verbose_name="until")),
                        (
                            "given_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("reviewed_at", models.DateTimeField(blank=True, null=True)),
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
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "lapsed",
                            models.BooleanField(
                                default=False, verbose_name="lapsed for want of a review"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-starts",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends__gte", models.F("starts"))),
                                name="grant_ends_after_start",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ClosedDay",
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
                        ("day", models.DateField(verbose_name="day")),
                        (
                            "every_year",
                            models.BooleanField(default=False, verbose_name="every year"),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
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
                            "area",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.area",
                                verbose_name="area",
                            ),
                        ),
                        (
                            "entered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "withdrawn_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="withdrawn"
                            ),
                        ),
                        (
                            "withdrawn_by",
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
                        "ordering": ("day", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("office__isnull", True),
                                    ("area__isnull", True),
                                    _connector="OR",
                                ),
                                name="closed_day_of_one_place",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Device",
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
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="devices",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("label", models.CharField(max_length=80, verbose_name="label")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("ENROLLED", "enrolled"),
                                    ("ACTIVE", "in use"),
                                    ("LOST", "lost"),
                                    ("RETIRED", "retired"),
                                    ("WIPED", "wiped"),
                                ],
                                default="ENROLLED",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "enrolled_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("last_seen_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("label",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Trip",
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
                            "device",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="trips",
                                to="org.device",
                            ),
                        ),
                        ("starts", models.DateField(verbose_name="from")),
                        ("ends", models.DateField(verbose_name="until")),
                        (
                            "declared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "called_off_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="called off"),
                        ),
                    ],
                    options={
                        "ordering": ("-starts",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends__gte", models.F("starts"))),
                                name="trip_ends_after_start",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
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
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tokens",
                                to="org.device",
                            ),
                        ),
                        ("label", models.CharField(max_length=80, verbose_name="what it is for")),
                        ("key_hash", models.CharField(max_length=64, unique=True)),
                        (
                            "scopes",
                            models.JSONField(default=list, verbose_name="what it may reach"),
                        ),
                        ("expires_at", models.DateTimeField(verbose_name="ends")),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "given_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("label",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="StaffSession",
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
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sessions",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("key", models.CharField(max_length=40, unique=True)),
                        (
                            "browser",
                            models.CharField(default="", max_length=80, verbose_name="browser"),
                        ),
                        (
                            "address",
                            models.CharField(default="", max_length=45, verbose_name="address"),
                        ),
                        ("last_seen_at", models.DateTimeField(verbose_name="last used")),
                    ],
                    options={
                        "ordering": ("-last_seen_at",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Incident",
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
                                    (
                                        handup.org.rules.incidents.IncidentKind["LOST_DEVICE"],
                                        "a device was lost",
                                    ),
                                    (
                                        handup.org.rules.incidents.IncidentKind["BREAK_GLASS"],
                                        "emergency access was misused",
                                    ),
                                    (
                                        handup.org.rules.incidents.IncidentKind["READ_LOG"],
                                        "the read log is broken",
                                    ),
                                    (
                                        handup.org.rules.incidents.IncidentKind["DISCLOSED"],
                                        "data were shown or sent to the wrong person",
                                    ),
                                    (
                                        handup.org.rules.incidents.IncidentKind["OTHER"],
                                        "something else",
                                    ),
                                ],
                                max_length=12,
                                verbose_name="what happened",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    (handup.org.rules.incidents.IncidentState["OPEN"], "open"),
                                    (
                                        handup.org.rules.incidents.IncidentState["ASSESSED"],
                                        "assessed",
                                    ),
                                    (handup.org.rules.incidents.IncidentState["NOTIFIED"], "told"),
                                    (handup.org.rules.incidents.IncidentState["CLOSED"], "closed"),
                                ],
                                default="OPEN",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("noticed_at", models.DateTimeField(verbose_name="noticed")),
                        ("notify_by", models.DateTimeField(verbose_name="to tell by")),
                        (
                            "opened_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "device",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.device",
                            ),
                        ),
                        ("about", models.CharField(blank=True, default="", max_length=80)),
                        (
                            "what",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="in words"
                            ),
                        ),
                        (
                            "persons",
                            models.JSONField(blank=True, default=list, verbose_name="persons"),
                        ),
                        (
                            "fields",
                            models.JSONField(blank=True, default=list, verbose_name="what of them"),
                        ),
                        (
                            "risk",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (handup.org.rules.incidents.Risk["NONE"], "none"),
                                    (handup.org.rules.incidents.Risk["SOME"], "some"),
                                    (
                                        handup.org.rules.incidents.Risk["HIGH"],
                                        "high: the persons are told too",
                                    ),
                                ],
                                default="",
                                max_length=4,
                                verbose_name="risk for them",
                            ),
                        ),
                        (
                            "assessment",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="assessment"
                            ),
                        ),
                        (
                            "assessed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "assessed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="assessed"),
                        ),
                        (
                            "told",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="who was told, and how"
                            ),
                        ),
                        (
                            "notified_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "notified_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="told"),
                        ),
                        (
                            "lesson",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="what was done about it"
                            ),
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
                        (
                            "closed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="closed"),
                        ),
                    ],
                    options={
                        "ordering": ("-noticed_at", "-id"),
                        "indexes": [
                            models.Index(fields=["state", "notify_by"], name="incident_clock")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    models.Q(("about", ""), _negated=True),
                                    models.Q(("state", "CLOSED"), _negated=True),
                                ),
                                fields=("kind", "about"),
                                name="one_open_incident_about",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProofRun",
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
                            "reason",
                            models.CharField(
                                choices=[
                                    ("NIGHTLY", "Every night"),
                                    ("RESTORED", "After a copy was brought back"),
                                ],
                                max_length=10,
                                verbose_name="why",
                            ),
                        ),
                        ("started_at", models.DateTimeField(verbose_name="begun")),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("HOLDS", "Everything holds"),
                                    ("DIFFERS", "Something differs"),
                                    ("FAILED", "Could not be run"),
                                ],
                                max_length=8,
                                verbose_name="outcome",
                            ),
                        ),
                        ("checks", models.PositiveIntegerField(verbose_name="proofs")),
                        ("differences", models.PositiveIntegerField(verbose_name="differences")),
                        ("found", models.JSONField(default=list)),
                    ],
                    options={
                        "ordering": ("-id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ReadEntry",
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
                            "number",
                            models.PositiveBigIntegerField(unique=True, verbose_name="number"),
                        ),
                        ("at", models.DateTimeField(verbose_name="when")),
                        (
                            "staff",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("roles", models.JSONField(default=list, verbose_name="roles")),
                        (
                            "door",
                            models.CharField(
                                choices=[
                                    ("WEB", "web page"),
                                    ("API", "programme interface"),
                                    ("SYNC", "field device"),
                                    ("JOB", "background job"),
                                    ("COMMAND", "command line"),
                                ],
                                max_length=10,
                                verbose_name="door",
                            ),
                        ),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("LIST", "list"),
                                    ("VIEW", "record"),
                                    ("SEARCH", "search"),
                                    ("REVEAL", "secret shown"),
                                    ("PRINT", "printed"),
                                    ("EXPORT", "exported"),
                                    ("DENIED", "denied"),
                                    ("BREAK_GLASS", "emergency access"),
                                ],
                                max_length=12,
                                verbose_name="action",
                            ),
                        ),
                        ("persons", models.JSONField(default=list, verbose_name="persons")),
                        ("highest", models.CharField(max_length=1, verbose_name="highest class")),
                        (
                            "purpose",
                            models.CharField(default="", max_length=200, verbose_name="purpose"),
                        ),
                        ("search_hash", models.CharField(default="", max_length=64)),
                        ("request_id", models.CharField(default="", max_length=40)),
                        (
                            "clock_back",
                            models.BooleanField(default=False, verbose_name="clock went back"),
                        ),
                        ("previous", models.CharField(max_length=64)),
                        ("hash", models.CharField(max_length=64)),
                    ],
                    options={
                        "ordering": ("-number",),
                        "indexes": [
                            models.Index(fields=["staff", "-number"], name="read_by_staff")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ChainHead",
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
                        ("name", models.CharField(max_length=20, unique=True)),
                        ("number", models.PositiveBigIntegerField(default=0)),
                        (
                            "hash",
                            models.CharField(
                                default="0000000000000000000000000000000000000000000000000000000000000000",
                                max_length=64,
                            ),
                        ),
                        ("at", models.DateTimeField(null=True)),
                        ("signed_number", models.PositiveBigIntegerField(default=0)),
                        ("signed_on", models.DateField(null=True)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="AuditLine",
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
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("action", models.CharField(max_length=80)),
                        ("object_type", models.CharField(max_length=80)),
                        ("object_id", models.CharField(max_length=64)),
                        ("facts", models.JSONField(default=dict)),
                    ],
                    options={
                        "ordering": ("-id",),
                        "indexes": [models.Index(fields=["object_id"], name="audit_object")],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="ExchangeRate",
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
                        ("from_currency", models.CharField(max_length=3, verbose_name="from")),
                        ("to_currency", models.CharField(max_length=3, verbose_name="to")),
                        ("rate_date", models.DateField(verbose_name="date")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("SPOT", "day's rate"),
                                    ("MONTH", "month's rate"),
                                    ("DONOR", "funder's rate"),
                                ],
                                default="SPOT",
                                max_length=5,
                                verbose_name="kind",
                            ),
                        ),
                        ("numerator", models.BigIntegerField(verbose_name="rate x 10^10")),
                        ("source", models.CharField(max_length=200, verbose_name="source")),
                    ],
                    options={
                        "ordering": ("-rate_date",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("from_currency", "to_currency", "rate_date", "kind"),
                                name="one_rate_a_day_and_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("numerator__gt", 0)), name="rate_above_zero"
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Setting",
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
                        ("key", models.CharField(max_length=80, unique=True)),
                        ("value", models.JSONField()),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="DutyException",
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
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("step", models.CharField(max_length=80, verbose_name="step")),
                        ("profile", models.CharField(max_length=10, verbose_name="profile")),
                        ("others", models.JSONField(default=list, verbose_name="earlier hands")),
                        ("object_type", models.CharField(default="", max_length=80)),
                        ("object_id", models.CharField(default="", max_length=64)),
                        ("amount_units", models.BigIntegerField(null=True, verbose_name="amount")),
                        (
                            "reason",
                            models.CharField(default="", max_length=300, verbose_name="reason"),
                        ),
                        ("reviewed_at", models.DateTimeField(blank=True, null=True)),
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
                    ],
                    options={
                        "ordering": ("-id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="StoredFile",
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
                        ("name", handup.org.encryption.EncryptedTextField(verbose_name="name")),
                        ("content_type", models.CharField(max_length=80, verbose_name="kind")),
                        ("size", models.PositiveBigIntegerField(verbose_name="size in bytes")),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "klass",
                            models.CharField(
                                choices=[
                                    ("O", "O"),
                                    ("I", "I"),
                                    ("P", "P"),
                                    ("S", "S"),
                                    ("R", "R"),
                                ],
                                max_length=1,
                                verbose_name="class of its content",
                            ),
                        ),
                        ("sealed_with", models.CharField(default="", max_length=32)),
                        ("stored_name", models.CharField(max_length=64, unique=True)),
                        ("object_type", models.CharField(max_length=80)),
                        ("object_id", models.CharField(db_index=True, max_length=64)),
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
                        "ordering": ("-id",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="RetentionListing",
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
                        ("rule", models.CharField(max_length=40, verbose_name="what")),
                        ("before_date", models.DateField(verbose_name="older than")),
                        ("kept_days", models.PositiveIntegerField(default=0)),
                        ("found", models.PositiveBigIntegerField(verbose_name="records")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("DUE", "Due"),
                                    ("BLANKED", "Blanked"),
                                    ("LAPSED", "Nothing left to blank"),
                                ],
                                default="DUE",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="approved by",
                            ),
                        ),
                        (
                            "approved_date",
                            models.DateField(blank=True, null=True, verbose_name="approved on"),
                        ),
                        (
                            "blanked",
                            models.PositiveBigIntegerField(default=0, verbose_name="blanked"),
                        ),
                    ],
                    options={
                        "ordering": ("-id",),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "DUE")),
                                fields=("rule",),
                                name="retention_one_due_a_rule",
                            )
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
