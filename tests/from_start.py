"""The whole way of a new house, told through its pages alone: from the first page of an empty
installation until its first results stand there and open to their records.

Written for anybody at any browser: `tests/hands.py` reads the pages as the server sends them, the
browser tests press them in Chromium.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

from django.utils import timezone

from handup.org.first_word import first_word

PASSWORD = "a lamp over the green table"
PROGRAMME = "Hands up, Highland"


class Person(Protocol):
    """Somebody at a browser."""

    name: str
    password: str

    @property
    def at(self) -> str:
        """The address she is at."""

    def open(self, address: str) -> Any:
        """Type an address."""

    def follow(self, words: str) -> Any:
        """Press a link."""

    def press(self, words: str) -> Any:
        """Press a button."""

    def fill(self, **answers: object) -> Any:
        """Fill the form in, send it and confirm what is read back."""

    def refused(self, **answers: object) -> Any:
        """Fill the form in wrongly and read what is wrong beside the fields."""

    def says(self, *words: str) -> Any:
        """Read these words on the page."""

    def secret_of(self, name: str) -> str:
        """The password the page shows beside a name."""

    def field(self, beginning: str) -> str:
        """The name of the first field that begins so."""

    def number(self) -> str:
        """The registration number the page shows."""


Cast = Callable[[str], Any]


def day(before: int) -> str:
    """So many days ago, as a date field takes it."""
    return (timezone.localdate() - timedelta(days=before)).isoformat()


def start(cast: Cast) -> None:
    """Ada reads the word in the log of the server and sets the house up for three: herself, Otto
    who goes out, Mara who leads.
    """
    ada = cast("ada")
    ada.password = PASSWORD
    ada.open("/start/").fill(
        word=first_word(),
        profile="SMALL",
        display_name="Ada",
        username="ada",
        password=PASSWORD,
        field_name="Otto",
        field_username="otto",
        office_name="Mara",
        office_username="mara",
    )
    for name in ("Otto", "Mara"):
        cast(name.lower()).password = ada.secret_of(name)


def places(ada: Person) -> None:
    """The administrator's first steps stand on her page and go away when they are done."""
    ada.open("/").says("First steps: 1 of 3 are done", "Comes after: Areas")
    ada.follow("Add many areas").fill(lines="HL;Highland\nHL-1;Green Hill;HL").says("Green Hill")
    ada.open("/").says("First steps: 2 of 3 are done").follow("Open an office")
    ada.fill(name="Valley office", code="VAL", area="Green Hill")
    ada.open("/").says("Nothing is waiting for you today")


def open_a_programme(mara: Person) -> None:
    """Programme, phase, area, bank and funder, what people are told, who may take part."""
    mara.open("/").says("First steps", "Comes after: Programme")
    mara.follow("Enter an organisation")
    mara.fill(name="Sun Foundation", code="SUN", kinds=["FUNDER"])
    mara.open("/projects/organisations/").follow("Enter an organisation")
    mara.fill(name="Valley Bank", code="VB", kinds=["BANK"])
    mara.open("/").follow("Open a programme").fill(code="HS1", title=PROGRAMME, currency="USD")
    at = mara.at
    mara.open("/").follow("Choose the programme").follow(PROGRAMME)
    mara.follow("Open a phase").fill(code="P1", title="First phase", start=day(400), end=day(0))
    mara.open(at).follow("Name a partner").fill(organisation="Valley Bank", role="BANK")
    mara.open(at).follow("Add an area").fill(area="Green Hill")
    mara.open(at).follow("Record financing")
    mara.fill(organisation="Sun Foundation", currency="USD", amount_units="120 000")
    mara.open(at).says("Valley Bank", "Sun Foundation", "Green Hill", "First phase")


def say_who_may_come(mara: Person) -> None:
    """The notice, the rule, and a campaign on the village radio."""
    mara.open("/").follow("Publish a notice").fill(
        version="1",
        language="en",
        text="We ask who you are so that we can teach and lend.",
        purposes=["SERVICE", "SHARE_BANK"],
        valid_from=day(300),
    )
    mara.open("/").follow("Publish a rule")
    mara.fill(programme=PROGRAMME, title="Grown up", valid_from=day(300), age_least=18)
    mara.open("/people/campaigns/").follow("Start a campaign").fill(
        programme=PROGRAMME,
        code="RADIO",
        title="Village radio",
        channel="MEDIA",
        language="en",
        start_date=day(300),
    )


def register(otto: Person) -> str:
    """An enquiry, then Lena with her consent, her child and her bakery. Returns her page."""
    otto.open("/people/enquiries/").follow("Record an enquiry")
    otto.fill(wish="to open a bakery", campaign="Village radio", enquiry_date=day(295))
    otto.says("radio, television or newspaper")
    otto.open("/").follow("Register a person")
    page = _register(otto, "Lena", "Hill")
    otto.open(page).follow("Register her household")
    otto.fill(name_1="Tom Hill", relation_1="child", registered_date=day(290), children=1)
    otto.says("Lena Hill", "Tom Hill")
    otto.open(page).follow("Register her enterprise")
    otto.fill(trade="bakery", name="Hill bread", registered_date=day(280))
    otto.open(page).follow("Record a document")
    otto.fill(kind="identity card", number="AB1234567", seen_date=day(290))
    return page


