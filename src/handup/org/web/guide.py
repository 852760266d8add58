"""What each role is here for, where her work stands and what she may do: the page "Your guide" and
the documents of `docs/guide` (`make docs`) tell the same.

The openings are written by hand; pages and acts come from the program. The picture of a page is
made from the running program (`make pictures`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.encoding import force_str
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from handup.org import installation
from handup.org.declared import declared, is_reading
from handup.org.rules.access import Role
from handup.org.web import labels
from handup.org.web.acts import spoken
from handup.org.web.columns import Label
from handup.org.web.navigation import LABELS, Entry, Section, address, entries
from handup.org.web.pages import FiguresPage

OPENINGS: dict[Role, Label] = {
    Role.OUTREACH: _(
        "You tell people of the programme. Write down where you spoke, what it cost and who"
        " asked. Whoever asked is registered later; nothing has to be written twice."
    ),
    Role.CLERK: _(
        "You register people. Read the notice to her first, then ask. A missing birth date or"
        " paper never stops you. If somebody may be registered already, the program says so."
    ),
    Role.FIELD_OFFICER: _(
        "You visit people where they live and work. What you do without a network waits on"
        " your phone and is sent later. Look at *Today* before you leave."
    ),
    Role.TARGETING_OFFICER: _(
        "You find whom the programme is for. Rules and cards say who may be chosen; you run"
        " them, and another person decides."
    ),
    Role.ADJUDICATOR: _(
        "You decide whether two records are one person. Look at both, say why, and leave it"
        " open when you are not sure."
    ),
    Role.FOCAL_POINT: _(
        "You keep cases of people who can be harmed by being found. Nobody else sees them."
        " Name a team for each case, no larger than needed."
    ),
    Role.COMPLAINTS_OFFICER: _(
        "You take complaints and see that they are answered in time. Whoever complains may"
        " stay unnamed. A complaint about you goes to somebody else."
    ),
    Role.TRAINING_OFFICER: _(
        "You plan courses: who teaches, when, where, who comes. You see to it that tests are"
        " held and certificates are handed out."
    ),
    Role.TRAINER: _(
        "You hold sessions. Tick who came, at the session or after it, and write down the"
        " marks of tests."
    ),
    Role.ADVISOR: _(
        "You help people make a business plan. Fill it in with her. Months in which her money"
        " runs out stand first: talk about those."
    ),
    Role.APPRAISER: _(
        "You look at applications for loans: is it true, can she pay it back? You did not"
        " advise her, and you do not pay out."
    ),
    Role.COMMITTEE: _(
        "You decide with others on applications and on who is chosen. Read the paper, vote,"
        " say why."
    ),
    Role.LOAN_OFFICER: _(
        "You look after loans from the application to the last payment. *Today* shows what is"
        " due and what is late. A payment typed wrong is taken back, never changed."
    ),
    Role.BANK_CLERK: _("You work at a partner bank. You see the loans of your bank and no others."),
    Role.CASHIER: _(
        "You take money in and hand it out. Count with her, write it down at once, give a"
        " receipt. Cash of nobody known has a page of its own."
    ),
    Role.ACCOUNTANT: _(
        "You keep the books. Nothing in them is ever changed: a mistake is turned back and"
        " written anew."
    ),
    Role.FINANCE_MANAGER: _(
        "You release money and close months. What you release was prepared by somebody else."
    ),
    Role.DIRECTOR: _(
        "You answer for all of it. You decide where two persons must agree, sign agreements"
        " and publish figures."
    ),
    Role.MANAGER: _(
        "You lead the programme. You set its rules, ask for roles of your people and see what"
        " waits too long."
    ),
    Role.ME_OFFICER: _(
        "You find out what the programme changed. You plan rounds of questions, check figures"
        " and explain them."
    ),
    Role.ME_READER: _("You read figures. You see codes in the place of names."),
    Role.GROUP_SUPERVISOR: _(
        "You look after groups. They keep their own book; you help where it does not agree."
    ),
    Role.DPO: _(
        "You watch over personal data. You see who read what, give back what is kept too"
        " long, and answer when something went wrong. You do not read what is in the records."
    ),
    Role.AUDITOR: _(
        "You look whether everything was done as it should be. You read registers and books,"
        " and you change nothing."
    ),
    Role.ADMINISTRATOR: _(
        "You give roles and look after the installation. You see no person's record."
    ),
    Role.FUNDER: _("You see what your money did: figures that were published, budgets, reports."),
    Role.SUCCESSOR: _(
        "You take the programme over. You see what is handed to you, and nothing before it is"
        " handed over."
    ),
    Role.INTEGRATION: _(
        "You are another program. You work with a key that reaches only what it names."
    ),
}


PARTS: dict[str, Label] = {
    "org": _("For everybody"),
    "desk": _("Imports and search"),
    "projects": _("Programmes"),
    "people": _("People"),
    "ledger": _("Books"),
    "markets": _("Markets"),
    "results": _("Results"),
    "sync": _("Phones"),
    **labels.DOMAINS,
}

NARROW, WIDE = 360, 1280  # points: a telephone, a desk
HEIGHT = {NARROW: 640, WIDE: 800}


@dataclass(frozen=True)
class Picture:
    """The page a role's work begins at, as wide as the thing she works at."""

    url_name: str
    width: int = WIDE

    @property
    def height(self) -> int:
        """How much of the page is shown, in points."""
        return HEIGHT[self.width]

    @property
    def says(self) -> str:
        """What a reader who does not see it is told."""
        label = next(entry.label for entry in entries if entry.url_name == self.url_name)
        return force_str(format_lazy(_("The page “{page}” as you see it."), page=label))


