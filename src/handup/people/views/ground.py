"""What is settled before anybody is registered: the notices read to a person, and the rules who may
take part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Fault, Faults
from handup.org.models import Area
from handup.org.permissions import may_over
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.people.forms import ground as f
from handup.people.models import ConsentNotice, EligibilityRule
from handup.people.models import labels as lb
from handup.people.models.labels import word_for
from handup.people.rules import codes as c
from handup.people.services import publish_notice, publish_rule
from handup.people.views.desk import today
from handup.people.views.participation import fact_value, fact_word
from handup.projects.models import Programme

NEW_NOTICE = Action(_("Publish a notice"), "people:notice_new", "people.publish_notice")
NEW_RULE = Action(_("Publish a rule"), "people:rule_new", "people.publish_rule")
SIGNS = {
    "==": _("is"),
    "!=": _("is not"),
    ">=": _("at least"),
    "<=": _("at most"),
    ">": _("above"),
    "<": _("below"),
    "in": _("is one of"),
    "not_in": _("is none of"),
    "has_any": _("at least one of"),
    "has_all": _("all of"),
    "has_none": _("none of"),
}
JOINTS = {
    "all": _("All of these"),
    "any": _("At least one of these"),
    "not": _("Not this"),
}
RULE_FAULTS = {
    "NOT_A_NODE": _("this is neither all, any, not nor a fact"),
    "TOO_DEEP": _("the rule goes too deep"),
    "ONE_OF_ALL_ANY_NOT": _("write exactly one of all, any, not"),
    "EMPTY_LIST": _("the list is empty"),
    "LEAF_NEEDS_FACT_OP_VALUE_REASON": _("a condition has fact, op, value and reason"),
    "UNKNOWN_FACT": _("there is no such fact"),
    "UNKNOWN_OPERATOR": _("there is no such comparison"),
    "VALUE_DOES_NOT_FIT": _("the value does not fit the comparison"),
    "FACT_DOES_NOT_FIT": _("this fact cannot be compared like that"),
}


class NoticeList(ListPage):
    """Every version in every language."""

    model = ConsentNotice
    permission = "people.view_notice"
    title = _("Notices")
    intro = _("What is read to a person before anything is written down of her.")
    related = ("programme",)
    columns = (
        Column("version", _("Version"), Kind.LINK, sort="version", url_name="people:notice_detail"),
        Column("language", _("Language"), sort="language"),
        Column("programme", _("Programme")),
        Column("purposes", _("Asks agreement for"), value=lambda row: purposes_of(row)),
        Column("valid_from", _("Valid from"), Kind.DATE, sort="valid_from"),
    )
    filters = (Search(("version", "text")),)
    order = "-valid_from"
    primary = NEW_NOTICE
    empty = EmptyState(
        _("No notice yet"),
        _("Nobody can be registered before there is a text to read to her."),
        NEW_NOTICE,
    )


def purposes_of(notice: ConsentNotice) -> str:
    """What a notice asks agreement for, in words."""
    return ", ".join(str(lb.CONSENT_PURPOSE[c.ConsentPurpose(code)]) for code in notice.purposes)


class NoticePage(RecordPage):
    """One notice, word for word."""

    model = ConsentNotice
    permission = "people.view_notice"
    related = ("programme",)
    record: ConsentNotice

    def header(self) -> Header:
        """Its version; another version begins from it."""
        row = self.record
        return Header(
            _t("Notice %(version)s") % {"version": row.version},
            subtitle=row.language,
            primary=NEW_NOTICE,
            crumbs=(Crumb(_("Notices"), reverse("people:notice_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What it asks, and its text."""
        row = self.record
        data = ", ".join(str(f.DATA.get(code, code)) for code in row.data_categories)
        return [
            FactGroup(
                _("The notice"),
                [
                    Fact(_("Text"), row.text),
                    Fact(_("Asks agreement for"), purposes_of(row)),
                    Fact(_("What data it speaks of"), data),
                    Fact(_("Programme"), row.programme or _("every programme")),
                    Fact(_("Valid from"), row.valid_from),
                ],
            )
        ]


