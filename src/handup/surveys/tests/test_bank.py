"""Ready questionnaires: whole in six languages, taken over as a draft a second person publishes."""

from collections.abc import Iterator, Mapping

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.models import StaffUser
from handup.people.rules.structures import STRUCTURES
from handup.surveys import services
from handup.surveys.models import QuestionnaireVersion
from handup.surveys.rules.codes import VersionState
from handup.surveys.services.bank import NoSuchQuestionnaire, bank
from handup.surveys.services.quality import asked
from handup.surveys.services.questionnaires import shipped, shipped_codes
from handup.surveys.services.refusals import WroteItHerself
from handup.surveys.tests.test_survey_doors import Caller

SIX = ("en", "hy", "mn", "rw", "fr", "ru")
LETTERS = {"hy": ("\u0530", "\u058f"), "mn": ("\u0400", "\u04ff"), "ru": ("\u0400", "\u04ff")}


def test_every_text_stands_in_every_language_in_its_own_letters() -> None:
    assert set(bank()) == {
        "med_baseline", "med_follow_up", "integration_scale", "tracer_round", "group_assessment",
        "satisfaction", "competitiveness",
    }  # fmt: skip
    for ready in bank().values():
        assert ready.languages == SIX
        texts = [ready.titles, *(one.labels for one in ready.questions)]
        texts += [words for one in ready.questions for words in one.choice_labels.values()]
        for text in texts:
            assert set(text) == set(SIX)
            assert all(text.values())
            for code, (low, high) in LETTERS.items():
                letters = [sign for sign in text[code] if sign.isalpha()]
                assert all(low <= sign <= high for sign in letters), text[code]
        names = [one.name for one in ready.questions]
        assert len(names) == len(set(names))
        assert "consent" not in names, "the page of the interview asks for it by itself"
        assert ready.unread == SIX[1:]


def test_baseline_and_follow_up_ask_the_same_where_they_are_compared() -> None:
    first = {one.name: one for one in bank()["med_baseline"].questions}
    later = {one.name: one for one in bank()["med_follow_up"].questions}
    assert set(first) <= set(later)
    assert all(first[name] == later[name] for name in first)
    keys = {one.handup_key for one in later.values()}
    assert {"income_change", "life_change", "sales_month", "profit_month", "satisfied"} <= keys


def test_nothing_of_a_protected_instrument_is_among_what_is_shipped() -> None:
    """Of them the house knows codes and points; their questions are brought by who may use them."""
    codes = {str(item) for one in STRUCTURES.values() for item in one.get("items", ())}
    assert {"no_food", "sleep_hungry"} <= codes
    asked_names = {one.name for ready in bank().values() for one in ready.questions}
    for code in shipped_codes():
        asked_names |= {one["name"] for one in shipped(code)["questions"]}
    assert len(asked_names) > 30
    assert not asked_names & codes
    wording = ("label", "wording", "question", "text", "hint")
    for one in STRUCTURES.values():
        assert not [name for name in _names(one) if name in wording]


def _names(told: object) -> Iterator[str]:
    """Every name in a structure, however deep."""
    if isinstance(told, Mapping):
        for name, value in told.items():
            yield str(name)
            yield from _names(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from _names(value)


def test_a_ready_questionnaire_becomes_a_draft_that_another_person_publishes(
    officer: StaffUser, second: StaffUser, outsider: StaffUser, client: Client
) -> None:
    client.force_login(officer)
    page = client.get(reverse("surveys:ready_list")).content.decode()
    assert "How our group works" in page
    answer = client.post(reverse("surveys:ready_take"), {"code": "med_follow_up"})
    assert answer.status_code == 302
    version = QuestionnaireVersion.objects.get()
    assert (version.state, version.languages) == (VersionState.DRAFT, list(SIX))
    again = services.adopt_questionnaire(acting_staff=officer, code="med_follow_up")
    assert again == version
    with pytest.raises(WroteItHerself):
        services.publish_version(acting_staff=officer, version=version)
    services.publish_version(acting_staff=second, version=version)
    scale = [one.name for one in version.questions.all() if asked(one).steps]
    assert "takes_part" in scale
    assert "dwelling" not in scale
    api = Caller(officer)
    offered = api.call("get", "/questionnaires/ready")[1]
    assert {one["code"] for one in offered} == set(bank())
    status, taken = api.call("post", "/questionnaires/ready", code="med_follow_up")
    assert (status, taken["id"]) == (201, str(version.pk))
    with pytest.raises(NoSuchQuestionnaire):
        services.adopt_questionnaire(acting_staff=officer, code="nothing")
    client.force_login(outsider)
    assert client.get(reverse("surveys:ready_list")).status_code == 403
