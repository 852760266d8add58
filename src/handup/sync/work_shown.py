"""What another person looks at before she takes a fact that waits: of a correction what the phone
showed, what the office has now and what is to stand there; of a delivery under a contract what was
weighed beside what the contract says. For those alone who may see the person, or the contract. And
the pictures told with a fact.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.markets.models import SupplyContract
from handup.org import reads
from handup.org.models import Area, StaffUser
from handup.org.permissions import may
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import Fact, FactGroup
from handup.people.models import Person
from handup.people.models.labels import SEX
from handup.people.queries.merging import current_id
from handup.people.rules.codes import Corrected, CorrectionWhy, Sex
from handup.people.services import known_as_text
from handup.sync.models import WorkFact, WorkPicture, WorkState
from handup.sync.services.work_contracts import NAME as DELIVERY
from handup.sync.services.work_contracts import is_seen
from handup.sync.services.work_corrections import NAME

FIELDS = {
    Corrected.SEX: _("Sex"),
    Corrected.BIRTH: _("Date of birth"),
    Corrected.FATHER_NAME: _("Father's name"),
    Corrected.AREA: _("Settlement"),
    Corrected.PHONE: _("Telephone"),
}
WHYS = {
    CorrectionWhy.WRITTEN_WRONG: _("it was written down wrong"),
    CorrectionWhy.CHANGED_SINCE: _("it is otherwise since"),
    CorrectionWhy.TOLD_ANEW: _("it is known better now"),
}


def _settlement(text: str) -> str:
    return str(Area.objects.filter(pk=text).first() or text)


WORDS: dict[Corrected, Callable[[str], Any]] = {
    Corrected.SEX: lambda text: SEX.get(Sex(text), text) if text in list(Sex) else text,
    Corrected.AREA: _settlement,
}


def correction_facts(request: HttpRequest, staff: StaffUser, row: WorkFact) -> list[FactGroup]:
    """The three beside each other; nothing of another fact, of one that is settled, or to whoever
    may not see the person."""
    if row.name != NAME or row.state != WorkState.WAITING or not row.told:
        return []
    body = json.loads(row.told)["body"]
    sought = current_id(UUID(body["person"]))
    person = Person.objects.visible_to(staff).filter(pk=sought, erased_date=None).first()
    if person is None or not may(staff, "people.view_person", person):
        return []
    reads.note(request, persons=[person.pk], action="VIEW", highest="P")
    field = Corrected(body["field"])
    in_words = WORDS.get(field, str)

    def shown(text: str | None) -> Any:
        return in_words(text) if text else ""

    page = reverse("people:person_detail", args=[person.pk])
    return [
        FactGroup(
            _("Correction"),
            [
                Fact(_("Person"), str(person), page),
                Fact(_("What is corrected"), FIELDS[field]),
                Fact(_("What the phone showed"), shown(body.get("old"))),
                Fact(_("What stands there now"), shown(known_as_text(person, field))),
                Fact(_("What is to stand there"), shown(body["new"])),
                Fact(_("Why"), WHYS[CorrectionWhy(body["why"])]),
            ],
        )
    ]


def delivery_facts(staff: StaffUser, row: WorkFact) -> list[FactGroup]:
    """A delivery that waits beside its contract; nothing of another fact, of one that is settled,
    or to whoever may not see the contract."""
    if row.name != DELIVERY or row.state != WorkState.WAITING or not row.told:
        return []
    body = json.loads(row.told)["body"]
    if not is_seen(body, staff):
        return []
    contract = SupplyContract.objects.select_related("commodity").get(pk=body["contract"])
    grade = contract.grades.filter(pk=body["grade"]).first()
    priced = body.get("price_units")
    page = reverse("markets:contract_detail", args=[contract.pk])
    return [
        FactGroup(
            _("Delivery"),
            [
                Fact(_("Contract"), str(contract), page),
                Fact(_("Number of the paper slip"), body["slip"]),
                Fact(_("Grade"), str(grade or "")),
                Fact(_("Handed over"), _goods(body["delivered"], contract)),
                Fact(_("Refused of that"), _goods(body.get("rejected", 0), contract)),
                Fact(_("Why refused"), body.get("reject_reason", "")),
                Fact(
                    _("Price the phone showed"),
                    "" if priced is None else format_money(priced, contract.currency),
                ),
                Fact(_("Handed over by"), body.get("given_by", "")),
                Fact(_("Taken over by"), body.get("taken_by", "")),
            ],
        )
    ]


def _goods(quantity: int, contract: SupplyContract) -> str:
    return f"{format_number(quantity)} {contract.unit}"


def picture_facts(staff: StaffUser, row: WorkFact) -> list[FactGroup]:
    """The pictures told with a fact, as far as she may know of whom they are: what each shows, and
    where it is."""
    told = list(WorkPicture.objects.visible_to(staff).filter(fact=row))
    if not told:
        return []
    return [
        FactGroup(
            _("Pictures"),
            [Fact(one.get_shows_display(), _stands(one), _leads(one, staff)) for one in told],
        )
    ]


def _stands(one: WorkPicture) -> Any:
    if one.kept_at is not None:
        return _("kept")
    return one.reason or _("on its way")


def _leads(one: WorkPicture, staff: StaffUser) -> str:
    """To where it is taken away, for whoever may."""
    if one.kept_at is None or not may(staff, "sync.take_picture_away", one):
        return ""
    return reverse("sync:picture_away", args=[one.pk])
