"""What the four practical tasks say: the question a person is asked and what its points are for."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from handup.org.web.money import format_number
from handup.training.rules.practical import FIGURES, TASKS, Figures, Task, TaskForm


@dataclass(frozen=True, slots=True)
class TaskText:
    """One task in words: for who sits it, and for who marks it."""

    title: str
    question: str
    answer: str
    marks: str


def texts(form: TaskForm) -> list[TaskText]:
    """Give the four tasks with the figures of this form, in the language of the reader."""
    figures = FIGURES[form]
    return [_WORDS[task](figures) for task in TASKS]


def _number(value: int | Fraction) -> str:
    return format_number(int(value))


def _three_steps() -> str:
    return _("5: right. 3: the right way, a slip in the sum. 1: knows what belongs to it. 0: not.")


def _cost_price(figures: Figures) -> TaskText:
    asked = _(
        "You make {pieces} pieces. You spend {material} on material, {fuel} on fuel and"
        " {transport} on transport. What does one piece cost you?"
    )
    total = figures.material + figures.fuel + figures.transport
    return TaskText(
        _("Work out a cost price"),
        asked.format(
            pieces=_number(figures.pieces),
            material=_number(figures.material),
            fuel=_number(figures.fuel),
            transport=_number(figures.transport),
        ),
        f"{_number(total)} : {_number(figures.pieces)} = {_number(figures.unit_cost)}",
        _three_steps(),
    )


def _selling_price(figures: Figures) -> TaskText:
    asked = _(
        "You want to add {percent} in the hundred to what one piece costs you. At what price do"
        " you sell it?"
    )
    added = figures.price - figures.unit_cost
    return TaskText(
        _("Set a selling price"),
        asked.format(percent=_number(figures.added_percent)),
        f"{_number(figures.unit_cost)} + {_number(added)} = {_number(figures.price)}",
        _("Counts from the cost price she found, also when that was wrong.") + " " + _three_steps(),
    )


def _profit(figures: Figures) -> TaskText:
    asked = _(
        "In one month you sell for {sales}. You buy goods for {goods}, pay {rent} rent and"
        " {wages} wages, and take {household} home for the household. What is your profit?"
    )
    sums = f"{_number(figures.sales)} \u2212 {_number(figures.goods)} \u2212"
    sums = f"{sums} {_number(figures.rent)} \u2212 {_number(figures.wages)}"
    return TaskText(
        _("Tell profit from loss"),
        asked.format(
            sales=_number(figures.sales),
            goods=_number(figures.goods),
            rent=_number(figures.rent),
            wages=_number(figures.wages),
            household=_number(figures.household),
        ),
        f"{sums} = {_number(figures.profit)}",
        _("What is taken home is no cost of the business: with it in the sum, 3 at most.")
        + " "
        + _three_steps(),
    )


def _loan_request(_figures: Figures) -> TaskText:
    return TaskText(
        _("Prepare your own loan request"),
        _(
            "Think of your own business. How much do you ask for, what will you buy with it, in how"
            " many months do you pay it back, how much each month, and from what money?"
        ),
        _("Her own answer. She may speak it; the trainer writes it down."),
        _("1 point for each of the five answers that fits her business."),
    )


_WORDS: dict[Task, Callable[[Figures], TaskText]] = {
    Task.COST_PRICE: _cost_price,
    Task.SELLING_PRICE: _selling_price,
    Task.PROFIT: _profit,
    Task.LOAN_REQUEST: _loan_request,
}
