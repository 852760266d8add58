"""Tables of the inbox: keys of devices, who may append to which group's stream, what arrived and
what became of it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, GroupFact
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import Area, Device, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models import Person
from handup.sync.rules.words import Outcome

GROUP_SCOPE = ScopePaths(
    office="group__office_id",
    area="group__area_id",
    programme="group__programme_id",
    caseload="group__officer_id",
)


DOORS = [("API", _("network")), ("FILE", _("file"))]


class EnrolCode(House):
    """A code, shown once, with which one phone enrols itself for one group, or without a group for
    the work of its holder; its hash is kept."""

    CLASSES = classify(
        I="id recorded_at group holder label code_hash expires_at given_by used_at device"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "sync.view_packet"

    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="enrol_codes"
    )
    holder = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("who answers for it")
    )
    label = models.CharField(_("name of the phone"), max_length=80)
    code_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(_("ends"))
    given_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[ScopedManager["EnrolCode"]] = ScopedManager()

    class Meta:
        ordering = ("-recorded_at",)

    def __str__(self) -> str:
        return self.label


class DeviceKey(House):
    """The public key of a device; what it signs is its own."""

    CLASSES = classify(I="id recorded_at device public_key")
    VIEW = "org.view_staff"

    device = models.OneToOneField(Device, models.PROTECT, related_name="signing_key")
    public_key = models.CharField(max_length=120)

    def __str__(self) -> str:
        return str(self.device)


class GroupPhone(House):
    """A phone enrolled for a group: it may read the group's pack, and take its stream over with the
    code of the last slip."""

    CLASSES = classify(I="id recorded_at group device ended_at")
    SCOPE = GROUP_SCOPE
    VIEW = "sync.view_packet"

    group = models.ForeignKey(Group, models.PROTECT, related_name="phones")
    device = models.ForeignKey(Device, models.PROTECT, related_name="groups")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar[ScopedManager["GroupPhone"]] = ScopedManager()

    class Meta:
        ordering = ("group", "recorded_at")
        constraints = (
            models.UniqueConstraint(fields=("group", "device"), name="phone_once_a_group"),
        )

    def __str__(self) -> str:
        return str(self.device)


class Seat(House):
    """Which device may append to a group's stream of meetings; None: the office does."""

    CLASSES = classify(I="id recorded_at group device")
    SCOPE = GROUP_SCOPE
    VIEW = "sync.view_packet"

    group = models.OneToOneField(Group, models.PROTECT, related_name="seat")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="seats")

    objects: ClassVar[ScopedManager["Seat"]] = ScopedManager()

    def __str__(self) -> str:
        return str(self.device or "")


class Choice(models.TextChoices):
    """What key holders and supervisor said of a second record, or of facts that never came."""

    KEEP_FIRST = "KEEP_FIRST", _("keep the first record")
    KEEP_SECOND = "KEEP_SECOND", _("keep the second record")
    BOTH = "BOTH", _("keep both: they were two meetings")
    LINES = "LINES", _("choose line by line")
    GAP = "GAP", _("go on without the missing meeting")


class Branch(House):
    """A part of a group's record that does not stand behind the end of its stream, and what was
    chosen of it: the second record of a meeting, or the place of facts that never came.

    start: the hash it begins behind. tip: the hash of its last fact as chosen. other_tip: the end
    of the stream at that moment. stream: where its facts are kept when they are kept beside the
    main stream. ended_at: the missing meeting has come.
    """

    CLASSES = classify(
        I="id recorded_at group choice device_id stream start tip other_tip fact decided_by"
        " ended_at"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "sync.view_packet"

    group = models.ForeignKey(Group, models.PROTECT, related_name="branches")
    choice = models.CharField(_("choice"), max_length=11, choices=Choice.choices)
    device_id = models.UUIDField(null=True, blank=True)
    stream = models.CharField(max_length=60)
    start = models.CharField(max_length=64)
    tip = models.CharField(max_length=64)
    other_tip = models.CharField(max_length=64)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ScopedManager["Branch"]] = ScopedManager()

    class Meta:
        ordering = ("-recorded_at",)
        constraints = (models.UniqueConstraint(fields=("group", "tip"), name="branch_chosen_once"),)

    def __str__(self) -> str:
        return f"{self.choice} {self.tip[:12]}"


