"""`{% load house %}`: amounts, numbers, days, icons and states in templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.utils.encoding import force_str
from django.utils.safestring import SafeString

from handup.org.rules.access import Role
from handup.org.web import icons, labels, links, money
from handup.org.web.columns import Tone
from handup.org.web.firsts import First, first_of
from handup.org.web.forms import Question, groups_of, summary_of
from handup.org.web.lists import Picking

register = template.Library()
OFFERED = re.compile(r'(?:<option|<input)[^>]* value="[^"]+"')


@register.filter(name="money")
def money_filter(units: int | None, currency: str) -> str:
    """`{{ loan.amount_units|money:loan.currency }}`; a dash for nothing."""
    return "\u2013" if units is None else money.format_money(int(units), currency)


@register.filter
def amount(units: int | None, currency: str) -> str:
    """The amount without its currency, for a table whose heading names it."""
    return "\u2013" if units is None else money.format_amount(int(units), currency)


@register.filter
def number(value: int | float | Decimal | None) -> str:
    """A number in the reader's way; a dash for nothing."""
    return "\u2013" if value is None else money.format_number(value)


@register.filter
def day(value: date | datetime | None) -> str:
    """A day in the reader's way; a dash for nothing."""
    return "\u2013" if value is None else money.format_day(value)


@register.filter
def instant(value: datetime | None) -> str:
    """A moment in the reader's way; a dash for nothing."""
    return "\u2013" if value is None else money.format_instant(value)


@register.filter
def ppm(value: int | None) -> str:
    """A rate in parts per million as per cent."""
    return "\u2013" if value is None else money.format_share(value, 1_000_000, 2)


@register.filter
def role_word(code: str) -> str:
    """A role's word; what is no role stays as it is."""
    return force_str(labels.ROLES[Role(code)]) if code in set(Role) else code


@register.filter
def open_to(href: Any, staff: Any) -> str:
    """`{% with href=fact.href|open_to:request.user %}`: empty when her role may not open it."""
    return links.leads(str(href), staff)


@register.filter
def usable_by(action: Any, staff: Any) -> Any:
    """The action when this staff user may use it, else nothing."""
    return action if action and action.allowed(staff) else None


@register.filter
def picked_as(row: Any, picking: Picking) -> str:
    """What the tick of a row stands for."""
    return picking.value(row)


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "users" %}`, always beside a word."""
    return icons.icon(name)


TONE_ICONS = {
    Tone.GOOD: "circle-check",
    Tone.WARN: "alert-triangle",
    Tone.BAD: "alert-octagon",
    Tone.INFO: "info-circle",
    Tone.PLAIN: "circle",
}


@register.filter
def tone_icon(tone: str) -> SafeString:
    """The shape that goes with a tone, so that colour never speaks alone."""
    try:
        return icons.icon(TONE_ICONS[Tone(tone or "plain")])
    except ValueError:
        return icons.icon("circle")


@register.inclusion_tag("components/state.html")
def state(label: Any, tone: str = "plain") -> dict[str, Any]:
    """`{% state _("Late") "warn" %}`: a word and a shape."""
    return {"label": label, "tone": str(tone)}


@register.inclusion_tag("components/meter.html")
def meter(part: int, whole: int, label: Any) -> dict[str, Any]:
    """A bar meter: `{% meter done planned _("Sessions held") %}`."""
    percent = max(0, min(100, round(100 * part / whole))) if whole else 0
    return {"part": part, "whole": whole, "label": label, "percent": percent}


@register.filter
def error_lines(form: object) -> list[tuple[str, str]]:
    """A form's errors with the ids of their inputs; none for a page without a form."""
    return summary_of(form) if isinstance(form, BaseForm) else []


@register.filter
def questions(form: BaseForm) -> list[tuple[Question | None, list[BoundField]]]:
    """A form's visible fields by question."""
    return groups_of(form)


@register.filter
def field_kind(field: BoundField) -> str:
    """How a field is laid out: `tick` (label after the box), `ticks` (several), `plain`."""
    kind = field.widget_type
    if kind == "checkbox":
        return "tick"
    return "ticks" if kind in ("radioselect", "checkboxselectmultiple") else "plain"


@dataclass(frozen=True)
class Drawn:
    """A field's input, and what comes first where it offers nothing to choose."""

    html: SafeString
    first: First | None


@register.filter
def drawn(field: BoundField) -> Drawn:
    """A field drawn once: one that must be answered and offers nothing says what comes first."""
    html = field.as_widget()
    choices = isinstance(field.field, forms.ModelChoiceField) and field.field.required
    if not choices or OFFERED.search(html):
        return Drawn(html, None)
    return Drawn(html, first_of(field.field))


@register.filter
def answered(fields: list[BoundField]) -> bool:
    """True when any of these questions has an answer of its own, or an error."""
    return any(
        field.errors or field.value() not in (None, "", [], False, field.field.initial)
        for field in fields
        if not _only_choice(field)
    )


def _only_choice(field: BoundField) -> bool:
    """A choice that has no empty answer: its first one says nothing."""
    choices = list(getattr(field.field, "choices", ()))
    return bool(choices) and str(choices[0][0]) == str(field.value())


@register.filter
def unlocalized(value: float) -> str:
    """A number for SVG: always with a point."""
    return f"{value:g}"
