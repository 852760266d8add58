"""What a correction says that waits for another person: what the phone showed, what the office has
now and what is to stand there. For those alone who may see the person.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.models import Area, StaffUser
from handup.org.permissions import may
from handup.org.web.pages import Fact, FactGroup
from handup.people.models import Person
from handup.people.models.labels import SEX
from handup.people.queries.merging import current_id
from handup.people.rules.codes import Corrected, CorrectionWhy, Sex
from handup.people.services import known_as_text
from handup.sync.models import WorkFact, WorkState
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
