"""A plan on paper, in the entrepreneur's language or the bank's: what it says in three sentences,
the months as twelve columns, words, what-ifs, and room for the signatures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from handup.kernel.dates import add_months
from handup.org.web.money import format_amount, format_day, format_money
from handup.org.web.paper import set_pdf
from handup.plans.models import Plan, PlanVersion, Screening
from handup.plans.models.labels import DEPTH, SIGNED_BY
from handup.plans.models.part_labels import ANSWER, HARM, TOPIC
from handup.plans.rules.parts import Topic
from handup.plans.rules.states import Depth, SignedBy
from handup.plans.shown import cover, foreign_words, reason, what_if_name

TEMPLATE = Path(__file__).parent / "templates" / "plans" / "plan.typ"
COLUMNS = 12


def language_of(plan: Plan, asked: str = "") -> str:
    """The language a plan is printed in: the one asked for, else the entrepreneur's first one that
    the program speaks, else the reader's."""
    spoken = [code for code, _name in settings.LANGUAGES]
    hers = plan.person.languages if plan.person is not None else []
    for code in (asked, *hers, get_language() or "", settings.LANGUAGE_CODE):
        plain = str(code).split("-")[0]
        if plain in spoken:
            return plain
    return spoken[0]


def three_sentences(plan: Plan, results: Mapping[str, Any]) -> list[str]:
    """What the plan comes to, to be read out or printed: does the cash last, what can she carry,
    what if it goes worse."""
    lowest = format_money(results["lowest_cash"], plan.currency)
    red = ", ".join(str(month) for month in results["months_in_red"])
    if red:
        first = _("The cash does not last in month %(m)s; at the lowest it is %(lowest)s.") % {
            "m": red,
            "lowest": lowest,
        }
    else:
        first = _("The cash lasts in every month; at the lowest, in month %(m)s, it is %(lowest)s.")
        first %= {"m": results["lowest_month"], "lowest": lowest}
    carried = results["max_instalment"]
    most = max((row["instalment"] for row in results["months"]), default=0)
    second = (
        reason("max_instalment", results)
        if carried is None
        else _("A month can carry an instalment of %(most)s; the highest of this loan is %(due)s.")
        % {
            "most": format_money(carried, plan.currency),
            "due": format_money(most, plan.currency),
        }
    )
    return [first, second[:1].upper() + second[1:], _worst_sentence(plan, results)]


def _worst_sentence(plan: Plan, results: Mapping[str, Any]) -> str:
    worst = min(results["what_ifs"], key=lambda line: line["lowest_cash"])
    name = what_if_name(worst["code"], worst.get("name", ""))
    told = {
        "change": name,
        "lowest": format_money(worst["lowest_cash"], plan.currency),
        "n": len(worst["months_in_red"]),
    }
    if not worst["months_in_red"]:
        return _("Even if %(change)s, the cash lasts; at the lowest it is %(lowest)s.") % told
    words = ngettext(
        "If %(change)s, the cash does not last in %(n)d month; at the lowest: %(lowest)s.",
        "If %(change)s, the cash does not last in %(n)d months; at the lowest: %(lowest)s.",
        len(worst["months_in_red"]),
    )
    return words % told


def plan_pdf(plan: Plan, version: PlanVersion) -> bytes:
    """Set the version handed in last as PDF/UA in the active language."""
    results = version.results
    data = {
        "lang": (get_language() or "en").split("-")[0],
        "title": plan.title,
        "subtitle": _("Business plan %(number)s, version %(version)s, of %(day)s")
        % {
            "number": plan.number,
            "version": version.number,
            "day": format_day(version.frozen_date),
        },
        "currency": _("Amounts in %(currency)s") % {"currency": plan.currency},
        "sentences": three_sentences(plan, results),
        "facts": _facts(plan),
        "months": _blocks(plan, results),
        "what_if": _what_ifs(plan, results),
        "words_title": _("In words"),
        "words": _words(plan),
        "harm_title": _("Harm to people and nature"),
        "harm": _harm(plan),
        "steps": _steps(plan),
        "statement_title": _("Statement of the adviser"),
        "statement": plan.statement,
        "signatures": _signatures(plan),
        "fingerprint": _("Fingerprint %(print)s") % {"print": version.sha256},
    }
    return set_pdf(TEMPLATE, {"data": json.dumps(data, ensure_ascii=False)})


