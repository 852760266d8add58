"""A set of answers judged again by its form: every fault, nothing else, from XML and from JSON."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.surveys.compiling import compile_questionnaire
from handup.surveys.rules.form.filling import (
    NotAnswers,
    empty,
    from_answers,
    from_xml,
    to_answers,
    to_xml,
)
from handup.surveys.rules.form.loading import NotAForm, load
from handup.surveys.rules.form.model import Form
from handup.surveys.rules.form.recheck import TYPES, recheck
from handup.surveys.rules.form.steps import drop_irrelevant, look, offered, say, settle
from handup.surveys.tests.sheets import questionnaire

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
GOOD: Mapping[str, object] = {
    "trades": "yes",
    "business": {"sales": "500", "costs": "120", "profit": "380"},
    "size": "3",
    "card": "AR000123",
    "region": "north",
    "town": "alpha",
    "sources": "farm shop",
    "worker_count": "2",
    "worker": [{"age": "30", "days": "20.5"}, {"age": "12"}],
    "seen": "2026-03-01",
}


@pytest.fixture(scope="module")
def form() -> Form:
    return compile_questionnaire(questionnaire()).form


def faults(form: Form, answers: Mapping[str, object]) -> list[tuple[str, str, str, str]]:
    """The faults of JSON answers; the same answers as XML have to have the same."""
    by_json = recheck(form, from_answers(form, answers), now=NOW)
    xml = to_xml(form, from_answers(form, answers).root, instance_id="uuid:1")
    if not any(str(one.kind) == "UNKNOWN_QUESTION" for one in by_json):
        assert recheck(form, from_xml(form, xml), now=NOW) == by_json
    return [(one.path, str(one.kind), one.value, one.expected) for one in by_json]


def test_good_answers_have_no_fault(form: Form) -> None:
    assert faults(form, GOOD) == []


def test_the_four_faults_of_the_specification_and_no_more(form: Form) -> None:
    answers = {
        **GOOD,
        "trades": "no",
        "business": {"sales": "", "costs": "", "profit": "9999"},
        "size": "77",
        "card": "xAR000123x",
        "worker": [],
        "worker_count": "76",
    }
    assert [(path, kind) for path, kind, *_ in faults(form, answers)] == [
        ("/household/business/profit", "IRRELEVANT"),
        ("/household/size", "CONSTRAINT"),
        ("/household/card", "CONSTRAINT"),
    ]
    typed = {**GOOD, "business": {"sales": "500", "costs": "120", "profit": "9999"}, "size": "77",
             "card": "x", "worker_count": "76"}  # fmt: skip
    assert faults(form, typed) == [
        ("/household/business/profit", "CALCULATION", "9999", "380"),
        ("/household/size", "CONSTRAINT", "77", ". > 0 and . <= 30"),
        ("/household/card", "CONSTRAINT", "x", "regex(., '^[A-Z]{2}[0-9]{6}$')"),
        ("/household/worker", "REPEAT_COUNT", "2", "76"),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"trades": ""}, ("/household/trades", "REQUIRED", "", "")),
        ({"trades": "maybe"}, ("/household/trades", "CHOICE", "maybe", "yes no")),
        ({"size": "three"}, ("/household/size", "TYPE", "three", "int")),
        ({"town": "beta"}, ("/household/town", "CHOICE", "beta", "alpha")),
        ({"sources": "farm moon"}, ("/household/sources", "CHOICE", "moon", "farm shop")),
        ({"seen": "2026-12-01"}, ("/household/seen", "CONSTRAINT", "2026-12-01", ". <= today()")),
        ({"seen": "01.03.2026"}, ("/household/seen", "TYPE", "01.03.2026", "date")),
        ({"worker": [{"age": "30"}]}, ("/household/worker", "REPEAT_COUNT", "1", "2")),
        (
            {"worker": [{"age": "30"}, {"age": "4"}]},
            ("/household/worker[2]/age", "CONSTRAINT", "4", ". > 5"),
        ),
        (
            {"worker": [{"age": "30"}, {}]},
            ("/household/worker[2]/age", "REQUIRED", "", ""),
        ),
        ({"stranger": "x"}, ("/household/stranger", "UNKNOWN_QUESTION", "x", "")),
    ],
)
def test_one_bad_answer_is_one_fault(
    form: Form, changes: Mapping[str, object], expected: tuple[str, str, str, str]
) -> None:
    found = faults(form, {**GOOD, **changes})
    if changes.get("trades") is not None:  # what no longer applies is a fault of its own
        found = [one for one in found if one[1] != "IRRELEVANT"]
    if changes.get("size") == "three":  # and so is what was computed from it
        found.remove(("/household/worker_count", "CALCULATION", "2", ""))
    assert found == [expected]


def test_nothing_is_asked_where_nothing_applies(form: Form) -> None:
    answers = {**GOOD, "trades": "no", "business": {}, "worker": [], "size": "1",
               "worker_count": "0"}  # fmt: skip
    assert faults(form, answers) == []


def test_a_calculation_may_differ_by_less_than_a_billionth(form: Form) -> None:
    answers = {**GOOD, "business": {"sales": "500", "costs": "120", "profit": "380.0000000001"}}
    assert faults(form, answers) == []


def test_answers_of_another_shape_are_refused(form: Form) -> None:
    for wrong in ({"size": {"x": "1"}}, {"worker": "x"}, {"business": "x"}):
        with pytest.raises(NotAnswers):
            from_answers(form, wrong)
    for body in (b"", b"<household", b"plain"):
        with pytest.raises(NotAnswers):
            from_xml(form, body)


def test_rules_that_read_the_list_of_cases_are_left_to_the_device() -> None:
    xform = b"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
      <h:head><h:title>d</h:title><model><instance><d id="d"><k/><q/><g><r/></g></d></instance>
      <bind nodeset="/d/q" relevant="pulldata('cases','sex','key',/d/k)='F'"
        constraint="pulldata('cases','sex','key',/d/k)='F'"/>
      <bind nodeset="/d/g" relevant="pulldata('cases','sex','key',/d/k)='F'"/>
      <bind nodeset="/d/g/r" type="int" required="true()"/>
      </model></h:head><h:body/></h:html>"""
    form = load(xform)
    for answers, expected in (
        ({"k": "1", "q": "x", "g": {"r": "5"}}, []),  # it applied on the device: kept
        ({"k": "1"}, []),  # it did not: nothing is missing
        ({"k": "1", "g": {"r": "five"}}, ["TYPE"]),
    ):
        filled = from_answers(form, answers)
        assert [str(one.kind) for one in recheck(form, filled, now=NOW)] == expected
        assert filled.root.children["q"][0].text == answers.get("q", "")


