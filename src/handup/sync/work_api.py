"""The doors of an officer's own phone: what it carries, and what it recorded."""

from base64 import b64encode
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from handup.org import reads
from handup.org.interface import StaffRequest
from handup.sync import work_queries
from handup.sync.area_packs import area_wanted
from handup.sync.errors import NotADevice
from handup.sync.market_schemas import WorkContract, WorkNamed, WorkPrice
from handup.sync.phones_seen import device_of, work_phone_of
from handup.sync.plan_schemas import WorkFollowed, WorkPlanning, WorkTest
from handup.sync.services.carrying import carry_key
from handup.sync.services.work import MOST, receive_work

router = Router(tags=["sync"])
Have = Annotated[list[UUID] | None, Query(None, max_length=200)]


class WorkPerson(Schema):
    """Somebody enrolled; `person_no` is the number on her card."""

    enrolment_id: UUID
    person_no: str
    name: str


class WorkSession(Schema):
    """A session and who is enrolled; `minutes` is how long it lasts."""

    session_id: UUID
    cohort: str
    number: int
    title: str
    session_date: date
    minutes: int
    people: list[WorkPerson]


class WorkLoan(Schema):
    """A loan with something to collect, in smallest units."""

    loan_id: UUID
    code: str
    borrower: str
    centre: str
    currency: str
    currency_digits: int
    due_units: int
    late_units: int
    savings_units: int


class WorkInterview(Schema):
    """Somebody to be asked a questionnaire; `row` is what its form reads of her, with earlier
    answers; `number` stands on her card; `known` names the questions that the phone answers by
    itself; `sent_back` are the ids
    of answers of hers which the office sent back, `why` its note."""

    case_id: UUID
    version_id: UUID
    label: str
    number: str
    village: str
    round: str
    questionnaire: str
    due_date: date | None
    row: dict[str, str]
    known: list[str]
    sent_back: list[str]
    why: str


class WorkNotice(Schema):
    """What is read to a person before anything of her is written down, and the purposes she may
    agree to."""

    id: UUID
    language: str
    text: str
    purposes: list[str]


class WorkRegistering(Schema):
    """What registering somebody takes; `households`: whether the reader registers them too;
    `home_code`: the country code that completes a number written as at home, empty where none does;
    `areas_left`: how many settlements of hers are not among these."""

    programmes: list[WorkNamed]
    areas: list[WorkNamed]
    notices: list[WorkNotice]
    households: bool
    home_code: str
    areas_left: int


class WorkWritten(Schema):
    """What is written of somebody, as texts: a code, a day or a year, a name, an id; empty where it
    is not known."""

    sex: str
    birth: str
    father_name: str
    area: str


class WorkPlace(Schema):
    """Where somebody is found in a `season` (WINTER, SPRING, SUMMER, AUTUMN), or seen NEXT, as it
    was told last by her or whom she lives with; `about_date`: about when she comes there."""

    season: str
    area: str
    place: str
    about_date: date | None
    told_date: date


class WorkKnown(Schema):
    """Somebody of the reader's caseload; `known`: what the reader may correct of her."""

    person_id: UUID
    person_no: str
    name: str
    village: str
    known: WorkWritten | None
    places: list[WorkPlace]


class WorkVisit(Schema):
    """A visit that is planned."""

    visit_id: UUID
    person_id: UUID
    kind: str
    planned_date: date | None


class WorkChart(Schema):
    """What a delivery is paid from a day on, in the whole numbers of a rate chart."""

    from_date: date
    terms: dict[str, Any]


class WorkProducer(Schema):
    """Whoever delivers to a point, with her number."""

    producer_id: UUID
    number: int
    name: str


class WorkPoint(Schema):
    """A collection point where the reader may take produce in: its charts, the newest first, and
    its producers."""

    point_id: UUID
    name: str
    group: str
    currency: str
    currency_digits: int
    charts: list[WorkChart]
    producers: list[WorkProducer]


class WorkNeeds(Schema):
    """Where the reader may write down what a community needs."""

    programmes: list[WorkNamed]
    areas: list[WorkNamed]


class WorkCriterion(Schema):
    """One question of a card, its part, and for how many points at most."""

    no: int
    section: str
    text: str
    points: int


class WorkCard(Schema):
    """A scorecard in one version, for these kinds of groups."""

    code: str
    version: int
    title: str
    kinds: list[str]
    criteria: list[WorkCriterion]


class WorkGroup(Schema):
    """A group that the reader may grade."""

    id: UUID
    name: str
    kind: str


class WorkScoring(Schema):
    """The groups the reader may grade, and the cards that fit them."""

    groups: list[WorkGroup]
    cards: list[WorkCard]


