"""Every table of `groups`; a database that went through the migrations named here has them."""

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
        ("groups", "0001_initial"),
        ("groups", "0002_why_she_left"),
    ]

    dependencies = [
        ("ledger", "0001_tables"),
        ("org", "0001_tables"),
        ("people", "0001_tables"),
        ("projects", "0001_tables"),
    ]

    operations = [
        handup.org.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="Group",
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
                        ("name", models.CharField(max_length=160, verbose_name="name")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("SHG", "self-help group"),
                                    ("SAVINGS", "savings group"),
                                    ("COOP_PRIMARY", "cooperative"),
                                    ("COOP_SECONDARY", "secondary cooperative"),
                                    ("FEDERATION", "federation"),
                                    ("ASSOCIATION", "business association"),
                                ],
                                max_length=15,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="groups",
                                to="projects.programme",
                                verbose_name="programme",
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="org.area",
                                verbose_name="area",
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
                            "officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="field officer",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3, verbose_name="currency")),
                        ("formed_date", models.DateField(verbose_name="formed on")),
                        (
                            "registration_no",
                            models.CharField(
                                blank=True, max_length=60, verbose_name="registration number"
                            ),
                        ),
                        (
                            "registration_date",
                            models.DateField(blank=True, null=True, verbose_name="registered on"),
                        ),
                        (
                            "legal_body",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="projects.organisation",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("FORMING", "forming"),
                                    ("ACTIVE", "active"),
                                    ("DORMANT", "dormant"),
                                    ("GRADUATED", "graduated"),
                                    ("CLOSED", "closed"),
                                ],
                                default="FORMING",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "book",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.book",
                            ),
                        ),
                        (
                            "practice",
                            models.BooleanField(default=False, verbose_name="practice group"),
                        ),
                    ],
                    options={
                        "ordering": ("name", "id"),
                        "indexes": [
                            models.Index(fields=["programme", "kind"], name="group_programme_kind")
                        ],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Member",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="groups.group",
                            ),
                        ),
                        ("member_no", models.PositiveIntegerField(verbose_name="member number")),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships_in_groups",
                                to="people.person",
                            ),
                        ),
                        (
                            "member_group",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="groups.group",
                            ),
                        ),
                        ("joined_date", models.DateField(verbose_name="joined on")),
                        (
                            "left_date",
                            models.DateField(blank=True, null=True, verbose_name="left on"),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("ACTIVE", "active"),
                                    ("SUSPENDED", "suspended"),
                                    ("LEFT", "left"),
                                    ("LEFT_OWING", "left, still owes"),
                                    ("DIED", "died"),
                                ],
                                default="ACTIVE",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "left_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("OWN_WISH", "by her own wish"),
                                    ("MOVED", "moved away"),
                                    ("OTHER_GROUP", "joins another group"),
                                    ("CANNOT_SAVE", "cannot save any more"),
                                    ("EXPELLED", "expelled by a vote"),
                                    ("DIED", "died"),
                                    ("OTHER", "another reason"),
                                ],
                                default="",
                                max_length=12,
                                verbose_name="why she left",
                            ),
                        ),
                        (
                            "left_reason_text",
                            handup.org.encryption.EncryptedTextField(
                                blank=True, default="", verbose_name="in her words"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("group", "member_no"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("group", "member_no"), name="member_no_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("left_date", None)),
                                fields=("group", "person"),
                                name="one_open_membership_a_person",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("left_date", None)),
                                fields=("group", "member_group"),
                                name="one_open_membership_a_group",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("member_group__isnull", False), ("person", None)),
                                    models.Q(("member_group", None), ("person__isnull", False)),
                                    _connector="OR",
                                ),
                                name="member_is_person_or_group",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("left_date", None),
                                    ("left_date__gte", models.F("joined_date")),
                                    _connector="OR",
                                ),
                                name="member_leaves_after_joining",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Constitution",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="constitutions",
                                to="groups.group",
                            ),
                        ),
                        ("version", models.PositiveIntegerField(verbose_name="version")),
                        ("settings", models.JSONField(verbose_name="settings")),
                        ("effective_date", models.DateField(verbose_name="takes effect on")),
                        (
                            "resolution",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="groups.resolution",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("group", "-version"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("group", "version"), name="constitution_version_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Cycle",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cycles",
                                to="groups.group",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="number")),
                        ("start_date", models.DateField(verbose_name="from")),
                        (
                            "planned_end_date",
                            models.DateField(blank=True, null=True, verbose_name="planned end"),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("OPEN", "open"),
                                    ("CLOSING", "closing"),
                                    ("CLOSED", "closed"),
                                ],
                                default="OPEN",
                                max_length=7,
                                verbose_name="state",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("group", "-number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("group", "number"), name="cycle_number_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "CLOSED"), _negated=True),
                                fields=("group",),
                                name="one_open_cycle",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="OfficeTerm",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="office_terms",
                                to="groups.group",
                            ),
                        ),
                        ("office", models.CharField(max_length=30, verbose_name="office")),
                        (
                            "member",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="office_terms",
                                to="groups.member",
                            ),
                        ),
                        ("from_date", models.DateField(verbose_name="from")),
                        ("to_date", models.DateField(blank=True, null=True, verbose_name="until")),
                    ],
                    options={
                        "ordering": ("group", "office", "-from_date"),
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("to_date", None)),
                                fields=("group", "office"),
                                name="one_holder_an_office",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Meeting",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meetings",
                                to="groups.group",
                            ),
                        ),
                        (
                            "cycle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meetings",
                                to="groups.cycle",
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="number")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("ORDINARY", "ordinary meeting"),
                                    ("SHARE_OUT", "share-out"),
                                    ("GENERAL", "general assembly"),
                                    ("BOARD", "board meeting"),
                                ],
                                default="ORDINARY",
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("held_date", models.DateField(verbose_name="held on")),
                        (
                            "place",
                            models.CharField(blank=True, max_length=120, verbose_name="place"),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("OPEN", "open"),
                                    ("CLOSED", "closed"),
                                    ("CANCELLED", "cancelled"),
                                ],
                                default="OPEN",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "closing_code",
                            models.CharField(
                                blank=True, max_length=20, verbose_name="closing code"
                            ),
                        ),
                        (
                            "next_date",
                            models.DateField(blank=True, null=True, verbose_name="next meeting"),
                        ),
                    ],
                    options={
                        "ordering": ("-held_date", "-number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("group", "number"), name="meeting_number_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "CANCELLED"), _negated=True),
                                fields=("group", "held_date"),
                                name="one_meeting_a_day",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "OPEN")),
                                fields=("group",),
                                name="one_open_meeting",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="GroupFact",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="facts",
                                to="groups.group",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="facts",
                                to="groups.meeting",
                            ),
                        ),
                        ("stream", models.CharField(default="OFFICE", max_length=60)),
                        ("seq", models.PositiveBigIntegerField()),
                        ("name", models.CharField(max_length=40)),
                        ("happened_date", models.DateField(verbose_name="happened on")),
                        ("received_at", models.DateTimeField()),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("device_id", models.UUIDField(blank=True, null=True)),
                        ("currency", models.CharField(max_length=3)),
                        ("constitution_version", models.PositiveIntegerField(default=0)),
                        ("body", models.JSONField()),
                        ("content_hash", models.CharField(max_length=64)),
                        ("prev_hash", models.CharField(max_length=64)),
                        ("chain_hash", models.CharField(max_length=64)),
                        (
                            "reverses",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversed_by",
                                to="groups.groupfact",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("group", "stream", "seq"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("group", "stream", "seq"), name="fact_seq_once"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="MeetingAttendance",
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
                            "meeting",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attendance",
                                to="groups.meeting",
                            ),
                        ),
                        (
                            "member",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attendance",
                                to="groups.member",
                            ),
                        ),
                        (
                            "mark",
                            models.CharField(
                                choices=[
                                    ("PRESENT", "present"),
                                    ("LATE", "late"),
                                    ("EXCUSED", "excused"),
                                    ("ABSENT", "absent"),
                                    ("REPRESENTED", "represented"),
                                ],
                                max_length=11,
                                verbose_name="mark",
                            ),
                        ),
                        (
                            "fact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="groups.groupfact",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("meeting", "member"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("meeting", "member"), name="one_mark_a_meeting"
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Resolution",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="resolutions",
                                to="groups.group",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="resolutions",
                                to="groups.meeting",
                            ),
                        ),
                        (
                            "constitution",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="groups.constitution",
                            ),
                        ),
                        ("decision", models.CharField(max_length=20, verbose_name="decision")),
                        (
                            "subject",
                            models.CharField(blank=True, max_length=200, verbose_name="subject"),
                        ),
                        ("yes", models.PositiveIntegerField(verbose_name="yes")),
                        ("no", models.PositiveIntegerField(default=0, verbose_name="no")),
                        (
                            "abstain",
                            models.PositiveIntegerField(default=0, verbose_name="abstained"),
                        ),
                        ("present", models.PositiveIntegerField(verbose_name="present")),
                        ("members", models.PositiveIntegerField(verbose_name="members")),
                        ("is_secret", models.BooleanField(default=False)),
                        ("is_passed", models.BooleanField()),
                    ],
                    options={
                        "ordering": ("-recorded_at",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="InternalLoan",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="internal_loans",
                                to="groups.group",
                            ),
                        ),
                        (
                            "member",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="internal_loans",
                                to="groups.member",
                            ),
                        ),
                        (
                            "fund",
                            models.CharField(default="LOAN", max_length=6, verbose_name="fund"),
                        ),
                        ("principal_units", models.BigIntegerField(verbose_name="amount")),
                        (
                            "rate_bps",
                            models.PositiveIntegerField(
                                verbose_name="charge a period, hundredths of a percent"
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("FLAT_ONCE", "once for the loan"),
                                    ("FLAT_PER_PERIOD", "each period on the first amount"),
                                    ("DECLINING", "each period on the planned balance"),
                                ],
                                max_length=15,
                                verbose_name="charge",
                            ),
                        ),
                        ("term_periods", models.PositiveSmallIntegerField(verbose_name="periods")),
                        (
                            "period_days",
                            models.PositiveSmallIntegerField(verbose_name="days a period"),
                        ),
                        (
                            "counting",
                            models.CharField(
                                choices=[
                                    ("COMPLETED", "only whole periods"),
                                    ("STARTED", "a begun period counts"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("paid_out_date", models.DateField(verbose_name="paid out on")),
                        ("due_date", models.DateField(verbose_name="due on")),
                        (
                            "purpose",
                            models.CharField(blank=True, max_length=120, verbose_name="purpose"),
                        ),
                        (
                            "resolution",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="groups.resolution",
                            ),
                        ),
                        (
                            "fact",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="groups.groupfact",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("OPEN", "open"),
                                    ("REPAID", "repaid"),
                                    ("WRITTEN_OFF", "written off"),
                                ],
                                default="OPEN",
                                max_length=11,
                                verbose_name="state",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("group", "paid_out_date", "id"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("principal_units__gt", 0)),
                                name="internal_loan_above_zero",
                            )
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Fine",
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
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fines",
                                to="groups.group",
                            ),
                        ),
                        (
                            "member",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fines",
                                to="groups.member",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fines",
                                to="groups.meeting",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("LATE", "late"),
                                    ("ABSENT", "absent"),
                                    ("DISORDER", "disorder"),
                                    ("OTHER", "other"),
                                ],
                                max_length=8,
                                verbose_name="for",
                            ),
                        ),
                        ("units", models.BigIntegerField(verbose_name="amount")),
                        ("paid_units", models.BigIntegerField(default=0, verbose_name="paid")),
                        ("waived", models.BooleanField(default=False, verbose_name="waived")),
                        (
                            "fact",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="groups.groupfact",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("group", "recorded_at"),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
            ],
        ),
    ]