PICTURES: dict[Role, Picture] = {
    Role.OUTREACH: Picture("people:campaign_list", NARROW),
    Role.CLERK: Picture("people:person_list"),
    Role.FIELD_OFFICER: Picture("people:person_list", NARROW),
    Role.TARGETING_OFFICER: Picture("people:rule_list"),
    Role.ADJUDICATOR: Picture("people:match_list"),
    Role.FOCAL_POINT: Picture("people:case_list"),
    Role.COMPLAINTS_OFFICER: Picture("people:grievance_list"),
    Role.TRAINING_OFFICER: Picture("training:cohort_list"),
    Role.TRAINER: Picture("training:cohort_list", NARROW),
    Role.ADVISOR: Picture("plans:plan_list"),
    Role.APPRAISER: Picture("lending:application_list"),
    Role.COMMITTEE: Picture("lending:application_list"),
    Role.LOAN_OFFICER: Picture("lending:loan_list"),
    Role.BANK_CLERK: Picture("lending:loan_list"),
    Role.CASHIER: Picture("lending:loan_list", NARROW),
    Role.ACCOUNTANT: Picture("ledger:entry_list"),
    Role.FINANCE_MANAGER: Picture("ledger:period_list"),
    Role.DIRECTOR: Picture("results:programme_list"),
    Role.MANAGER: Picture("desk:home"),
    Role.ME_OFFICER: Picture("surveys:round_list"),
    Role.ME_READER: Picture("results:programme_list"),
    Role.GROUP_SUPERVISOR: Picture("groups:group_list", NARROW),
    Role.DPO: Picture("org:read_list"),
    Role.AUDITOR: Picture("org:audit_list"),
    Role.ADMINISTRATOR: Picture("org:staff_list"),
    Role.FUNDER: Picture("results:programme_list"),
    Role.SUCCESSOR: Picture("projects:programme_list"),
}
"""A program that works by a key (Role.INTEGRATION) sees no page."""


def file_of(role: Role) -> str:
    """The name of a role in files: `loan-officer`."""
    return role.value.lower().replace("_", "-")


def picture_file(role: Role) -> str:
    """Where a role's picture lies among the static files."""
    return f"guide/{file_of(role)}.webp"


def pages_of(role: Role) -> dict[Section, list[Entry]]:
    """The pages the rail shows to a role that holds no other."""
    table = declared()
    found: dict[Section, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.order):
        if (not entry.permission or role in table[entry.permission]) and address(entry.url_name):
            found[entry.section].append(entry)
    return found


def acts_of(role: Role) -> dict[str, list[str]]:
    """What a role may do, by domain, in the words of its pages."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, roles in declared().items():
        if role in roles and not is_reading(code):
            said = spoken(code)
            found[code.partition(".")[0]].add(said[:1].upper() + said[1:])
    return {domain: sorted(said, key=str.casefold) for domain, said in found.items()}


@dataclass(frozen=True)
class Chapter:
    """One role's part of the page."""

    role: Role

    @property
    def title(self) -> Label:
        """The role in words."""
        return labels.role(self.role)

    @property
    def opening(self) -> Label:
        """What she is here for."""
        return OPENINGS[self.role]

    @property
    def picture(self) -> Picture | None:
        """Where her work begins."""
        return PICTURES.get(self.role)

    @property
    def picture_file(self) -> str:
        """Where it lies."""
        return picture_file(self.role)

    def pages(self) -> Iterator[tuple[Label, list[tuple[Label, str]]]]:
        """The pages of each section this installation works with, each with its address."""
        found, house = pages_of(self.role), installation.read()
        for section in Section:
            if section in found and house.shows(section):
                links = [(entry.label, address(entry.url_name)) for entry in found[section]]
                yield LABELS[section], links

    def acts(self) -> Iterator[tuple[Label, list[str]]]:
        """What she may do, by part of the house."""
        for domain, said in acts_of(self.role).items():
            yield PARTS[domain], said


class Guide(FiguresPage):
    """What one is here for, role by role of those one holds today."""

    title = _("Your guide")
    intro = _("What you are here for, where your work stands and what you may do.")
    template = "org/guide.html"

    def context(self) -> dict[str, Any]:
        """A chapter for each of her roles."""
        held = {grant.role for grant in self.staff.access}
        return {"chapters": [Chapter(role) for role in Role if role in held]}