def _register(otto: Person, first: str, last: str) -> str:
    otto.fill(
        purposes=["SERVICE", "SHARE_BANK"],
        method="signature",
        first_name=first,
        last_name=last,
        sex="woman",
        birth_date="1985-05-05",
        area="Green Hill",
        registered_date=day(290),
    )
    return otto.at


def choose(otto: Person, page: str, name: str) -> None:
    """She applies, the rule finds her eligible, a place is free."""
    otto.open(page).follow("Apply to a programme").fill(programme=PROGRAMME, applied_date=day(270))
    otto.open("/people/participations/to-decide/").says(name, "eligible")
    otto.fill(decided_date=day(260))
    otto.open("/people/participations/").follow(name).follow("Record the next step")
    otto.fill(to_state="ACTIVE", reason="PLACE_FOUND", on=day(255)).says("Taking part")


def teach(otto: Person, mara: Person, lena: str) -> None:
    """A curriculum Mara approves, a course with a test; Lena comes to all of it, Mira to half."""
    otto.open("/people/persons/").follow("Register a person")
    mira = _register(otto, "Mira", "River")
    choose(otto, mira, "Mira River")
    numbers = "\n".join(otto.open(page).number() for page in (lena, mira))
    otto.open("/").follow("Draft a curriculum")
    curriculum = otto.fill(title="Small business", code="SB", version="1").at
    otto.follow("Add a module").fill(title="Money", plans="Cost price; 180\nBook-keeping; 180")
    otto.open(curriculum).press("Hand to review")
    mara.open(curriculum).follow("Approve").fill(day=day(250))
    otto.open("/").follow("Offer a course")
    otto.fill(
        curriculum="Small business", code="SB1", title="Small business",
        type="BUSINESS", pass_rule="TEST",
    )  # fmt: skip
    otto.open("/training/cohorts/").follow("Open a cohort")
    otto.fill(
        course="Small business", programme=PROGRAMME, code="C1", starts_date=day(240),
        ends_date=day(235), capacity=20, area="Green Hill", office="Valley office",
    )  # fmt: skip
    cohort = otto.at
    otto.follow("Name a trainer").fill(username="otto", leads=True)
    for before, plan in ((240, "Cost price"), (239, "Book-keeping")):
        otto.open(cohort).follow("Plan a session")
        otto.fill(session_date=day(before), minutes_planned=180, plan=plan)
    otto.open(cohort).follow("Enrol people")
    otto.fill(persons=numbers, enrolled_date=day(245), agrees_to_name=True)
    otto.open(cohort).follow("Set a test")
    otto.fill(title="Final test", kind="POST", max_score=20, test_date=day(236))
    for number, minutes in (("1", (180, 180)), ("2", (180, 0))):
        otto.open(cohort).follow(number).follow("It took place").fill()
        otto.open(cohort).follow(number).fill(**_cells(otto, minutes))
    otto.open(cohort).follow("Final test").fill(**_cells(otto, (18, 18)))
    otto.open(cohort).follow("Close").fill(closed_date=day(234))
    otto.says("1 of 2 completed the course.", "Lena Hill")
    otto.follow("Issue certificates").fill(issued_date=day(233))
    otto.says("1 certificate is issued.")


def _cells(otto: Any, values: tuple[int, ...]) -> dict[str, object]:
    return dict(zip(otto.fields("cell-"), values, strict=True))


def plan(otto: Person, mara: Person, lena: str) -> str:
    """A light plan: the household sheet, an oven on credit, advised by one and read by another."""
    otto.open(lena).follow("Start a business plan").fill(
        title="Hill bakery",
        enterprise="Hill bread",
        start_month=day(190)[:8] + "01",
        horizon_months=12,
        started_date=day(200),
    )
    at = otto.at
    otto.follow("Household sheet").fill(
        told_date=day(198), sales_0_units="90", sales_0_span="DAY",
        cost_of_sales_0_units="40", cost_of_sales_0_span="DAY",
        household_expense_0_units="300", household_expense_0_span="MONTH",
    )  # fmt: skip
    otto.open(at).follow("Costing").fill(
        own_cash_units="200", capital_units="1500", thing_0_name="Oven", thing_0_cost="600",
        thing_0_source="LOAN", thing_0_life="60",
    )  # fmt: skip
    otto.open(at).follow("Money asked for").fill(
        loan_units="600", purpose="an oven", rate_percent="1", instalments="6", method="DECLINING"
    )
    otto.open(at).follow("Harm to people and nature").fill(
        waste="NO", nature="NO", land="NO", safety="YES", safety_measure="Gloves at the oven.",
        excluded="NO", screened_date=day(197),
    )  # fmt: skip
    otto.open(at).follow("Hand it in").fill(on=day(196))
    otto.says("Instalment she can carry", "USD 374.50").follow("Advise")
    otto.fill(statement="She bakes well.", signed_by="SIGNATURE", advised_date=day(195))
    mara.open(at).follow("Review it").fill(reviewed_date=day(2)).says("Ready")
    return at


