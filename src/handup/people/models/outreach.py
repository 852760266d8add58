"""How people hear of a programme: campaigns, events, enquiries."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField, KeyedHashField
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import CHANNEL, ENQUIRY_STATE, choices
from handup.people.models.persons import PHONE_KEY, Person
from handup.people.rules.codes import Channel, EnquiryState
from handup.projects.models import BudgetLine, Programme


class Campaign(House):
    """A way of telling people of a programme, with its channel, language and cost."""

    CLASSES = classify(
        I="id recorded_at programme code title channel language budget_line cost_units currency"
        " start_date end_date office started_by"
    )
    SCOPE = ScopePaths(office="office_id", programme="programme_id", caseload="started_by_id")
    VIEW = "people.view_campaign"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="campaigns")
    code = models.CharField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    channel = models.CharField(_("channel"), max_length=13, choices=choices(CHANNEL))
    language = models.CharField(_("language"), max_length=10)
    budget_line = models.ForeignKey(
        BudgetLine, models.PROTECT, null=True, blank=True, related_name="campaigns"
    )
    cost_units = models.BigIntegerField(_("cost"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    start_date = models.DateField(_("start"))
    end_date = models.DateField(_("end"), null=True, blank=True)
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    started_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Campaign"]] = ScopedManager()

    class Meta:
        ordering = ("-start_date", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "code"), name="one_campaign_per_code_in_a_programme"
            ),
        )

    def __str__(self) -> str:
        return self.title


class OutreachEvent(House):
    """An open day or meeting with the heads counted by sex and age band; heads never add to
    persons."""

    CLASSES = classify(
        I="id recorded_at campaign title event_date area heads recorded_by", P="place"
    )
    SCOPE = ScopePaths(
        office="campaign__office_id",
        programme="campaign__programme_id",
        caseload="recorded_by_id",
    )
    VIEW = "people.view_campaign"

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="events")
    title = models.CharField(_("title"), max_length=200)
    event_date = models.DateField(_("date"))
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    place = models.CharField(_("place"), max_length=200, blank=True, default="")
    heads = models.JSONField(_("heads by sex and age band"), default=dict)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["OutreachEvent"]] = ScopedManager()

    class Meta:
        ordering = ("-event_date", "id")

    def __str__(self) -> str:
        return self.title


class Enquiry(House):
    """Somebody asked, named or not; it becomes a registration or a task."""

    CLASSES = classify(
        I="id recorded_at programme campaign channel language wish state enquiry_date due_date area"
        " office taken_by person closed_date closed_reason",
        P="name",
        S="phone phone_hash",
    )
    SCOPE = ScopePaths(
        office="office_id",
        area="area_id",
        programme="programme_id",
        caseload="taken_by_id",
        person="person_id",
    )
    VIEW = "people.view_enquiry"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="enquiries")
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="enquiries"
    )
    channel = models.CharField(
        _("how she heard of us"),
        max_length=13,
        choices=choices(CHANNEL),
        default=Channel.UNKNOWN.value,
    )
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    phone = EncryptedTextField(_("telephone"), blank=True, default="")
    phone_hash = KeyedHashField(source="phone", kind="phone", shared=PHONE_KEY)
    wish = models.CharField(_("what she wishes"), max_length=300, blank=True, default="")
    state = models.CharField(
        _("state"), max_length=10, choices=choices(ENQUIRY_STATE), default=EnquiryState.OPEN.value
    )
    enquiry_date = models.DateField(_("date"))
    due_date = models.DateField(_("to answer by"))
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    taken_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="enquiries"
    )
    closed_date = models.DateField(_("closed on"), null=True, blank=True)
    closed_reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    objects: ClassVar[ScopedManager["Enquiry"]] = ScopedManager()

    class Meta:
        ordering = ("-enquiry_date", "-id")
        indexes = (models.Index(fields=("state", "due_date"), name="enquiry_due"),)

    def __str__(self) -> str:
        return self.name or str(_("Somebody who gave no name"))