class SnapshotLife(House):
    """For how many days a phone keeps what it carries of others, for those whose office lies in an
    area: longer where roads are long. The nearest area counts; without one, what the house says."""

    CLASSES = classify(O="id recorded_at area days", I="set_by")
    VIEW = "sync.set_snapshot_life"
    SCOPE = ScopePaths(area="area_id")

    area = models.OneToOneField(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    days = models.PositiveSmallIntegerField(_("days"))
    set_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["SnapshotLife"]] = ScopedManager()

    class Meta:
        ordering = ("area",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(days__gte=14, days__lte=180), name="snapshot_14_to_180_days"
            ),
        )

    def __str__(self) -> str:
        return str(self.area)


class AreaChoice(House):
    """Which area the office says a device takes along; None: none. The last one counts, until the
    holder takes another along."""

    CLASSES = classify(I="id recorded_at device area chosen_by")
    VIEW = "sync.choose_area"

    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    chosen_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-recorded_at", "-id")

    def __str__(self) -> str:
        return str(self.area or "")


class WorkState(models.TextChoices):
    """Where a fact of an officer's own phone stands."""

    DONE = "DONE", _("stored")
    HANDED_ON = "HANDED_ON", _("a second person decides")
    WAITING = "WAITING", _("waits")
    LEFT_OUT = "LEFT_OUT", _("left out")


class WorkFact(House):
    """What an officer recorded on her own phone away from the office, and what became of it; `told`
    is its JSON as long as that is not stored, nor erased or taken back by whoever
    answered. The id is the device's. `replaces`: the id of a fact that was not taken, and for
    which this one was told once more."""

    CLASSES = classify(
        I="id recorded_at device staff office name happened_date told_at digest state reason"
        " settled_at replaces",
        S="told",
    )
    SCOPE = ScopePaths(office="office_id", caseload="staff_id")
    VIEW = "sync.view_work"

    device = models.ForeignKey(Device, models.PROTECT, related_name="work")
    staff = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("what"), max_length=40)
    happened_date = models.DateField(_("happened on"))
    told_at = models.DateTimeField(_("recorded"))
    told = EncryptedTextField(blank=True)
    digest = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=9, choices=WorkState.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    replaces = models.UUIDField(_("told in the place of"), null=True, blank=True, db_index=True)

    objects: ClassVar[ScopedManager["WorkFact"]] = ScopedManager()

    class Meta:
        ordering = ("-recorded_at", "-id")
        verbose_name = _("recorded away")
        indexes = (models.Index(fields=("state", "staff"), name="work_state_staff"),)

    def __str__(self) -> str:
        return f"{self.name} {self.happened_date}"


class PictureShows(models.TextChoices):
    """What a picture taken with a fact shows."""

    PLACE = "PLACE", _("the place")
    GOODS = "GOODS", _("the goods")
    DOCUMENT = "DOCUMENT", _("a paper")
    PEOPLE = "PEOPLE", _("people")
    SIGNATURE = "SIGNATURE", _("a signature or mark")


