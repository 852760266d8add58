"""What large questionnaires come to: a cascade in four languages, three hundred questions in six,
and the work of judging one set of answers again, in calls of functions, which are the same on every
machine. `python -m bench surveys` measures the seconds (surveys.md 4.4, 8).
"""

from collections.abc import Callable
from datetime import UTC, datetime

from bench.surveys import LANGUAGES, answered, questionnaire
from handup.surveys.compiling import compile_questionnaire
from handup.surveys.rules.form.filling import empty, from_xml, to_xml
from handup.surveys.rules.form.recheck import recheck
from handup.surveys.rules.form.steps import look, settle
from tests.counting import calls_in

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def test_a_cascade_of_27_questions_in_four_languages_stays_small() -> None:
    compiled = compile_questionnaire(questionnaire(4, 27, LANGUAGES[:4]))
    assert len(compiled.xform.encode()) < 400_000
    assert len([one for one in compiled.definition.questions() if one.name]) == 27
    assert sum(map(len, compiled.definition.lists.values())) >= 336


def test_three_hundred_questions_in_six_languages_are_taken_whole() -> None:
    compiled = compile_questionnaire(questionnaire(38, 300, LANGUAGES))
    assert len([one for one in compiled.definition.questions() if one.name]) == 300
    assert all(f'lang="{language}' in compiled.xform for language in LANGUAGES)


def judged(questions: int) -> Callable[[], object]:
    """Judge one set of answers to a form of so many questions again; it is without fault."""
    form = compile_questionnaire(questionnaire(4, questions, LANGUAGES[:1])).form
    filled = empty(form)
    for name, value in answered().items():
        for node in filled.root.children.get(name, ()):
            node.text = value
    settle(look(form, filled.root, now=NOW))
    body = to_xml(form, filled.root, instance_id="uuid:size")
    assert recheck(form, from_xml(form, body), now=NOW) == []
    return lambda: recheck(form, from_xml(form, body), now=NOW)


def test_judging_answers_again_grows_with_the_questions_alone() -> None:
    short, long = calls_in(judged(30)), calls_in(judged(120))
    assert short < 1_500  # 760 when this was written
    assert long < 4 * short
