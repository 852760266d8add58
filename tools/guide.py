"""The guide of each role: what she is here for, where things stand, what she may do.

The openings are written by hand; the pages and the acts come from the program, so that a guide
tells what its role really finds there.
"""

from collections import defaultdict
from collections.abc import Iterator

from handup.org.declared import declared, is_reading
from handup.org.rules.access import SECOND_FACTOR_ROLES, Role
from handup.org.web import labels
from handup.org.web.acts import spoken
from handup.org.web.navigation import LABELS, Entry, Section, address, entries

OPENINGS: dict[Role, str] = {
    Role.OUTREACH: (
        "You tell people of the programme. Write down where you spoke, what it cost and who"
        " asked. Whoever asked is registered later; nothing has to be written twice."
    ),
    Role.CLERK: (
        "You register people. Read the notice to her first, then ask. A missing birth date or"
        " paper never stops you. If somebody may be registered already, the program says so."
    ),
    Role.FIELD_OFFICER: (
        "You visit people where they live and work. What you do without a network waits on"
        " your phone and is sent later. Look at *Today* before you leave."
    ),
    Role.TARGETING_OFFICER: (
        "You find whom the programme is for. Rules and cards say who may be chosen; you run"
        " them, and another person decides."
    ),
    Role.ADJUDICATOR: (
        "You decide whether two records are one person. Look at both, say why, and leave it"
        " open when you are not sure."
    ),
    Role.FOCAL_POINT: (
        "You keep cases of people who can be harmed by being found. Nobody else sees them."
        " Name a team for each case, no larger than needed."
    ),
    Role.COMPLAINTS_OFFICER: (
        "You take complaints and see that they are answered in time. Whoever complains may"
        " stay unnamed. A complaint about you goes to somebody else."
    ),
    Role.TRAINING_OFFICER: (
        "You plan courses: who teaches, when, where, who comes. You see to it that tests are"
        " held and certificates are handed out."
    ),
    Role.TRAINER: (
        "You hold sessions. Tick who came, at the session or after it, and write down the"
        " marks of tests."
    ),
    Role.ADVISOR: (
        "You help people make a business plan. Fill it in with her. Months in which her money"
        " runs out stand first: talk about those."
    ),
    Role.APPRAISER: (
        "You look at applications for loans: is it true, can she pay it back? You did not"
        " advise her, and you do not pay out."
    ),
    Role.COMMITTEE: (
        "You decide with others on applications and on who is chosen. Read the paper, vote,"
        " say why."
    ),
    Role.LOAN_OFFICER: (
        "You look after loans from the application to the last payment. *Today* shows what is"
        " due and what is late. A payment typed wrong is taken back, never changed."
    ),
    Role.BANK_CLERK: "You work at a partner bank. You see the loans of your bank and no others.",
    Role.CASHIER: (
        "You take money in and hand it out. Count with her, write it down at once, give a"
        " receipt. Cash of nobody known has a page of its own."
    ),
    Role.ACCOUNTANT: (
        "You keep the books. Nothing in them is ever changed: a mistake is turned back and"
        " written anew."
    ),
    Role.FINANCE_MANAGER: (
        "You release money and close months. What you release was prepared by somebody else."
    ),
    Role.DIRECTOR: (
        "You answer for all of it. You decide where two persons must agree, sign agreements"
        " and publish figures."
    ),
    Role.MANAGER: (
        "You lead the programme. You set its rules, ask for roles of your people and see what"
        " waits too long."
    ),
    Role.ME_OFFICER: (
        "You find out what the programme changed. You plan rounds of questions, check figures"
        " and explain them."
    ),
    Role.ME_READER: "You read figures. You see codes in the place of names.",
    Role.GROUP_SUPERVISOR: (
        "You look after groups. They keep their own book; you help where it does not agree."
    ),
    Role.DPO: (
        "You watch over personal data. You see who read what, give back what is kept too"
        " long, and answer when something went wrong. You do not read what is in the records."
    ),
    Role.AUDITOR: (
        "You look whether everything was done as it should be. You read registers and books,"
        " and you change nothing."
    ),
    Role.ADMINISTRATOR: (
        "You give roles and look after the installation. You see no person's record."
    ),
    Role.FUNDER: "You see what your money did: figures that were published, budgets, reports.",
    Role.SUCCESSOR: (
        "You take the programme over. You see what is handed to you, and nothing before it is"
        " handed over."
    ),
    Role.INTEGRATION: (
        "You are another program. You work with a key that reaches only what it names."
    ),
}

PARTS = {
    "org": "For everybody",
    "desk": "Imports and search",
    "projects": "Programmes",
    "people": "People",
    "ledger": "Books",
    "markets": "Markets",
    "results": "Results",
    "sync": "Phones",
    **{code: str(label) for code, label in labels.DOMAINS.items()},
}


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


def name_of(role: Role) -> str:
    """The file of a role's guide."""
    return f"{role.value.lower().replace('_', '-')}.md"


def guide_of(role: Role) -> str:
    """One role's guide."""
    factor = (
        "Signing in asks for your password and a second step: an app on your phone or a passkey."
        if role in SECOND_FACTOR_ROLES
        else "Signing in asks for your password. A second step is offered; take it."
    )
    return "\n".join([f"# {labels.role(role)}", "", OPENINGS[role], "", factor, *_found(role)])


def _found(role: Role) -> Iterator[str]:
    yield from (
        "",
        "## Where it stands",
        "",
        "The list at the left (on a phone: *Menu*) shows you:",
    )
    yield ""
    pages = pages_of(role)
    for section in Section:
        if section in pages:
            names = ", ".join(str(entry.label) for entry in pages[section])
            yield f"- **{LABELS[section]}**: {names}"
    yield from (
        "",
        "You see a page only where your role needs it. If one is missing, ask your manager.",
    )
    yield from ("", "## What you may do", "")
    for domain, said in acts_of(role).items():
        yield f"- *{domain}*: {'; '.join(said)}"
    yield from (
        "",
        "Who may do what, door by door, is tested: [the matrix](../security/authorisation.md).",
    )
    yield ""


def index() -> str:
    """The list of guides."""
    lines = ["# Guides", "", "One page for each role. Open yours first.", ""]
    lines += [f"- [{labels.role(role)}]({name_of(role)})" for role in Role]
    lines += [
        "",
        "Written by `make docs`: the openings by hand (`tools/guide.py`), the rest from the house.",
    ]
    return "\n".join([*lines, ""])
