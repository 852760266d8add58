"""A row told to be somebody registered: what it says of her is written to her record as far as it
is new there and hers to write who takes the file over; the rest is listed with its cells, so that
nothing is lost without a word (people.md 4.2, 4.8: all names stay)."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from handup.desk.importing.taking import Taking
from handup.kernel.errors import Refusal
from handup.kernel.importing.reading import Line
from handup.org.encryption import lookup_hash
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.people import services as people
from handup.people.models import Consent, Person, PersonDocument
from handup.people.rules import codes as c
from handup.people.rules.names import written

EMPTY = {"sex": c.Sex.NOT_ASKED.value, "birth_date": None, "father_name": "", "phone": ""}
"""What a record says where nothing was told; only such gaps are filled."""


class LeftAsItIs(Refusal):
    """Not written: the record that was there stays as it is. Ask whoever keeps it."""


def join_row(taking: Taking, line: Line, person: Person, item: people.PersonIn) -> None:
    """Write what a row adds to a record. Where she may not write, whatever the row says is listed:
    what is there already is not told apart from what is not."""
    joining = Joining(taking, line, person, item)
    joining.name()
    joining.gaps()
    for paper in item.papers:
        joining.paper(paper)
    for status in item.statuses:
        joining.status(status)
    for consent in item.consents:
        joining.consent(consent)


class Joining:
    """One row and the record it joins."""

    def __init__(self, taking: Taking, line: Line, person: Person, item: people.PersonIn) -> None:
        self.taking, self.line, self.person, self.item = taking, line, person, item
        self.staff: StaffUser = taking.staff
        self.corrects = may(self.staff, "people.correct_person", person)

    def leave(self, *columns: str) -> None:
        """List cells that are not written."""
        for column in columns:
            self.taking.leave(self.line, LeftAsItIs(), column)

    def write(self, column: str, service: Callable[[], object]) -> None:
        """Ask a service; what it refuses is a fault of the cell."""
        try:
            with transaction.atomic():
                service()
        except Refusal as refusal:
            self.taking.fault(self.line, refusal, column)

    def name(self) -> None:
        """Her name as the row writes it, beside those she bears."""
        told = self.item.names[0]
        names = ((row.first_name, row.last_name) for row in self.person.names.all())
        borne = (written(told.first_name), written(told.last_name)) in names
        if not self.corrects:
            self.leave("first_name")
        elif not borne:
            alias = people.NameIn(told.first_name, told.last_name, c.NameKind.ALIAS)
            self.write(
                "first_name",
                lambda: people.add_name(acting_staff=self.staff, person=self.person, name=alias),
            )

    def gaps(self) -> None:
        """Fill what nobody told before; what the record says otherwise stays and is listed."""
        told = {name: getattr(self.item, name) for name in EMPTY}
        told = {name: value for name, value in told.items() if value != EMPTY[name]}
        if not self.corrects:
            more = ("address", "area")
            self.leave(*told, *(name for name in more if getattr(self.item, name)))
            return
        held = {name: getattr(self.person, name) for name in EMPTY}
        fill = {name: value for name, value in told.items() if held[name] == EMPTY[name]}
        self.leave(*(name for name in told if name not in fill and not self._says(name)))
        if self.item.address and self.item.address != self.person.address:
            self.leave("address")
        area = self.item.area
        if area is not None and self.person.area is None:
            fill["area"] = area
        elif area not in (None, self.person.area):
            self.leave("area")
        if fill:
            self.write(next(iter(fill)), lambda: self._correct({**held, **fill}, fill))

    def _says(self, name: str) -> bool:
        """Whether the record says the same as the row."""
        if name == "phone":
            hashed = lookup_hash(Person, "phone_hash", self.item.phone)
            return Person._base_manager.filter(pk=self.person.pk, phone_hash=hashed).exists()
        return bool(getattr(self.person, name) == getattr(self.item, name))

    def _correct(self, values: dict[str, Any], fill: dict[str, Any]) -> None:
        precision = self.item.birth_precision.value
        if "birth_date" not in fill:
            precision = self.person.birth_precision
        people.correct_person(
            acting_staff=self.staff,
            person=self.person,
            sex=c.Sex(values["sex"]),
            birth_date=values["birth_date"],
            birth_precision=c.BirthPrecision(precision),
            father_name=values["father_name"],
            phone=values["phone"],
            area=values.get("area", self.person.area),
            on=self.item.registered_date,
        )

    def paper(self, paper: people.PaperIn) -> None:
        """A document she showed, unless it is there."""
        if not may(self.staff, "people.record_document", self.person):
            self.leave("document_number")
            return
        hashed = lookup_hash(PersonDocument, "number_hash", paper.number)
        rows = self.person.documents.filter(kind=paper.kind.value, number_hash=hashed)
        if not rows.exists():
            self.write(
                "document_number",
                lambda: people.record_document(
                    acting_staff=self.staff,
                    person=self.person,
                    paper=paper,
                    seen_date=self.item.registered_date,
                ),
            )

    def status(self, told: people.StatusIn) -> None:
        """A legal status, unless it stands for that time."""
        rows = self.person.legal_statuses.filter(status=told.status.value)
        if not may(self.staff, "people.record_status", self.person):
            self.leave("status")
        elif not rows.exists():
            self.write(
                "status",
                lambda: people.record_status(
                    acting_staff=self.staff,
                    person=self.person,
                    status=told.status,
                    from_date=told.from_date,
                    source=told.source,
                ),
            )
        elif not rows.filter(from_date=told.from_date).exists():
            self.leave("status_from")

    def consent(self, told: people.ConsentIn) -> None:
        """What she agreed to, unless it is there."""
        rows = Consent._base_manager.filter(
            person=self.person, purpose=told.purpose.value, notice=told.notice,
            given_date=told.given_date,
        )  # fmt: skip
        if not may(self.staff, "people.give_consent", self.person):
            self.leave("consent_date")
        elif not rows.exists():
            self.write(
                "consent_date",
                lambda: people.give_consent(
                    acting_staff=self.staff, person=self.person, consent=told
                ),
            )
