"""Story `exchange`: what the three programmes tell to the world stands the official check.

Each programme's figures are computed, checked, approved and frozen by three people, built into an
IATI file, judged offline by schema, codelists and the official ruleset, and published by another
person.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from lxml import etree
from pytest_django import Settings

from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.projects.models import Programme
from handup.results import services as s
from handup.results.models import ExchangeFile, Snapshot
from handup.results.rules.iati.states import ExchangeState
from handup.results.services.exchange import build_exchange, check_exchange, publish_exchange
from handup.results.services.exchange_profile import set_exchange_profile

pytestmark = pytest.mark.django_db
WHO = {
    "IOM-AM": ("XM-DAC-47066", "International Organization for Migration", "40", "AM"),
    "ADRA-MN": ("XX-EXAMPLE-1", "Adventist Development and Relief Agency", "21", "MN"),
    "IFAD-RW": ("XM-DAC-41108", "International Fund for Agricultural Development", "40", "RW"),
}


def one_of(role: Role, *others: StaffUser) -> StaffUser:
    """Somebody with a role who is none of the others."""
    rows = StaffUser.objects.filter(grants__role=role).exclude(pk__in=[one.pk for one in others])
    found = rows.order_by("username").first()
    assert found is not None, role
    return found


def frozen(programme: Programme) -> Snapshot:
    """The programme's figures of the last day that is over, passed by three people."""
    officer, manager = one_of(Role.ME_OFFICER), one_of(Role.MANAGER)
    director = one_of(Role.DIRECTOR, officer, manager)
    day = timezone.localdate() - timedelta(days=1)
    made = s.compute_snapshot(acting_staff=officer, programme=programme, day=day)
    codes = list(made.figures.values_list("code", flat=True))
    s.check_figures(acting_staff=manager, snapshot=made, codes=codes)
    s.approve_figures(acting_staff=director, snapshot=made, codes=codes)
    return s.freeze_snapshot(acting_staff=director, snapshot=made)


def told(programme: Programme) -> ExchangeFile:
    """The programme's IATI file, checked."""
    ref, name, kind, country = WHO[programme.code]
    set_exchange_profile(
        acting_staff=one_of(Role.MANAGER),
        programme=programme,
        told={
            "organisation_ref": ref,
            "organisation_name": name,
            "organisation_type": kind,
            "activity_code": programme.code,
            "countries": [{"code": country, "share": "100"}],
            "sectors": [{"code": "24040", "share": "70"}, {"code": "25030", "share": "30"}],
            "tags": [{"vocabulary": "3", "code": "8.3"}],
            "markers": [{"code": "1", "significance": "1"}],
        },
    )
    file = build_exchange(acting_staff=one_of(Role.ME_OFFICER), snapshot=frozen(programme))
    return check_exchange(acting_staff=one_of(Role.ME_OFFICER), file=file)


@pytest.mark.parametrize("code", sorted(WHO))
def test_what_a_programme_tells_stands_the_official_check(
    code: str, shared: Path, settings: Settings
) -> None:
    settings.IATI_PACK = shared / "data/iati"
    file = told(Programme.objects.get(code=code))
    assert file.findings == []
    assert file.state == ExchangeState.CHECKED
    done = publish_exchange(acting_staff=one_of(Role.DIRECTOR), file=file)
    assert done.state == ExchangeState.PUBLISHED
    root = etree.fromstring(file.content.encode())
    programme, phase = root.findall("iati-activity")
    assert (programme.get("hierarchy"), phase.get("hierarchy")) == ("1", "2")
    codes = {one.get("code") for one in phase.iterfind("result/indicator/reference")}
    assert "MED-OUT-01" in codes
    persons = [str(person) for person in Person.objects.all()[:300]]
    assert persons
    assert not [name for name in persons if name in file.content]