class WorkDossiers(Schema):
    """The groups whose vote to share a dossier the reader may write down, to whom, for what."""

    groups: list[WorkNamed]
    recipients: list[WorkNamed]
    purposes: list[str]


class WorkRules(Schema):
    """A group whose vote on its rules the reader may write down: its latest version, and those
    settings of it that a phone changes."""

    group_id: UUID
    name: str
    currency: str
    currency_digits: int
    version: int
    settings: dict[str, int]


class WorkSmallLoan(Schema):
    """A product whose loans between these amounts are asked for and appraised on one page.
    `asks_reason`: whether one person may both advise and appraise here if she says why."""

    version_id: UUID
    product: str
    currency: str
    currency_digits: int
    least_units: int
    most_units: int
    instalments: int
    asks_reason: bool


class WorkLoanBefore(Schema):
    """What was told for the last small loan of somebody whom the reader appraised: what she asked
    for, and the marks (criterion → 0 to 4); `version_id` of its product as it is offered now."""

    person_no: str
    name: str
    version_id: UUID
    units: int
    instalments: int
    purpose: str
    marks: dict[str, int]


class AppraisalFacts(Schema):
    """What the plan behind an application comes to, as a loan is judged by it: smallest units,
    `cover` of the instalments with two decimals; null: not defined."""

    net_cash_units: int | None
    max_instalment_units: int | None
    max_loan_units: int | None
    smallest_loan_units: int | None
    lowest_cash_units: int
    months_in_red: int
    months: int
    cover: str | None
    too_indebted: bool


class WorkAppraisal(Schema):
    """An application that waits for the reader's appraisal; `criteria` of its product's grid;
    `facts` of the plan behind it, null where there is none in its currency."""

    application_id: UUID
    code: str
    person_id: UUID
    person_no: str
    name: str
    village: str
    product: str
    currency: str
    currency_digits: int
    asked_units: int
    least_units: int
    instalments: int
    purpose: str
    submitted_date: date
    criteria: list[str]
    asks_reason: bool
    facts: AppraisalFacts | None


class WorkAreaWanted(Schema):
    """Which area the office says this device takes along; without `id` none. It counts once, from
    when it was `chosen_at`: the holder may take another one along since."""

    id: UUID | None
    name: str
    chosen_at: AwareDatetime


class WorkPack(Schema):
    """What an officer's phone carries of her work, as of a day, and keeps for so many days.
    `carry_key`: under which it seals a file of what it could not send; `south`: whether the house
    lies south of the equator, where seasons turn about. `forms` are the questionnaires of the
    interviews by version, but for those the phone says it has; `registering` is null where the
    reader registers nobody, `needs` where she writes down no needs, `planning` where she writes no
    plans, `scoring` where she grades no group, `dossiers` where she writes no such vote down;
    `joining`: the groups she admits members to, `joining_left`: how many more there are;
    `persons_left`: how many of her caseload are not among these; `complaints`: whether she writes
    down what people complain of; `figures`: whether she reads figures, which come by
    work/figures."""

    as_of: date
    keep_days: int
    south: bool
    carry_key: str
    username: str
    sessions: list[WorkSession]
    loans: list[WorkLoan]
    interviews: list[WorkInterview]
    forms: dict[str, dict[str, Any]]
    registering: WorkRegistering | None
    persons: list[WorkKnown]
    persons_left: int
    visits: list[WorkVisit]
    points: list[WorkPoint]
    complaints: bool
    prices: list[WorkPrice]
    contracts: list[WorkContract]
    needs: WorkNeeds | None
    scoring: WorkScoring | None
    dossiers: WorkDossiers | None
    rules: list[WorkRules]
    joining: list[WorkNamed]
    joining_left: int
    small_loans: list[WorkSmallLoan]
    small_loans_before: list[WorkLoanBefore]
    planning: WorkPlanning | None
    followed: list[WorkFollowed]
    appraisals: list[WorkAppraisal]
    tests: list[WorkTest]
    figures: bool
    wanted_area: WorkAreaWanted | None


