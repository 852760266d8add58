"""What a sentence with a figure may say: words of cause, typed numbers, other languages."""

from dataclasses import replace
from fractions import Fraction

import pytest

from handup.results.claim_words import words_of
from handup.results.rules.claims import (
    Checked,
    Design,
    check_text,
    found_word,
    level_of,
    placeholders,
    sentences,
)
from handup.results.rules.impact.common import Range
from handup.results.rules.states import Level

TRIAL = Design(
    is_paired=True,
    is_compared=True,
    is_randomised=True,
    is_fixed_before=True,
    counts_alone=True,
    attrition=Fraction(30, 100),
    bounds=Range(0.1, 2),
    estimate=Range(0.2, 3),
)


def checked(text: str, language: str = "en", level: Level = Level.DESCRIPTIVE) -> Checked:
    words = words_of(language)
    return check_text(
        text,
        causal_words=words.cause,
        strengthened_words=words.stronger,
        levels={"MED-IMP-01": level},
        stated=("over 3,600 families",),
    )


def test_a_level_is_given_by_the_design_alone() -> None:
    assert level_of(Design()) is Level.DESCRIPTIVE
    assert level_of(Design(is_compared=True, is_randomised=True)) is Level.DESCRIPTIVE
    assert level_of(Design(is_paired=True)) is Level.CHANGE
    assert level_of(Design(is_paired=True, is_compared=True)) is Level.COMPARED
    assert level_of(TRIAL) is Level.CAUSAL


@pytest.mark.parametrize(
    "lacking",
    [
        replace(TRIAL, is_randomised=False),
        replace(TRIAL, is_fixed_before=False),
        replace(TRIAL, counts_alone=False),
        replace(TRIAL, attrition=None),
        replace(TRIAL, attrition=Fraction(31, 100)),
        replace(TRIAL, bounds=None),
        replace(TRIAL, bounds=Range(-0.1, 2)),
        replace(TRIAL, bounds=Range(0, 2)),
        replace(TRIAL, estimate=None),
        replace(TRIAL, estimate=Range(-1, 2)),
    ],
)
def test_a_trial_that_lacks_one_thing_shows_no_cause(lacking: Design) -> None:
    assert level_of(lacking) is Level.COMPARED


@pytest.mark.parametrize(
    ("language", "said", "word"),
    [
        ("en", "{{ MED-IMP-01 }} of families earn more because of the loans.", "because"),
        ("en", "Thanks  to the loans {{ MED-IMP-01 }} earn more.", "Thanks to"),
        ("en", "The rise ({{MED-IMP-01|sex=F}}) is ATTRIBUTABLE to training.", "ATTRIBUTABLE"),
        ("fr", "Grâce aux prêts, {{ MED-IMP-01 }} gagnent plus.", "Grâce aux"),
        ("fr", "{{ MED-IMP-01 }} gagnent plus parce qu’elles ont appris.", "parce qu'elles"),
        ("ru", "Благодаря займам доход вырос у {{ MED-IMP-01 }}.", "Благодаря"),
    ],
)
def test_a_word_of_cause_stops_a_sentence_with_a_figure(
    language: str, said: str, word: str
) -> None:
    for level in (Level.DESCRIPTIVE, Level.CHANGE, Level.COMPARED):
        [stop] = checked(said, language, level).stops
        assert (stop.word, stop.code, stop.level) == (word, "MED-IMP-01", level)
        assert stop.sentence == " ".join(said.split())
    assert checked(said, language, Level.CAUSAL).stops == ()


def test_a_sentence_without_a_figure_may_give_its_reasons() -> None:
    text = "We chose the town because it has no bank. {{ MED-IMP-01 }} of them earn more."
    assert checked(text).stops == ()
    assert not checked(text).needs_reader


def test_the_weakest_figure_of_a_sentence_decides() -> None:
    text = "{{ MED-IMP-01 }} and {{ MED-IMP-02 }} rose because of the loans."
    [stop] = checked(text, level=Level.CAUSAL).stops
    assert stop.code == "MED-IMP-02"


def test_a_word_within_another_is_another_word() -> None:
    assert found_word("the unattributable and the becausedness", ("attributable", "because")) == ""
    assert found_word("Из-за займов", ("из-за",)) == "Из-за"


