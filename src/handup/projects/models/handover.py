"""The hand-over of a programme to a local institution: options, readiness, gates."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import Area, House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models.handover_labels import (
    HANDOVER_STATE,
    READINESS_STATE,
    SECTION,
    STAY_REASON,
    TRANSFER_STATE,
    WAY,
    item_text,
)
from handup.projects.models.knowledge import Document
from handup.projects.models.labels import choices
from handup.projects.models.organisations import Organisation
from handup.projects.models.programmes import Programme
from handup.projects.rules.handover import (
    HandoverState,
    Item,
    ReadinessState,
    Timetable,
    TransferState,
)


class Handover(House):
    """A programme on its way to a local institution: where it stands, to whom, by which papers."""

    CLASSES = classify(
        I="id recorded_at programme title successor way state starts set_up_years expansion_years"
        " handover_years exit_area study decision legal_advice registration_no registered_date"
        " opened_by stopped_date stop_reason"
    )
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "projects.view_handover"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="handovers")
    title = models.CharField(_("title"), max_length=200)
    successor = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="taking_over"
    )
    way = models.CharField(
        _("way of lending"), max_length=14, choices=choices(WAY), blank=True, default=""
    )
    state = models.CharField(
        _("state"),
        max_length=11,
        choices=choices(HANDOVER_STATE),
        default=HandoverState.OPTIONS.value,
    )
    starts = models.DateField(_("first day of the timetable"))
    set_up_years = models.PositiveSmallIntegerField(_("years of setting up"), default=2)
    expansion_years = models.PositiveSmallIntegerField(_("years of expansion"), default=3)
    handover_years = models.PositiveSmallIntegerField(_("years of handing over"), default=2)
    exit_area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("exit area")
    )
    study = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("options study"),
    )
    decision = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decision"),
    )
    legal_advice = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("legal advice"),
    )
    registration_no = models.CharField(
        _("registration number"), max_length=80, blank=True, default=""
    )
    registered_date = models.DateField(_("registered on"), null=True, blank=True)
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    stopped_date = models.DateField(_("disbursement stopped on"), null=True, blank=True)
    stop_reason = models.TextField(_("reason of the stop"), blank=True, default="")

    objects: ClassVar[ScopedManager["Handover"]] = ScopedManager()

    class Meta:
        ordering = ("-starts", "id")

    def __str__(self) -> str:
        return self.title

    @property
    def timetable(self) -> Timetable:
        """The years of setting up, expansion and handing over."""
        return Timetable(self.starts, self.set_up_years, self.expansion_years, self.handover_years)


class HandoverOption(House):
    """One way the options study compares, on cost, risk, law and reach."""

    CLASSES = classify(I="id recorded_at handover way cost risk law reach written_by")
    SCOPE = ScopePaths(programme="handover__programme_id")
    VIEW = "projects.view_handover"

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="options")
    way = models.CharField(_("way of lending"), max_length=14, choices=choices(WAY))
    cost = models.TextField(_("cost"))
    risk = models.TextField(_("risk"))
    law = models.TextField(_("law"))
    reach = models.TextField(_("reach"))
    written_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["HandoverOption"]] = ScopedManager()

    class Meta:
        ordering = ("way",)
        constraints = (
            models.UniqueConstraint(fields=("handover", "way"), name="one_option_per_way"),
        )

    def __str__(self) -> str:
        return str(self.get_way_display())


class ReadinessItem(House):
    """One item of the readiness of a successor: its section, weight, evidence, owner and state."""

    CLASSES = classify(
        I="id recorded_at handover section code title hard weight gate position state evidence"
        " evidence_text owner due_date assessed_by assessed_date"
    )
    SCOPE = ScopePaths(programme="handover__programme_id")
    VIEW = "projects.view_handover"

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="items")
    section = models.CharField(_("section"), max_length=10, choices=choices(SECTION))
    code = models.CharField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    hard = models.BooleanField(_("must be met"), default=False)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    gate = models.CharField(_("needed before"), max_length=11, choices=choices(HANDOVER_STATE))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    state = models.CharField(
        _("state"),
        max_length=14,
        choices=choices(READINESS_STATE),
        default=ReadinessState.NOT_STARTED.value,
    )
    evidence = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("evidence"),
    )
    evidence_text = models.TextField(_("evidence in words"), blank=True, default="")
    owner = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    due_date = models.DateField(_("due on"), null=True, blank=True)
    assessed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    assessed_date = models.DateField(_("assessed on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["ReadinessItem"]] = ScopedManager()

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=("handover", "code"), name="one_item_per_code"),
            models.CheckConstraint(
                condition=models.Q(hard=False) | ~models.Q(state="NOT_APPLICABLE"),
                name="a_hard_item_always_applies",
            ),
        )

    def __str__(self) -> str:
        return self.title or str(item_text(self.code))

    @property
    def fact(self) -> Item:
        """It as the rules see it."""
        return Item(
            str(self),
            self.hard,
            self.weight,
            ReadinessState(self.state),
            HandoverState(self.gate),
        )


class HandoverMove(House):
    """One gate passed, or one step back with its reason: the day, who, and the minutes of the
    successor's board."""

    CLASSES = classify(
        I="id recorded_at handover from_state to_state moved_date minutes reason score_text"
        " moved_by"
    )
    SCOPE = ScopePaths(programme="handover__programme_id")
    VIEW = "projects.view_handover"

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="moves")
    from_state = models.CharField(_("from"), max_length=11, choices=choices(HANDOVER_STATE))
    to_state = models.CharField(_("to"), max_length=11, choices=choices(HANDOVER_STATE))
    moved_date = models.DateField(_("day"))
    minutes = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("minutes")
    )
    reason = models.TextField(_("reason"), blank=True, default="")
    score_text = models.CharField(_("readiness"), max_length=40, blank=True, default="")
    moved_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["HandoverMove"]] = ScopedManager()

    class Meta:
        ordering = ("recorded_at", "id")

    def __str__(self) -> str:
        return str(self.get_to_state_display())