def test_entities_are_never_opened(form: Form) -> None:
    body = b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><household><card>&e;</card>" \
        b"</household>"  # fmt: skip
    with pytest.raises(NotAnswers):
        from_xml(form, body)


def test_what_is_no_form_is_refused() -> None:
    for text in (b"", b"<a/>", b"<h:html xmlns:h='http://www.w3.org/1999/xhtml'/>"):
        with pytest.raises(NotAForm):
            load(text)


def test_filling_computes_offers_and_drops(form: Form) -> None:
    root = empty(form).root
    here = look(form, root, now=NOW)
    for name, value in (("trades", "yes"), ("size", "4"), ("region", "south")):
        root.children[name][0].text = value
    business = root.children["business"][0]
    business.children["sales"][0].text = "10"
    business.children["costs"][0].text = "4"
    settle(here)
    assert business.children["profit"][0].text == "6"
    assert len(root.children["worker"]) == 3
    town = form.fields()["/household/town"]
    assert town.choices is not None
    names = [
        item.children["name"][0].text
        for item in offered(here, town.choices, root.children["town"][0])
    ]
    assert names == ["beta"]
    root.children["trades"][0].text = "no"
    assert drop_irrelevant(here) == [
        "/household/business/sales",
        "/household/business/costs",
        "/household/business/profit",
    ]
    assert to_answers(form.root, root) == {
        "trades": "no", "size": "4", "region": "south", "worker_count": "3",
        "worker": [{}, {}, {}],
    }  # fmt: skip
    assert say(here, form.fields()["/household/size"].wording.label, root) == "How many live here?"


@given(st.text(max_size=30))
def test_no_text_breaks_a_type(text: str) -> None:
    assert all(isinstance(judge(text), bool) for judge in TYPES.values())


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("int", ["0", "-5", "123"], ["1.0", "1e3", "", "٣"]),
        ("decimal", ["1.5", "-2", ".5"], ["1,5", "abc"]),
        ("date", ["2026-02-28"], ["2026-02-30", "2026-2-3"]),
        ("time", ["10:05:00.000+04:00", "23:59"], ["24:00", "9:5"]),
        ("dateTime", ["2026-03-15T10:00:00.000+04:00"], ["2026-03-15 10:00", "x"]),
        ("geopoint", ["40.1 44.5 1000 5", "40.1 44.5"], ["91 0", "40.1", "a b"]),
    ],
)
def test_types(kind: str, good: list[str], bad: list[str]) -> None:
    assert all(TYPES[kind](value) for value in good)
    assert not any(TYPES[kind](value) for value in bad)
