"""Pages of what is settled before anybody is registered: notices, and who may take part."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.models import Area, AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people.models import ConsentNotice, EligibilityRule, PovertyLine
from handup.people.rules.codes import ConsentPurpose
from handup.people.rules.eligibility import Result, Value, evaluate
from handup.people.services import publish_notice, publish_rule, set_poverty_line
from handup.people.tests.conftest import signed_in
from handup.projects.models import Programme

DAY = "2026-03-02"


@pytest.fixture
def browser(manager: StaffUser) -> Client:
    return signed_in(manager)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_notice_is_read_back_published_once_and_kept_word_for_word(
    browser: Client, programme: Programme
) -> None:
    told = {
        "programme": programme.pk,
        "version": "7",
        "language": "en",
        "text": "We keep what you tell us. You may say no.",
        "purposes": ["SERVICE", "SHARE_BANK"],
        "data_categories": ["identity", "money"],
        "valid_from": DAY,
    }
    new = reverse("people:notice_new")
    assert "being served by the programme" in text_of(browser.post(new, told))
    assert not ConsentNotice.objects.filter(version="7").exists()
    answer = browser.post(new, told | {"_read_back": "1"})
    notice = ConsentNotice.objects.get(version="7")
    assert answer.headers["Location"] == reverse("people:notice_detail", args=[notice.pk])
    shown = text_of(browser.get(answer.headers["Location"]))
    assert "You may say no." in shown
    assert "sharing with the bank" in shown
    again = text_of(browser.post(new, told | {"_read_back": "1", "text": "Another"}))
    assert "already published in this language" in again
    assert ConsentNotice.objects.get(version="7").text == told["text"]
    assert AuditLine.objects.filter(action="people.publish_notice").count() == 1


def test_a_rule_is_put_together_from_what_is_ticked(
    browser: Client, programme: Programme, area: Area
) -> None:
    told = {
        "programme": programme.pk,
        "title": "Adults of the north",
        "valid_from": DAY,
        "appeal_route": "Write to the office.",
        "age_least": "18",
        "age_most": "60",
        "areas": [area.pk],
        "belongs": ["REFUGEE", "WOMAN_HEAD"],
        "not_elsewhere": "on",
    }
    answer = browser.post(reverse("people:rule_new"), told)
    rule = EligibilityRule.objects.get(title="Adults of the north")
    facts: dict[str, Value] = {
        "age_years": 30,
        "areas": (area.code,),
        "categories": ("REFUGEE",),
        "active_in_similar": False,
    }
    assert evaluate(rule.tree, facts).result is Result.ELIGIBLE
    assert evaluate(rule.tree, facts | {"age_years": 61}).reasons == ("OVER_AGE",)
    assert evaluate(rule.tree, facts | {"categories": ("IDP",)}).reasons == ("NO_TARGET_STATUS",)
    assert evaluate(rule.tree, facts | {"areas": None}).missing == ("areas",)
    shown = text_of(browser.get(answer.headers["Location"]))
    for words in ("Age: at least 18", "too old", "refugee", "Write to the office."):
        assert words in shown


def test_a_rule_of_one_s_own_names_every_place_that_cannot_be_used(
    browser: Client, programme: Programme
) -> None:
    leaf = {"fact": "age_years", "op": ">=", "value": 18, "reason": "UNDER_AGE"}
    told = {"programme": programme.pk, "title": "Own", "valid_from": DAY}
    new = reverse("people:rule_new")
    bad = {
        "any": [leaf, leaf | {"fact": "ethnicity"}, leaf | {"op": "like"}, leaf | {"fact": "sex"}]
    }
    refused = text_of(browser.post(new, told | {"own": json.dumps(bad)}))
    assert "rule.any[1]: there is no such fact" in refused
    assert "rule.any[2]: there is no such comparison" in refused
    assert "rule.any[3]: this fact cannot be compared like that" in refused
    deep = text_of(browser.post(new, told | {"own": "[" * 19_000}))
    assert "This is not JSON" in deep
    assert "This is not JSON" in text_of(browser.post(new, told | {"own": "{"}))
    assert "Fill in at least one condition." in text_of(browser.post(new, told))
    assert not EligibilityRule.objects.filter(title="Own").exists()
    good = {"any": [leaf, {"not": leaf | {"fact": "children", "value": 3}}]}
    answer = browser.post(new, told | {"own": json.dumps(good)})
    shown = text_of(browser.get(answer.headers["Location"]))
    assert "At least one of these" in shown
    assert "Not this" in shown


def test_who_may_not_publish_reads_and_publishes_nothing(
    clerk: StaffUser, notice: ConsentNotice, rule: EligibilityRule
) -> None:
    desk = signed_in(clerk)
    for name, row in (("notice", notice), ("rule", rule)):
        assert reverse(f"people:{name}_new") not in text_of(
            desk.get(reverse(f"people:{name}_list"))
        )
        assert desk.get(reverse(f"people:{name}_detail", args=[row.pk])).status_code == 200
        assert desk.get(reverse(f"people:{name}_new")).status_code == 403
        assert desk.post(reverse(f"people:{name}_new"), {}).status_code == 403


def test_who_knows_a_programme_but_manages_another_changes_nothing_of_it(
    programme: Programme, other_programme: Programme, rule: EligibilityRule, notice: ConsentNotice
) -> None:
    """A manager's grant over P2 writes neither the rule of P1, nor a notice for everybody."""
    both = staff_with("p2", Role.MANAGER, scope=ScopeKind.PROJECT, programme_id=other_programme.pk)
    told: dict[str, Any] = {
        "acting_staff": both, "title": "Anybody", "valid_from": date(2026, 6, 1),
        "tree": {"fact": "age_years", "op": ">=", "value": 1, "reason": "UNDER_AGE"},
    }  # fmt: skip
    text: dict[str, Any] = {
        "acting_staff": both, "version": "9", "language": "en", "text": "x",
        "purposes": [ConsentPurpose.SERVICE], "data_categories": [], "valid_from": date(2026, 6, 1),
    }  # fmt: skip
    line: dict[str, Any] = {
        "acting_staff": both, "from_date": date(2026, 6, 1), "per_head_units": 1,
        "currency": "AMD", "source": "x",
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        publish_rule(programme=programme, **told)
    for foreign in (programme, None):
        with pytest.raises(NotAllowed):
            publish_notice(programme=foreign, **text)
    with pytest.raises(NotAllowed):
        set_poverty_line(programme=programme, **line)
    rule.refresh_from_db()
    assert (rule.valid_to, ConsentNotice.objects.count()) == (None, 1)
    assert not PovertyLine.objects.exists()
    assert publish_rule(programme=other_programme, **told).version == 1
    assert publish_notice(programme=other_programme, **text).version == "9"
    assert set_poverty_line(programme=other_programme, **line).per_head_units == 1
    for page in ("people:rule_new", "people:notice_new"):
        shown = text_of(signed_in(both).get(reverse(page)))
        assert "Second programme" in shown
        assert "First programme" not in shown
        assert "every programme" not in shown