def mistakes(otto: Person, plan: str) -> None:
    """A registration and a visit that are filled in wrongly come back with what is wrong."""
    otto.open("/people/persons/new/")
    otto.refused(first_name="", last_name="", birth_date="2999-05-05", registered_date=day(1))
    otto.says("required")
    otto.open(f"{plan}visit/").refused(visit_date="", place="the bakery at Green Hill")
    otto.says("required")


def set_lending_up(otto: Person, mara: Person) -> None:
    """A book with the money to lend, a lender, and a product the other one approves."""
    mara.open("/").follow("Open a book").fill(
        name="Loan fund", code="LF", kind="LENDER", programme_id=PROGRAMME,
        base_currency="USD", fiscal_year_start="1",
    )  # fmt: skip
    book = mara.at
    mara.open("/").follow("Add a lender").fill(
        code="OWN", name="Hands up loans", mode="DIRECT", currency="USD", programme=PROGRAMME,
        book="Loan fund", active_from=day(220),
    )  # fmt: skip
    otto.open("/").follow("Propose a product").fill(
        code="STEP", name="Starter loan", lender="Hands up loans", effective_date=day(220),
        preset="handup-declining", rate_percent="1", rate_per="MONTH", instalments="12",
        smallest="100", largest="2000", certificate_required=True, plan_required=True, members="1",
    )  # fmt: skip
    mara.open(otto.at).follow("Approve").says("Starter loan: Version 1").fill()
    otto.open(book).follow("Write an entry").fill(
        kind="MANUAL", happened_date=day(10), debit="1120", credit="2300",
        amount_units="5 000", remark="Money to lend",
    )  # fmt: skip
    mara.open("/").follow("Money to lend").follow("Approve and post").fill()


def lend(otto: Person, mara: Person, lena: str) -> None:
    """Otto asks with her, Mara appraises and decides, Otto signs and pays out; she repays."""
    otto.open(lena).follow("Apply for a loan")
    otto.fill(product_version="Starter loan", amount="600", instalments="6", purpose="an oven")
    otto.says("Waiting for appraisal", "The plan counts on this very amount.")
    mara.open("/").follow("Appraise").fill(
        recommendation="APPROVE", note="Good order book.", anchor_capacity="3",
        anchor_character="4", anchor_business="3", anchor_market="3", anchor_security="2",
    )  # fmt: skip
    mara.open("/").follow("Decide").fill(outcome="APPROVE", approved_units="600")
    otto.open("/").follow("Sign").fill().says("Signed, not paid out")
    loan = otto.at
    # The days of the first month decide on its cents: some 103.50 a month, 502.41 left.
    otto.follow("Pay out").fill(method="BANK").says("USD 103.")
    otto.follow("Record repayment").fill(units="103.51").says("Repaid")
    otto.open(loan).says("USD 502.", "1 of 6")


def meet(otto: Person, lena: str) -> None:
    """A savings group meets once, saves, counts its box and closes."""
    number = otto.open(lena).number()
    otto.open("/groups/").follow("Register a group").follow(PROGRAMME).follow("Without a picture")
    otto.fill(
        name="Green Hill savers", kind="SAVINGS", area="Green Hill", formed_date=day(100),
        share_value_units="2", charge_rate="5",
    )  # fmt: skip
    group = otto.at
    otto.follow("Admit a member").fill(registration_no=number, joined_date=day(99))
    otto.open(group).follow("Open a meeting").fill(held_date=day(3))
    meeting = otto.at
    otto.follow("Write the sheet")
    otto.fill(**{otto.field("mark_"): "PRESENT", otto.field("saved_"): "10"})
    otto.open(meeting).follow("Count and close")
    otto.fill(counted_LOAN="10", counted_SOCIAL="0", next_date=day(-4)).says("Read the code aloud")


def ask(otto: Person, mara: Person) -> None:
    """The same questions before and after; another person accepts the answers."""
    mara.open("/").follow("Take a questionnaire into use").fill(code="impact")
    for name, kind, opens in (("First answers", "BASELINE", 250), ("Later", "FOLLOW_UP", 30)):
        mara.open("/surveys/").follow("Plan a round")
        mara.fill(
            questionnaire="Income and life", programme=PROGRAMME, name=name, kind=kind,
            opens_date=day(opens), closes_date=day(0), plan="CENSUS",
        )  # fmt: skip
        at = mara.at
        mara.follow("Draw who is asked").fill().says("2 cases are drawn.")
        mara.follow("Open the round").fill()
        mara.follow("People to ask")
        otto.open(mara.at).follow("Lena Hill").follow("Ask the questions")
        otto.fill(**{"consented": "1", "q1-0": "BETTER", "q2-0": "BETTER"})
        mara.open("/").follow("Lena Hill").follow("Decide").fill(decision="accept")
        mara.open(at).follow("Close the round").fill().follow("Lock the round").fill()
