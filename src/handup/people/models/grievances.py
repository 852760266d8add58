"""Feedback and complaints; the sensitive ones are known to the focal point and a team only."""

from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField, KeyedHashField
from handup.org.models import Area, House, Office, StaffUser
from handup.org.rules.access import Role
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import GRIEVANCE_KIND, GRIEVANCE_STATE, SENSITIVITY, choices
from handup.people.models.persons import Person
from handup.people.rules.grievances import GrievanceState
from handup.projects.models import Programme


def withheld_from(staff: StaffUser, path: str = "") -> Q:
    """The grievances she may not know of: sensitive ones of which she is not on the team, and those
    that complain of her; with a token, which no second factor opened, every sensitive one; who does
    not answer grievances (a director) knows those alone whose team she is on. path: from a row to
    its grievance.
    """
    to, key = (f"{path}__", f"{path}_id") if path else ("", "pk")
    sensitive, of_her = ~Q(**{f"{to}sensitivity": ""}), Q(**{f"{to}complained_of": staff})
    if staff.by_token:
        return sensitive | of_her
    team = GrievanceTeamMember._base_manager.filter(
        grievance_id=OuterRef(key), staff=staff, left_date=None
    )
    if not (staff.holds(Role.COMPLAINTS_OFFICER) or staff.holds(Role.FOCAL_POINT)):
        return ~Exists(team) | of_her
    return (sensitive & ~Exists(team)) | of_her


def _steps_withheld(staff: StaffUser) -> Q:
    return withheld_from(staff, "grievance")


class Grievance(House):
    """Somebody says that something is wrong, or good; named or not.

    What she says lies in `text`; of a sensitive one in `restricted_text`, under the key of the
    compartments.
    """

    CLASSES = classify(
        I="id recorded_at code kind programme office area received_date acknowledge_date"
        " resolve_date state decided_date taken_by decided_by language anonymous",
        P="person",
        S="contact text tracking tracking_hash",
        R="sensitivity complained_of restricted_text told_focal_point_at",
    )
    SCOPE = ScopePaths(
        office="office_id",
        area="area_id",
        programme="programme_id",
        caseload="taken_by_id",
        person="person_id",
        withheld=withheld_from,
    )
    VIEW = "people.view_grievance"
    NOT_IN_HER_FILE = ~Q(sensitivity="")  # the focal point tells it, face to face

    code = models.CharField(_("number"), max_length=12, unique=True)
    kind = models.CharField(_("about"), max_length=9, choices=choices(GRIEVANCE_KIND))
    sensitivity = models.CharField(
        _("sensitive"), max_length=13, choices=choices(SENSITIVITY), blank=True, default=""
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="grievances"
    )
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="grievances"
    )
    anonymous = models.BooleanField(_("without a name"), default=False)
    contact = EncryptedTextField(_("how to reach her"), blank=True, default="")
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    text = EncryptedTextField(_("what she says"), blank=True, default="")
    restricted_text = EncryptedTextField(
        _("what she says"), blank=True, default="", ring="compartment"
    )
    complained_of = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    tracking = EncryptedTextField(_("code to ask with"), blank=True, default="")
    tracking_hash = KeyedHashField(source="tracking", kind="exact")
    received_date = models.DateField(_("received on"))
    acknowledge_date = models.DateField(_("to acknowledge by"))
    resolve_date = models.DateField(_("to resolve by"))
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=choices(GRIEVANCE_STATE),
        default=GrievanceState.RECEIVED.value,
    )
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    told_focal_point_at = models.DateTimeField(_("focal point told"), null=True, blank=True)
    taken_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Grievance"]] = ScopedManager()

    class Meta:
        ordering = ("-received_date", "-id")
        indexes = (models.Index(fields=("state", "resolve_date"), name="grievance_due"),)

    def __str__(self) -> str:
        return self.code


class GrievanceStep(House):
    """One step of a grievance, with what was said to her or why."""

    CLASSES = classify(
        I="id recorded_at grievance from_state to_state step_date taken_by",
        S="note",
        R="restricted_note",
    )
    SCOPE = ScopePaths(
        office="grievance__office_id",
        area="grievance__area_id",
        programme="grievance__programme_id",
        caseload="grievance__taken_by_id",
        person="grievance__person_id",
        withheld=_steps_withheld,
    )
    VIEW = "people.view_grievance"

    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="steps")
    from_state = models.CharField(_("from"), max_length=12, choices=choices(GRIEVANCE_STATE))
    to_state = models.CharField(_("to"), max_length=12, choices=choices(GRIEVANCE_STATE))
    step_date = models.DateField(_("on"))
    note = EncryptedTextField(_("note"), blank=True, default="")
    restricted_note = EncryptedTextField(_("note"), blank=True, default="", ring="compartment")
    taken_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["GrievanceStep"]] = ScopedManager()

    class Meta:
        ordering = ("step_date", "id")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class GrievanceTeamMember(House):
    """A staff member who may know of a sensitive grievance, until she leaves its team."""

    CLASSES = classify(R="id recorded_at grievance staff joined_date left_date")
    SCOPE = ScopePaths(
        office="grievance__office_id",
        area="grievance__area_id",
        programme="grievance__programme_id",
        caseload="grievance__taken_by_id",
        person="grievance__person_id",
        withheld=_steps_withheld,
    )
    VIEW = "people.view_compartment"

    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="team")
    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    joined_date = models.DateField(_("since"))
    left_date = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["GrievanceTeamMember"]] = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("grievance", "staff"),
                condition=models.Q(left_date=None),
                name="on_a_grievance_team_once",
            ),
        )

    def __str__(self) -> str:
        return str(self.staff)