def _facts(plan: Plan) -> list[list[str]]:
    ask = getattr(plan, "finance_ask", None)
    rows = [
        (_("Whose"), str(plan.person or plan.organisation)),
        (_("Enterprise"), str(plan.enterprise or "")),
        (_("The idea, and who benefits"), plan.idea),
        (_("Depth"), str(DEPTH[Depth(plan.depth)])),
        (_("Programme"), str(plan.programme)),
        (_("Adviser"), str(plan.adviser)),
    ]
    if ask is not None:
        rows += [
            (_("Money asked for"), format_money(ask.loan_units, plan.currency)),
            (_("In its own currency"), foreign_words(ask)),
            (_("For what"), ask.purpose),
            (_("Monthly instalments"), str(ask.instalments)),
        ]
    return [[label, value] for label, value in rows if value]


def _blocks(plan: Plan, results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The months, twelve to a table."""
    names = {
        "sales": _("Sales"),
        "cash_in": _("Comes in"),
        "variable_costs": _("Materials and goods"),
        "operating_cash": _("Cash of the business"),
        "available_for_debt": _("Left for instalments"),
        "instalment": _("Instalment"),
        "closing_cash": _("Cash at the end"),
    }
    red = set(results["months_in_red"])
    blocks: list[Mapping[str, Any]] = []
    for first in range(0, len(results["months"]), COLUMNS):
        rows = results["months"][first : first + COLUMNS]
        months = [add_months(plan.start_month, row["month"] - 1) for row in rows]
        amounts = [
            {"label": label, "cells": [format_amount(row[name], plan.currency) for row in rows]}
            for name, label in names.items()
        ]
        covered = {"label": _("Cover"), "cells": [cover(row["dscr"]) for row in rows]}
        blocks.append(
            {
                "title": _("Month by month"),
                "head": [f"{day:%m/%Y}" for day in months],
                "red": [row["month"] in red for row in rows],
                "rows": [*amounts, covered],
            }
        )
    return blocks


def _what_ifs(plan: Plan, results: Mapping[str, Any]) -> Mapping[str, Any]:
    base = {
        "code": "AS_PLANNED",
        "lowest_cash": results["lowest_cash"],
        "months_in_red": results["months_in_red"],
        "plan_dscr": results["plan_dscr"],
        "closing_cash": results["months"][-1]["closing_cash"],
    }
    return {
        "title": _("What if …"),
        "head": [
            *(_("Change"), _("Lowest cash"), _("Months in the red"), _("Cover")),
            _("Cash at the end"),
        ],
        "rows": [
            [
                what_if_name(line["code"], line.get("name", "")),
                format_amount(line["lowest_cash"], plan.currency),
                ", ".join(map(str, line["months_in_red"])) or _("none"),
                cover(line["plan_dscr"]),
                format_amount(line["closing_cash"], plan.currency),
            ]
            for line in (base, *results["what_ifs"])
        ],
    }


def _words(plan: Plan) -> list[list[str]]:
    told = {row.topic: row.answer or _("not known yet") for row in plan.answers.all()}
    return [[str(TOPIC[topic]), told[topic.value]] for topic in Topic if topic.value in told]


def _harm(plan: Plan) -> list[list[str]]:
    screening: Screening | None = Screening.objects.filter(plan=plan).first()
    return [
        [str(HARM[item.harm]), str(ANSWER[item.answer]), item.measure]
        for item in (screening.screened() if screening else ())
    ]


def _steps(plan: Plan) -> Mapping[str, Any]:
    points = list(plan.action_points.all())
    return {
        "title": _("The steps to take"),
        "head": [_("What"), _("By whom"), _("Until"), _("Done on")],
        "rows": [
            [
                point.what,
                point.who,
                format_day(point.due_date),
                format_day(point.done_date) if point.done_date else "",
            ]
            for point in points
        ],
    }


def _signatures(plan: Plan) -> list[str]:
    """Under which line who signs; a mark has its witness."""
    signed = str(SIGNED_BY[SignedBy(plan.signed_by)]) if plan.signed_by else ""
    owner = str(plan.person or plan.organisation)
    return [
        f"{owner}: {signed}" if signed else _("%(name)s: signature or mark") % {"name": owner},
        _("Witness of a mark: %(name)s") % {"name": plan.witness}
        if plan.witness
        else _("Witness of a mark"),
        _("Adviser: %(name)s") % {"name": plan.advised_by or plan.adviser},
        _("Reviewed by: %(name)s") % {"name": plan.reviewed_by or ""},
    ]
