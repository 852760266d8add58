"""Restricted compartments, the teams that may know of them, and what lies in them, sealed under a
key of their own (protection.md 4.2).

Who is not on the team of a compartment cannot tell it from none, whatever her roles; a token, which
no second factor opened, is on no team.
"""

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField, KeyedHashField
from handup.org.models import House, StaffUser, StoredFile
from handup.org.rules.access import GrantFact
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import COMPARTMENT
from handup.people.models.persons import Person
from handup.people.rules.codes import CompartmentKind

if TYPE_CHECKING:
    from django.utils.functional import Promise

RING = "compartment"


def on_team(staff: StaffUser, key: str) -> Q:
    """The rows whose compartment has her on its team today; key: from a row to it."""
    rows = CaseTeamMember._base_manager.filter(
        compartment_id=OuterRef(key), staff=staff, left_date=None
    )
    return Q(Exists(rows))


def _case_paths(step: str, key: str) -> ScopePaths:
    """The paths of a table of a compartment: its team reaches it, nobody else knows of it."""

    def by_team(grant: GrantFact, staff: StaffUser) -> Q | None:
        return on_team(staff, key)

    def not_hers(staff: StaffUser) -> Q:
        return Q(pk__isnull=False) if staff.by_token else ~on_team(staff, key)

    return ScopePaths(
        programme=f"{step}person__programme_id",
        person=f"{step}person_id",
        linked=by_team,
        withheld=not_hers,
    )


class Compartment(House):
    """Something only a case team may know of a person; kind PERSON hides the whole person.

    The kind is sealed like everything that is said of her; its keyed hash finds who is hidden.
    """

    CLASSES = classify(
        R="id recorded_at person kind kind_hash reason outcome opened_by opened_date closed_date"
    )
    SCOPE = _case_paths("", "pk")
    VIEW = "people.view_compartment"

    person = models.ForeignKey(Person, models.PROTECT, related_name="compartments")
    kind = EncryptedTextField(_("kind"), ring=RING)
    kind_hash = KeyedHashField(source="kind", kind="exact")
    reason = EncryptedTextField(_("why it was opened"), ring=RING, blank=True, default="")
    outcome = EncryptedTextField(_("how it ended"), ring=RING, blank=True, default="")
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    opened_date = models.DateField(_("opened on"))
    closed_date = models.DateField(_("closed on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Compartment"]] = ScopedManager()

    class Meta:
        ordering = ("-opened_date", "id")

    def __str__(self) -> str:
        return str(self.kind_word)

    @property
    def kind_word(self) -> "Promise | str":
        """Its kind in words."""
        return COMPARTMENT[CompartmentKind(self.kind)]


class CaseTeamMember(House):
    """A staff member who may know of a compartment, until she leaves its team."""

    CLASSES = classify(R="id recorded_at compartment staff joined_date left_date")
    SCOPE = _case_paths("compartment__", "compartment_id")
    VIEW = "people.view_compartment"

    compartment = models.ForeignKey(Compartment, models.PROTECT, related_name="team")
    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    joined_date = models.DateField(_("since"))
    left_date = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["CaseTeamMember"]] = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("compartment", "staff"),
                condition=models.Q(left_date=None),
                name="on_a_case_team_once",
            ),
        )

    def __str__(self) -> str:
        return str(self.staff)


class CaseNote(House):
    """What the team of a compartment writes down of a case; day and words are sealed."""

    CLASSES = classify(R="id recorded_at compartment day text written_by")
    SCOPE = _case_paths("compartment__", "compartment_id")
    VIEW = "people.view_compartment"

    compartment = models.ForeignKey(Compartment, models.PROTECT, related_name="notes")
    day = EncryptedTextField(_("day"), ring=RING)
    text = EncryptedTextField(_("note"), ring=RING)
    written_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["CaseNote"]] = ScopedManager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.day)

    @property
    def on(self) -> date:
        """The day it is about."""
        return date.fromisoformat(self.day)


class CaseAction(House):
    """What is to be done in a case, by whom, by when; what and when are sealed."""

    CLASSES = classify(R="id recorded_at compartment what due done responsible written_by")
    SCOPE = _case_paths("compartment__", "compartment_id")
    VIEW = "people.view_compartment"

    compartment = models.ForeignKey(Compartment, models.PROTECT, related_name="actions")
    what = EncryptedTextField(_("what is to be done"), ring=RING)
    due = EncryptedTextField(_("by when"), ring=RING)
    done = EncryptedTextField(_("done on"), ring=RING, blank=True, default="")
    responsible = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    written_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["CaseAction"]] = ScopedManager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.what)[:60]

    @property
    def due_date(self) -> date:
        """By when it is to be done."""
        return date.fromisoformat(self.due)

    @property
    def done_date(self) -> date | None:
        """When it was done; None while it is open."""
        return date.fromisoformat(self.done) if self.done else None


class CaseDocument(House):
    """A paper of a case; its name is sealed like its bytes, and the file bears none."""

    CLASSES = classify(R="id recorded_at compartment name file added_by")
    SCOPE = _case_paths("compartment__", "compartment_id")
    VIEW = "people.view_compartment"

    compartment = models.ForeignKey(Compartment, models.PROTECT, related_name="documents")
    name = EncryptedTextField(_("what it is"), ring=RING)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, blank=True, related_name="+")
    added_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["CaseDocument"]] = ScopedManager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.name)


class CaseMove(House):
    """A compartment that went from one record of a person to another when the two were told to be
    one. It lies here, not in the record of the merge, which others read.
    """

    CLASSES = classify(R="id recorded_at compartment from_person to_person")
    SCOPE = _case_paths("compartment__", "compartment_id")
    VIEW = "people.view_compartment"

    compartment = models.ForeignKey(Compartment, models.CASCADE, related_name="moves")
    from_person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    to_person = models.ForeignKey(Person, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["CaseMove"]] = ScopedManager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.from_person_id} → {self.to_person_id}"


CASE_TABLES: tuple[type[House], ...] = (
    Compartment,
    CaseTeamMember,
    CaseNote,
    CaseAction,
    CaseDocument,
    CaseMove,
)
"""Every table of a compartment: what is written in them is told by their own pages alone."""