class WorkIn(Schema):
    """Facts: `id`, `name`, `happened_date`, `recorded_at` with offset, `body`. record_attendance:
    `session`, `enrolment` or `person_no`, `mark`, `minutes`. record_collection: `data_date` of the
    sheet, `counted_units`, `lines` of `loan`, `units`, `absent`. record_interview: `case`,
    `version`, `xml` as a form of ODK sends it. register_person: `purposes` agreed to of `notice`
    by `method`, `first_name`, `last_name`, `sex`, `birth_date` or `birth_year` or `age`, `phone`,
    `language`, `address`, `programme`, `area`, `consent_date` where she agreed on an earlier day,
    `replaces` where it is told in the place of one that was not taken; she has the id of the fact,
    as has a household.
    register_household: `members` (`person`, `relation`), `head`, `adults`, `children`.
    record_visit: `person`, `visit` where planned, `kind`, `place`, `situation`, `explanation`,
    `action`, `next_step`. miss_visit: `person`, `visit`, `reason`.
    record_place: `person`, `season`, `area`, `place`, `about_date`.
    write_plan: `person`, `plan` and `based_on` (its edition) of one there is, else `currency`,
    `start_month`, `enterprise`, or `repeats` with what `changed`; `title`, `idea`, `months`,
    `sheet`, `costing`, `finance`, `screening`, `words`, `steps`, `scenarios` as the pack tells
    them; `hand_in`, and then `engine` and `worked`: every figure of the phone by its name, as text,
    and `advice` (`statement`, `signed_by` SIGNATURE or MARK, `witness`) with its picture.
    record_test: `test`, `enrolment`, and `score`, `task_points`, `answers` to each question
    (`number`, `points`, `answer`) or `missed`.
    appraise_application: `application`, `person`, `recommendation`, `recommended_units`, `anchors`,
    `note`, `reason`. record_actual_month: `person`, `plan`, `month`, `visit`, and each figure that
    is known.
    record_grievance: `kind`, `text`, `tracking` the code given to whoever said it, `sensitivity`,
    `person`, `contact`, `language` where known.
    deliver_on_contract: `contract`, `grade`, `delivered`, `rejected`, `reject_reason`, `slip` the
    number on paper, `given_by`, `taken_by`, `price_units` as the phone showed it, `reason`. It and
    record_visit may tell `pictures` (`name`, `shows` PLACE, GOODS, DOCUMENT or PEOPLE, `agreed_at`
    of whoever can be seen in it), which come by work/pictures under `fact:` and the fact's id.
    record_price: `market`, `commodity`, `level`, `quotes`, `unit`, `availability`.
    assess_group: `group`, `card`, `version`, `people`, `marks` (`no`, `given`, `points`).
    adopt_constitution: `group`, `version`, `settings`, `effective_date`, `yes`, `no`, `abstain`.
    admit_member: `group`, `person` (who joins on `happened_date`).
    share_dossier: `group`, `to`, `purpose`, `yes`, `no`, `abstain`.
    record_needs: `programme`, `area`, `place`, `women`, `men`, `needs` (`what`, `women`, `men`).
    apply_for_small_loan: `person_no` on her card, `product`, `units`, `instalments`, `purpose`,
    `recommendation`, `recommended_units`, `anchors`, `note`, `reason`.
    record_delivery: `point`, `producer`, `shift`, `volume_ml`, `fat_bps`, `clr_x100`, `snf_bps`,
    `temp_c10`, `reason` where it was rejected; the delivery has the id of the fact. record_gate:
    `point`, `volume_ml`. take_back_delivery: `delivery`. `sent_at` is what the clock of the phone
    says now."""

    sent_at: AwareDatetime | None = None
    facts: list[dict[str, Any]] = Field(min_length=1, max_length=MOST)


class WorkAnswerOut(Schema):
    """What became of a fact: DONE, HANDED_ON (a second person decides), WAITING (kept, `reason`
    says why), LEFT_OUT or REFUSED (cannot be read). `sha256`: of the answers of an interview as
    they are stored; a phone lets go only what this proves."""

    id: Annotated[str, Field(max_length=36)]
    state: str
    reason: str
    sha256: str


class WorkAnswers(Schema):
    """One answer a fact, in the order in which they were sent."""

    answers: list[WorkAnswerOut]


@router.get("/work", response=WorkPack)
def show_work(request: StaffRequest, have: Have = None) -> dict[str, Any]:
    """The work of whoever this phone belongs to; a group's phone has none. `have`: the versions of
    questionnaires the phone carries already."""
    device = work_phone_of(request)
    pack, persons = work_queries.work_of(request.auth_staff, have=have or ())
    reads.note(request, persons=persons, action="LIST", highest="P")
    key = b64encode(carry_key(device)).decode()
    return pack | {"carry_key": key, "wanted_area": area_wanted(device)}


@router.post("/work", response=WorkAnswers)
def send_work(request: StaffRequest, told: WorkIn) -> WorkAnswers:
    """Hand in what was recorded away from the office. The same fact twice changes nothing; nothing
    is refused for being late."""
    device = device_of(request)
    if device is None:
        raise NotADevice
    answers = receive_work(
        told.facts, acting_staff=request.auth_staff, device=device, sent_at=told.sent_at
    )
    return WorkAnswers(
        answers=[
            WorkAnswerOut(id=a.id, state=a.state, reason=a.reason, sha256=a.sha256) for a in answers
        ]
    )