class NoticeNew(FormPage):
    """Publish a notice."""

    form_class = f.NoticeForm
    permission = "people.publish_notice"
    title = _("Publish a notice")
    intro = _("Published once, a text is never changed: a new text is a new version.")
    verb = _("Publish")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The programmes she may publish for; for every programme only who reaches everything."""
        return {
            "programmes": Programme.objects.reached_with(self.staff, self.permission),
            "everywhere": may_over(self.staff, self.permission),
        }

    def initial(self) -> dict[str, Any]:
        """Today, in her language."""
        return {"valid_from": today(), "language": self.staff.language or "en"}

    def perform(self, values: dict[str, Any]) -> ConsentNotice:
        """Publish it."""
        told = values | {"purposes": [c.ConsentPurpose(code) for code in values["purposes"]]}
        return publish_notice(acting_staff=self.staff, **told)

    def success_url(self, result: ConsentNotice) -> str:
        """Its page."""
        return reverse("people:notice_detail", args=[result.pk])


class RuleList(ListPage):
    """Every version of every programme's rule."""

    model = EligibilityRule
    permission = "people.view_rule"
    title = _("Who may take part")
    intro = _("Each programme says by one rule who may take part; the program applies it alike.")
    related = ("programme",)
    columns = (
        Column("title", _("Rule"), Kind.LINK, sort="title", url_name="people:rule_detail"),
        Column("version", _("Version"), Kind.NUMBER),
        Column("programme", _("Programme")),
        Column("valid_from", _("Valid from"), Kind.DATE, sort="valid_from"),
        Column("valid_to", _("Until"), Kind.DATE),
    )
    filters = (
        Search(("title",)),
        Choice(
            "programme",
            _("Programme"),
            lambda staff: [(row.pk, row) for row in Programme.objects.visible_to(staff)],
            field="programme_id",
        ),
    )
    order = "-valid_from"
    primary = NEW_RULE
    actions = (Action(_("Poverty lines"), "people:poverty_line_list", "people.view_rule"),)
    empty = EmptyState(
        _("No rule yet"), _("Applications wait until a programme has its rule."), NEW_RULE
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rule in words."""

    text: str
    reason: str = ""


def lines_of(node: Any, level: int = 0) -> Iterator[Line]:
    """A rule in words, each condition below what joins it."""
    space = "\u2003" * level
    if "fact" in node:
        value = node["value"]
        sign = SIGNS[node["op"]]
        text = f"{space}{fact_word(node['fact'])}: {sign} {fact_value(value)}"
        yield Line(text, word_for(node["reason"]))
        return
    word = next(iter(node))
    yield Line(f"{space}{JOINTS[word]}")
    for child in [node[word]] if word == "not" else node[word]:
        yield from lines_of(child, level + 1)


class RulePage(RecordPage):
    """One version of a rule, in words."""

    model = EligibilityRule
    permission = "people.view_rule"
    related = ("programme", "published_by")
    record: EligibilityRule

    def header(self) -> Header:
        """Title and version; the next version begins here."""
        row = self.record
        return Header(
            row.title,
            subtitle=_t("%(programme)s, version %(version)s")
            % {"programme": row.programme, "version": row.version},
            primary=NEW_RULE,
            crumbs=(Crumb(_("Who may take part"), reverse("people:rule_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Since when, and how to appeal."""
        row = self.record
        return [
            FactGroup(
                _("The rule"),
                [
                    Fact(_("Valid from"), row.valid_from),
                    Fact(_("Until"), row.valid_to),
                    Fact(_("How to appeal"), row.appeal_route),
                    Fact(_("Published by"), row.published_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The conditions, in the order they are looked at."""
        columns = (
            Column("text", _("What must be so")),
            Column("reason", _("What is said when it is not")),
        )
        return [Table(_("Conditions"), columns, list(lines_of(self.record.tree)))]


class RuleNew(FormPage):
    """Publish the next version of a programme's rule."""

    form_class = f.RuleForm
    permission = "people.publish_rule"
    title = _("Publish a rule")
    intro = _("The version before ends the day before; what it decided stays decided.")
    verb = _("Publish")

    def form_options(self) -> dict[str, Any]:
        """The programmes she may publish for, the areas in force."""
        return {
            "programmes": Programme.objects.reached_with(self.staff, self.permission),
            "areas": Area.objects.filter(valid_to=None),
        }

    def initial(self) -> dict[str, Any]:
        """From today, for adults."""
        return {"valid_from": today(), "age_least": 18}

    def perform(self, values: dict[str, Any]) -> EligibilityRule:
        """Publish it; every place that cannot be used is named."""
        told = {
            name: values[name]
            for name in ("programme", "title", "tree", "valid_from", "appeal_route")
        }
        try:
            return publish_rule(acting_staff=self.staff, **told)
        except Faults as found:
            said = [
                Fault(
                    fault.code,
                    f"{fault.place}: {RULE_FAULTS.get(fault.code, fault.code)}",
                    place="own",
                )
                for fault in found.faults
            ]
            raise Faults(said, field="own") from found

    def success_url(self, result: EligibilityRule) -> str:
        """Its page."""
        return reverse("people:rule_detail", args=[result.pk])