class TransferBatch(House):
    """What was packed for the successor on one day: its seal, its control totals, and whether the
    other house proved them equal.

    Neither funder nor successor reads it: its totals tell of few persons by sex and state.
    """

    CLASSES = classify(
        I="id recorded_at handover successor packed_date state sha256 parts totals going staying"
        " prepared_by receipt receiver moved_date confirmed_by"
    )
    SCOPE = ScopePaths(programme="handover__programme_id")
    VIEW = "projects.view_transfer"

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="batches")
    successor = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("packed for"),
    )
    packed_date = models.DateField(_("packed on"))
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=choices(TRANSFER_STATE),
        default=TransferState.PACKED.value,
    )
    sha256 = models.CharField(_("SHA-256 of the package"), max_length=64)
    parts = models.PositiveIntegerField(_("parts"))
    totals = models.JSONField(_("control totals"), default=list)
    going = models.PositiveIntegerField(_("persons who go"))
    staying = models.PositiveIntegerField(_("persons who stay"))
    prepared_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    receipt = models.JSONField(_("receipt of the successor"), default=dict, blank=True)
    receiver = models.CharField(
        _("public key of the receiving house"), max_length=80, blank=True, default=""
    )
    moved_date = models.DateField(_("moved on"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["TransferBatch"]] = ScopedManager()

    class Meta:
        ordering = ("-packed_date", "-recorded_at")

    def __str__(self) -> str:
        return f"{self.packed_date:%Y-%m-%d} {self.sha256[:12]}"


class TransferStay(House):
    """A person of whom all or something is not handed over, and why: she refused, was not asked, or
    shares a group or a loan with somebody who stays. Her old institution serves her to the end of
    it, and names her to nobody outside.
    """

    CLASSES = classify(I="id recorded_at batch person_id reason")
    SCOPE = ScopePaths(programme="batch__handover__programme_id", person="person_id")
    VIEW = "projects.view_transfer_stay"

    batch = models.ForeignKey(TransferBatch, models.PROTECT, related_name="stays")
    person_id = models.UUIDField(_("person"), db_index=True)
    reason = models.CharField(_("why"), max_length=9, choices=choices(STAY_REASON))

    objects: ClassVar[ScopedManager["TransferStay"]] = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("batch", "person_id"), name="one_stay_per_person"),
        )

    def __str__(self) -> str:
        return str(self.get_reason_display())
