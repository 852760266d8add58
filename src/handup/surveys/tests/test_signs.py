"""Signs on sets of answers, without a database: at receipt, beside the others, over rounds."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import pytest

from handup.surveys.rules import asking_again as again
from handup.surveys.rules import limits as bounds
from handup.surveys.rules import signs
from handup.surveys.rules.codes import FlagRule, QuestionType
from handup.surveys.rules.quality import USUAL, Limits
from handup.surveys.rules.signs import Earlier, Interview, Q, Told

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
FIVE = ("1", "2", "3", "4", "5", "DONT_KNOW")
SCALES = [Q(f"s{n}", QuestionType.SELECT_ONE, core=n == 1, codes=FIVE) for n in range(1, 6)]
SALES = Q("sales", QuestionType.AMOUNT, "sales_month", core=True)
PROFIT = Q("profit", QuestionType.AMOUNT, "profit_month")
DAYS = Q("days", QuestionType.INTEGER, "worker_days_last_30", repeats=True)
WORKERS = Q("workers", QuestionType.INTEGER, "workers")
WHERE = Q("where", QuestionType.GEOPOINT)
PHONE = Q("phone", QuestionType.TEXT)
ASKED = [*SCALES, SALES, PROFIT, DAYS, WORKERS, WHERE, PHONE]


def interview(
    id: str = "a",
    who: str = "mara",
    minutes: float | None = 30,
    hour: float = 0,
    more: Mapping[str, str] = MappingProxyType({}),
    **told: str,
) -> Interview:
    start = NOON + timedelta(hours=hour)
    return Interview(
        id=id,
        interviewer=who,
        subject=f"of {id}",
        version="v",
        received=start + timedelta(hours=2),
        start=start if minutes is not None else None,
        end=start + timedelta(minutes=minutes) if minutes is not None else None,
        answered=start.date(),
        told=tuple(
            Told(name, value, currency="AMD" if name in {"sales", "profit"} else "")
            for name, value in (told | dict(more)).items()
        ),
    )


def rules(found: list[signs.Sign]) -> dict[str, str]:
    return {sign.rule.value: sign.detail for sign in found}


def test_what_one_set_of_answers_shows_by_itself() -> None:
    same = {f"s{n}": "3" for n in range(1, 6)}
    cases: list[tuple[Interview, dict[str, str]]] = [
        (interview(sales="100", profit="40"), {}),
        (interview(minutes=3), {"DURATION": "3 min"}),
        (interview(minutes=None), {}),
        (interview(more=same), {"STRAIGHT_LINE": "s1, s2, s3, s4, s5"}),
        (interview(more=same | {"s5": "4"}), {}),
        (interview(sales="100", profit="140"), {"IMPOSSIBLE": "profit > sales"}),
        (interview(days="30", workers="0"), {"IMPOSSIBLE": "full_time > workers"}),
        (interview(days="20", workers="1"), {}),
        (interview(s1="DONT_KNOW", s2="2"), {"DONT_KNOW": "1 / 2"}),
        (interview(profit="nan", sales="5", s1="1", s2="2"), {}),
    ]
    for one, wanted in cases:
        assert rules(signs.at_receipt(one, ASKED)) == wanted


def test_an_amount_far_from_that_of_the_last_round_and_a_day_before_the_baseline() -> None:
    earlier = Earlier(date(2026, 6, 11), {("sales", "AMD"): 100.0, ("profit", "AMD"): 10.0})
    found = signs.at_receipt(interview(sales="1001", profit="99"), ASKED, earlier=earlier)
    assert rules(found) == {"IMPOSSIBLE": "follow_up < baseline", "JUMP": "sales"}
    found = signs.at_receipt(
        interview(sales="1001"), ASKED, earlier=earlier, limits=Limits(jump_factor=20)
    )
    assert "JUMP" not in rules(found)


def test_which_questions_are_a_scale() -> None:
    ladder = ("NEVER", "RARELY", "OFTEN", "REFUSED")
    assert Q("a", QuestionType.SELECT_ONE, codes=ladder).steps == ladder[:3]
    assert Q("a", QuestionType.SELECT_ONE, codes=("north", "south", "west")).steps == ()
    assert Q("a", QuestionType.SELECT_ONE, codes=("1", "2")).steps == ()
    assert signs.scale_groups([*SCALES[:3], SALES, *SCALES[3:]], 5) == []
    assert signs.scale_groups(SCALES, 5) == [["s1", "s2", "s3", "s4", "s5"]]


def test_what_shows_only_beside_the_others_of_the_round() -> None:
    amounts = [60, 75, 80, 90, 95, 100, 110, 120, 140, 160, 200, 7000]
    found = signs.beside_others(
        [interview(str(n), sales=str(x)) for n, x in enumerate(amounts)], {"v": ASKED}
    )
    assert found == [signs.Sign("11", FlagRule.OUTLIER, "sales")]
    here = "40.17920 44.49910 0 5"
    near = [interview(str(n), hour=n, where=here, phone="091 22 33 44") for n in range(4)]
    far = interview("far", hour=4, where="40.7894 43.8475 0 5")
    seen = {(sign.id, sign.rule.value) for sign in signs.beside_others([*near, far], {"v": ASKED})}
    wanted = {(str(n), rule) for n in range(4) for rule in ("SAME_PLACE", "SAME_PHONE")}
    assert seen == wanted | {("far", "TRAVEL")}
    short = [interview(str(n), minutes=30) for n in range(5)] + [interview("x", minutes=11)]
    assert signs.beside_others(short, {"v": ASKED}) == [
        signs.Sign("x", FlagRule.DURATION, "11 min")
    ]


def test_what_shows_of_interviewers_over_a_round() -> None:
    rounded = [interview(str(n), who="mara", sales="5000") for n in range(20)]
    assert signs.of_interviewers(rounded, {"v": ASKED}) == [
        signs.RoundSign(FlagRule.HEAPING, interviewer="mara", detail="20")
    ]
    steps = {"a": "1", "b": "2", "c": "4", "d": "5"}
    by_who = [
        interview(f"{who}{n}", who=who, s1=step if n else "3")
        for who, step in steps.items()
        for n in range(10)
    ]
    (found,) = signs.of_interviewers(by_who, {"v": ASKED})
    assert (found.rule, found.question) == (FlagRule.INTERVIEWER, "s1")
    assert signs.of_interviewers(by_who, {"v": ASKED}, Limits(icc=1)) == []


def test_limits_of_a_round_hold_only_what_is_not_usual() -> None:
    assert bounds.checked({"icc": 0.1, "same_place": 4}) == {"same_place": 4}
    assert bounds.limits_of({"same_place": 4, "gone": 1}) == Limits(same_place=4)
    assert set(bounds.usual()) == set(bounds.MAY_BE)
    for wrong in ({"icc": 2}, {"icc": True}, {"same_place": 1.5}, {"speed": 1}, {"trim": "5"}):
        with pytest.raises(bounds.NotALimit):
            bounds.checked(wrong)


def test_the_draw_of_back_checks_grows_with_the_interviews() -> None:
    first = again.drawn({"mara": [f"i{n}" for n in range(40)]}, "seed")
    assert len(first) == 5
    assert first == again.drawn({"mara": [f"i{n}" for n in range(39, -1, -1)]}, "seed")
    more = again.drawn({"mara": [f"i{n}" for n in range(120)]}, "seed", already=first)
    assert len(more) == 7
    assert not set(more) & set(first)
    assert again.drawn({"mara": ["a"]}, "seed", limits=Limits(back_check_least=0)) == ["a"]


def test_core_questions_are_asked_again_and_others_until_there_are_five() -> None:
    asked = [
        Q("consent", QuestionType.SELECT_ONE, "consent", core=True),
        Q("name", QuestionType.TEXT, core=True),
        Q("when", QuestionType.DATE),
        Q("size", QuestionType.INTEGER),
        *SCALES,
        DAYS,
    ]
    given = {one.name for one in asked} - {"s2"}
    many = [*asked, *(Q(f"n{n}", QuestionType.INTEGER) for n in range(9))]
    chosen = again.questions_again(many, {one.name for one in many})
    assert len(chosen) == USUAL.back_check_questions + again.SPARE
    least = {n: again.least_compared([str(i) for i in range(n)]) for n in (1, 4, 5, 8, 10)}
    assert least == {1: 1, 4: 1, 5: 2, 8: 5, 10: 5}
    assert again.questions_again(asked, given) == ["when", "size", "s1", "s3", "s4", "s5"]
    assert again.questions_again(asked, {"when"}) == ["when"]
    assert USUAL.back_check_questions == 5


def test_answers_of_both_times_are_compared() -> None:
    first = {"a": "yes", "b": "02", "c": "x y", "d": "100", "e": "DONT_KNOW", "f": "no"}
    second = {"a": "yes", "b": "2", "c": "y x", "d": "111", "e": "yes", "f": "", "g": "1"}
    assert again.compared(first, second, {"d"}) == (4, ["d"])
    assert again.compared(first, second | {"d": "109"}, {"d"}) == (4, [])