def test_a_language_without_list_asks_for_a_second_reader_once_it_has_a_figure() -> None:
    assert words_of("hy").cause is None
    assert checked("{{ MED-IMP-01 }} ընտանիք։", "hy").needs_reader
    assert not checked("Առանց թվի։", "hy").needs_reader
    assert not checked("{{ MED-IMP-01 }} ընտանիք։", "hy", Level.CAUSAL).needs_reader


def test_sentences_end_where_each_script_ends_them() -> None:
    text = "Որովհետև լավ է։ {{ A.B }} ընտանիք։ It is 92.0 % now! Is it?\n- one\n- two"
    assert sentences(text) == [
        "Որովհետև լավ է։",
        "{{ A.B }} ընտանիք։",
        "It is 92.0 % now!",
        "Is it?",
        "- one",
        "- two",
    ]


def test_a_number_typed_by_hand_is_listed_and_a_day_or_a_printed_figure_is_not() -> None:
    text = (
        "In 2005, on 30 June 2005, by 2005-06-30 and 30.06.2005, over 3,600 families borrowed. "
        "{{ MED-IMP-01 }} of 400 asked, 92.0 % of them women, and ٣١ more, earned 1 250,50."
    )
    assert [one.number for one in checked(text).typed] == ["400", "92.0 %", "٣١", "1 250,50"]


def test_no_supported_enterprise_is_called_strengthened() -> None:
    [stop] = checked("{{ MED-ENT-02s }} enterprises were strengthened.").stops
    assert (stop.word, stop.code) == ("strengthened", "MED-ENT-02s")
    assert checked("{{ MED-ENT-02 }} enterprises were strengthened.").stops == ()


@pytest.mark.parametrize(
    "said",
    [
        "Because of the loans\n*{{ MED-IMP-01 }}* families earn more",
        "Income rose because of\n  - {{ MED-IMP-01 }}",
        "Because of the loans, approx. {{ MED-IMP-01 }} earn more.",
        "Be\u00adcause of the loans {{ MED-IMP-01 }} earn more.",
        "Be\u200bcause of the loans {{ MED-IMP-01 }} earn more.",
        "Be\u0441\u0430use of the loans {{ MED-IMP-01 }} earn more.",
        "\u0412ECAU\u0405E of the loans {{ MED-IMP-01 }} earn more.",
        "\u0397ousehold income, b\u03b5c\u03b1us\u0435 of loans, rose: {{ MED-IMP-01 }}.",
    ],
)
def test_a_word_of_cause_cannot_hide(said: str) -> None:
    assert [stop.code for stop in checked(said).stops] == ["MED-IMP-01"]


def test_a_joined_accent_and_another_hyphen_hide_no_word() -> None:
    assert checked("Gra\u0302ce aux pre\u0302ts, {{ MED-IMP-01 }}.", "fr").stops
    assert checked("Из\u2011за займов {{ MED-IMP-01 }}.", "ru").stops


def test_a_text_of_blanks_or_of_odd_signs_is_read_at_once() -> None:
    assert placeholders("{{" + " " * 50_000 + "x") == []
    assert checked("\ue0005\ue001 {{ MED-IMP-01 }}.").stops == ()


def test_a_number_that_looks_like_a_year_is_a_number() -> None:
    text = "2000 families, 2019 women and 12 families 3400 in 2005 (2006), 2004-2006."
    assert [one.number for one in checked(text).typed] == ["2000", "2019", "12", "3400"]


def test_digits_written_small_or_as_a_fraction_are_numbers() -> None:
    text = "{{ MED-IMP-01 }} earn more, \u2079\u2070 % save, \u00bd borrow, in \u2460 town."
    assert [one.number for one in checked(text).typed] == ["90 %", "1", "2", "1"]


def test_a_word_of_one_script_is_found_in_letters_of_another() -> None:
    """And a word of cause in capitals is found as before."""
    causes = words_of("ru").cause or ()
    mixed = "\u0411\u041bA\u0413O\u0414AP\u042f"
    assert found_word(f"{mixed} \u0437\u0430\u0439\u043c\u0430\u043c", causes) == mixed
    capitals = "\u0412\u0421\u041b\u0415\u0414\u0421\u0422\u0412\u0418\u0415"
    assert found_word(capitals, causes) == capitals
    assert found_word("Bank and market in the centre of town", words_of("en").cause or ()) == ""


def test_the_keys_of_a_placeholder_are_read_in_order() -> None:
    [one] = placeholders("x {{ MED-IMP-01 | sex=F |2005 }} y")
    assert (one.code, one.keys) == ("MED-IMP-01", ("sex=F", "2005"))
