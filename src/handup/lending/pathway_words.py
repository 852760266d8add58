"""The words people read for the criteria of a pathway and what they come to."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending.models.labels import Choices
from handup.lending.rules.pathways import Criterion, Fact, Judgement, Operator, Reading, Why
from handup.org.web.columns import Label, State, Tone
from handup.org.web.money import format_day, format_money, format_number

FACTS: Choices = [
    (Fact.ASSETS.value, _("things handed over that are still there")),
    (Fact.RECEIVED.value, _("all she was given")),
    (Fact.SAVINGS.value, _("her savings in groups and beside loans")),
    (Fact.PLAN.value, _("approved business plans")),
    (Fact.ANSWER.value, _("her answer to a question")),
    (Fact.BY_HAND.value, _("what is seen at a visit")),
]
OPERATORS: Choices = [
    (Operator.AT_LEAST.value, _("at least")),
    (Operator.ABOVE.value, _("more than")),
    (Operator.AT_MOST.value, _("at most")),
    (Operator.BELOW.value, _("less than")),
]
JUDGEMENTS: dict[Judgement, State] = {
    Judgement.MET: State(_("Met"), Tone.GOOD),
    Judgement.NOT_MET: State(_("Not met"), Tone.BAD),
    Judgement.UNKNOWN: State(_("Not known"), Tone.WARN),
}
WHYS: dict[Why, Label] = {
    Why.NOT_RECORDED: _("nobody wrote it down yet"),
    Why.TOO_OLD: _("seen too long ago"),
    Why.NOT_CHECKED: _("nobody looked for too long whether it is still there"),
    Why.NOWHERE: _("she saves nowhere we know of"),
    Why.OTHER_CURRENCY: _("known in another currency only"),
    Why.NO_NUMBER: _("the answer is no number"),
    Why.NO_ANSWER: _("she was not asked yet"),
}


def amount(item: Criterion, value: Decimal, currency: str) -> str:
    """A value in the unit of its criterion."""
    return format_money(int(value), currency) if item.is_money else format_number(value)


def condition(item: Criterion, currency: str) -> str:
    """What a criterion asks, in words: “at least 50.00 USD, within 6 months”."""
    compared = dict(OPERATORS)[item.operator.value]
    text = f"{compared} {amount(item, item.threshold, currency)}"
    if item.window_months == 0:
        return text
    told = {"what": text, "months": format_number(item.window_months)}
    return _now("%(what)s, within %(months)s months") % told


def source(item: Criterion, reading: Reading) -> str:
    """Where it was read, by whom and when."""
    if reading.value is None:
        why = str(WHYS[reading.why])
        return f"{why} ({format_day(reading.seen)})" if reading.seen else why
    day = format_day(reading.seen) if reading.seen else ""
    if reading.by:
        return _now("seen by %(name)s on %(day)s") % {"name": reading.by_name, "day": day}
    return f"{dict(FACTS)[item.fact.value]}, {day}"


def kept_source(kept: dict[str, Any]) -> str:
    """The same of what a decision kept."""
    if not kept.get("value"):
        return str(WHYS.get(Why(kept["why"]), "")) if kept.get("why") else ""
    return f"{kept.get('by_name', '')} {kept.get('seen', '')}".strip()