class WorkPicture(House):
    """A picture taken with what was recorded away: told with its fact, and on its way part by part.

    `content` holds in base64 what has come of it, until it is whole; then it is a file of the
    record its fact became (`object_type`, `object_id`), under the id of this row. `agreed_at`: when
    whoever can be seen in it agreed; None: no face can. `reason`: why it is not kept. `person`:
    whom its fact is about, where it is about one.
    """

    CLASSES = classify(
        I="id recorded_at fact person object_type object_id shows agreed_at size received keyed_sum"
        " grown_at kept_at reason",
        S="name content",
    )
    SCOPE = ScopePaths(office="fact__office_id", caseload="fact__staff_id", person="person_id")
    VIEW = "sync.view_work"

    fact = models.ForeignKey(WorkFact, models.PROTECT, related_name="pictures")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=64)
    name = EncryptedTextField()
    shows = models.CharField(_("shows"), max_length=9, choices=PictureShows.choices)
    agreed_at = models.DateTimeField(_("agreed to the photograph"), null=True, blank=True)
    size = models.PositiveIntegerField(_("bytes in all"), default=0)
    received = models.PositiveIntegerField(_("bytes received"), default=0)
    keyed_sum = models.CharField(max_length=64, blank=True, default="")
    content = EncryptedTextField(blank=True, default="")
    grown_at = models.DateTimeField(_("last part"), null=True, blank=True)
    kept_at = models.DateTimeField(_("kept"), null=True, blank=True)
    reason = models.CharField(_("why it is not kept"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["WorkPicture"]] = ScopedManager()

    class Meta:
        ordering = ("fact", "id")
        verbose_name = _("picture recorded away")

    def __str__(self) -> str:
        return str(self.get_shows_display())


class PacketState(models.TextChoices):
    """Where a packet stands."""

    DONE = "DONE", _("stored")
    WAITING = "WAITING", _("waits")
    SET_ASIDE = "SET_ASIDE", _("set aside")
    REFUSED = "REFUSED", _("refused")
    NOT_KEPT = "NOT_KEPT", _("another record was kept")


class Packet(House):
    """An envelope of a device that arrived; `told` is its JSON as long as that is not stored."""

    CLASSES = classify(
        I="id recorded_at packet_id device_id group delivered_by door first_seq last_seq tip state"
        " told settled_at digest"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "sync.view_packet"

    packet_id = models.UUIDField()
    device_id = models.UUIDField()
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="packets")
    delivered_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("delivered by")
    )
    door = models.CharField(_("way"), max_length=4, choices=DOORS)
    first_seq = models.PositiveBigIntegerField(_("first number"))
    last_seq = models.PositiveBigIntegerField(_("last number"))
    tip = models.CharField(max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=PacketState.choices)
    told = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Packet"]] = ScopedManager()

    class Meta:
        ordering = ("-recorded_at", "-id")
        constraints = (models.UniqueConstraint(fields=("packet_id", "digest"), name="packet_once"),)
        indexes = (models.Index(fields=("group", "state"), name="packet_group_state"),)

    def __str__(self) -> str:
        return f"{self.first_seq}–{self.last_seq}"


class PacketLine(House):
    """What became of the facts of one meeting in one packet: the receipt its phone reads back."""

    CLASSES = classify(
        I="id recorded_at packet place meeting_id held_date outcome flags faults breaches stored"
        " savings_total"
    )
    SCOPE = ScopePaths(
        office="packet__group__office_id",
        area="packet__group__area_id",
        programme="packet__group__programme_id",
        caseload="packet__group__officer_id",
    )
    VIEW = "sync.view_packet"

    packet = models.ForeignKey(Packet, models.CASCADE, related_name="lines")
    place = models.PositiveSmallIntegerField()
    meeting_id = models.UUIDField(null=True, blank=True)
    held_date = models.DateField(_("held on"), null=True, blank=True)
    outcome = models.CharField(
        _("what became of it"),
        max_length=14,
        choices=[
            (Outcome.STORED.value, _("stored")),
            (Outcome.ALREADY_STORED.value, _("stored before")),
            (Outcome.HELD.value, _("held")),
            (Outcome.SET_ASIDE.value, _("set aside")),
            (Outcome.REFUSED.value, _("refused")),
        ],
    )
    flags = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    breaches = models.JSONField(default=list)
    stored = models.PositiveSmallIntegerField(_("new facts"), default=0)
    savings_total = models.BigIntegerField(_("savings"), null=True, blank=True)

    objects: ClassVar[ScopedManager["PacketLine"]] = ScopedManager()

    class Meta:
        ordering = ("packet", "place")
        constraints = (
            models.UniqueConstraint(fields=("packet", "place"), name="packet_line_place"),
        )

    def __str__(self) -> str:
        return self.outcome
