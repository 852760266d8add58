"""What a new house sets up first, step by step: shown on "today" to whoever may do the steps, with
what is done already, until all of hers are done. A demonstration begins with everything in place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book
from handup.lending.models import Lender, ProductVersion
from handup.org import installation
from handup.org.models import Area, Grant, Office, StaffUser
from handup.org.permissions import may_over
from handup.org.rules.access import Role
from handup.org.web.columns import State, Tone
from handup.org.web.money import format_number
from handup.org.web.pages import Action, Task, TaskGroup
from handup.people.models import ConsentNotice, EligibilityRule, Person
from handup.projects.models import Organisation, Phase, Programme
from handup.surveys.models import Questionnaire
from handup.training.models import Course, Curriculum
from handup.training.rules.states import CurriculumState

Rows = Callable[[StaffUser], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to set up: what proves that it is done, where it is done, what comes before."""

    code: str
    title: Promise
    why: Promise
    verb: Promise
    url_name: str
    permission: str
    proof: Rows
    after: tuple[str, ...] = ()
    part: str = "org"


def _workers(_staff: StaffUser) -> Any:
    return Grant.objects.exclude(role=Role.ADMINISTRATOR)


STEPS = (
    Step(
        "areas", _("Areas"), _("The places you work in, as a list of lines."),
        _("Add many areas"), "org:area_sheet", "org.add_area", lambda _s: Area.objects.all(),
    ),
    Step(
        "office", _("Office"), _("Persons and money belong to the office that keeps them."),
        _("Open an office"), "org:office_new", "org.open_office", lambda _s: Office.objects.all(),
        ("areas",),
    ),
    Step(
        "staff", _("Who does the work"),
        _("Each has an account and roles of her own; two persons are enough to begin with."),
        _("Register a staff user"), "org:staff_new", "org.register_staff", _workers,
    ),
    Step(
        "organisations", _("Funders and partners"), _("Who pays, and the bank you work with."),
        _("Enter an organisation"), "projects:organisation_new", "projects.register_organisation",
        Organisation.objects.visible_to,
    ),
    Step(
        "programme", _("Programme"), _("Everything that is done and counted belongs to one."),
        _("Open a programme"), "projects:programme_new", "projects.open_programme",
        Programme.objects.visible_to,
    ),
    Step(
        "phase", _("Its first phase"), _("From when to when the programme works."),
        _("Choose the programme"), "projects:programme_list", "projects.open_phase",
        Phase.objects.visible_to, ("programme",),
    ),
    Step(
        "notice", _("What people are told"),
        _("Read out before anybody is registered; each consent names the version she heard."),
        _("Publish a notice"), "people:notice_new", "people.publish_notice",
        ConsentNotice.objects.visible_to,
    ),
    Step(
        "rule", _("Who may take part"), _("The rule by which the programme decides."),
        _("Publish a rule"), "people:rule_new", "people.publish_rule",
        EligibilityRule.objects.visible_to, ("programme",),
    ),
    Step(
        "curriculum", _("Curriculum"), _("Modules and sessions; another person approves it."),
        _("Draft a curriculum"), "training:curriculum_new", "training.draft_curriculum",
        lambda staff: Curriculum.objects.visible_to(staff).filter(state=CurriculumState.APPROVED),
        part="training",
    ),
    Step(
        "course", _("Course"), _("How it is completed: attendance, a test."),
        _("Offer a course"), "training:course_new", "training.offer_course",
        Course.objects.visible_to, ("curriculum",), "training",
    ),
    Step(
        "book", _("Book of accounts"), _("Every loan and repayment is posted there by itself."),
        _("Open a book"), "ledger:book_new", "ledger.open_book", Book.objects.visible_to,
        ("programme",), "lending",
    ),
    Step(
        "lender", _("Lender"), _("Whose money is lent: yours, or a bank's."),
        _("Add a lender"), "lending:lender_new", "lending.open_lender", Lender.objects.visible_to,
        ("programme", "book"), "lending",
    ),
    Step(
        "product", _("Loan product"),
        _("Interest, instalments, what is asked before; another person approves it."),
        _("Propose a product"), "lending:product_new", "lending.propose_product",
        lambda staff: ProductVersion.objects.visible_to(staff).filter(approved_date__isnull=False),
        ("lender",), "lending",
    ),
    Step(
        "questionnaire", _("Questionnaire"), _("What is asked at the start and again later."),
        _("Take a questionnaire into use"), "surveys:questionnaire_take",
        "surveys.draft_questionnaire", Questionnaire.objects.visible_to, part="surveys",
    ),
    Step(
        "person", _("The first person"), _("With her consent, her household, her enterprise."),
        _("Register a person"), "people:person_new", "people.register_person",
        Person.objects.visible_to, ("areas", "notice"),
    ),
)  # fmt: skip


def first_steps(staff: StaffUser) -> TaskGroup | None:
    """Her steps of setting up the house, while one of them is left, for whoever may do them all
    over it; never in a demonstration.
    """
    house = installation.read()
    if not house.set_up or house.demonstration:
        return None
    on = [step for step in STEPS if house.shows(step.part)]
    hers = [step for step in on if may_over(staff, step.permission)]
    if not hers:
        return None
    before = {code for step in hers for code in step.after}
    asked = [step for step in on if step in hers or step.code in before]
    proofs = {f"step_{step.code}": Exists(step.proof(staff)) for step in asked}
    found = StaffUser.objects.filter(pk=staff.pk).annotate(**proofs).values(*proofs).get()
    done = {step.code for step in asked if found[f"step_{step.code}"]}
    if all(step.code in done for step in hers):
        return None
    title = _("First steps: %(done)s of %(all)s are done") % {
        "done": format_number(sum(step.code in done for step in hers)),
        "all": format_number(len(hers)),
    }
    return TaskGroup(title, [_task(step, done) for step in hers], counted=False)


def _task(step: Step, done: set[str]) -> Task:
    """One line: done, to be done now, or waiting for what comes before it."""
    if step.code in done:
        return Task(step.title, step.why, state=State(_("done"), Tone.GOOD))
    ahead = set(step.after) - done
    missing = [other.title for other in STEPS if other.code in ahead]
    if missing:
        before = ", ".join(str(title) for title in missing)
        return Task(step.title, _("Comes after: %(steps)s") % {"steps": before})
    return Task(step.title, step.why, action=Action(step.verb, step.url_name, step.permission))
