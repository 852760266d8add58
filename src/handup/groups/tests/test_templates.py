"""A group is registered from a picture of how it works, with at most six questions."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import Group
from handup.groups.rules.constitution import RULES, settings_for
from handup.groups.rules.templates import MOST_QUESTIONS, TEMPLATES
from handup.groups.views.templates import PICTURES
from handup.kernel.ids import new_id
from handup.org.models import Area, StaffUser
from handup.projects.models import Programme

ANSWERS = {"share_value_units": 500, "charge_rate_bps": 1000}


@pytest.mark.parametrize("code", TEMPLATES)
def test_a_template_asks_at_most_six_questions_and_decides_the_rest(code: str) -> None:
    way = TEMPLATES[code]
    assert len(way.questions) <= MOST_QUESTIONS
    assert {"share_value_units", "charge_rate_bps"} <= set(way.questions), "what has no default"
    usual = settings_for(way.kind, ANSWERS)
    told = way.settings({name: ANSWERS.get(name, usual[name]) for name in way.questions})
    assert told.keys() == RULES.keys()
    assert {name: told[name] for name in way.decided} == dict(way.decided)
    assert code in PICTURES


def test_the_pictures_lead_to_a_short_form_and_the_group_has_whole_rules(
    client: Client, programme: Programme, area: Area, officer: StaffUser, outsider: StaffUser
) -> None:
    client.force_login(officer)
    pictures = reverse("groups:group_templates", args=[programme.pk])
    page = client.get(pictures).content.decode()
    for code in TEMPLATES:
        address = reverse("groups:group_from", args=[programme.pk, code])
        assert address in page
        assert client.get(address).status_code == 200
    assert client.get(reverse("groups:group_from", args=[programme.pk, "none"])).status_code == 404
    address = reverse("groups:group_from", args=[programme.pk, "help"])
    sent = {
        "name": "Bright day",
        "area": str(area.pk),
        "formed_date": "2026-01-05",
        "currency": "XTS",
        "share_value_units": "5",
        "social_contribution_units": "1.50",
        "social_grants": "Birth = 20",
        "social_at_end": "EQUAL_SPLIT",
        "charge_rate_bps": "2.5",
        "_new_id": str(new_id()),
    }
    assert client.post(address, sent | {"share_value_units": "x"}).status_code == 422
    read_back = client.post(address, sent).content.decode()
    assert "XTS" in read_back
    assert not Group.objects.exists()
    assert client.post(address, sent | {"_read_back": "1"}).status_code == 302
    group = Group.objects.get()
    rules = group.constitutions.get().settings
    told = {name: rules[name] for name in ("share_value_units", "social_grants", "social_lendable")}
    assert told == {
        "share_value_units": 500,
        "social_grants": "Birth = 2000",
        "social_lendable": True,
    }
    assert (group.kind, group.formed_date, rules["charge_rate_bps"]) == (
        "SAVINGS",
        date(2026, 1, 5),
        250,
    )
    client.force_login(outsider)
    assert client.get(pictures).status_code == 404
