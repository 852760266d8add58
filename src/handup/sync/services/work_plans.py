"""A business plan written with an entrepreneur where there was no network: stored as a draft, and
handed in where that was asked for. What the phone worked out is worked out again here."""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from handup.kernel.chain import LIMIT
from handup.kernel.credit.codes import Method, Repayment
from handup.kernel.errors import Refusal
from handup.ledger.typed import check_currency
from handup.org.models import StaffUser
from handup.org.scope import without_opened
from handup.people.models import Enterprise, Person
from handup.plans.models import Plan
from handup.plans.refusals import InTheFuture
from handup.plans.rules.household import Evidence, MonthConvention, Section, Span
from handup.plans.rules.inputs import CostKind, DrawingsFrom, OwnWhatIf, Source
from handup.plans.rules.parts import Answer, Harm, Screened, Topic
from handup.plans.rules.states import Kept
from handup.plans.services import (
    ActionIn,
    CostingIn,
    CostLineIn,
    FinanceIn,
    HouseholdLineIn,
    InvestmentIn,
    ProductLineIn,
    RepeatIn,
    WholeIn,
    hold_against_phone,
    repeat_plan,
    start_plan,
    submit_plan,
    write_plan,
)
from handup.sync.errors import NotThatEnterprise, NotThatPlan, WithoutProgramme
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_day, is_device_id, is_number
from handup.sync.rules.plan_bounds import (
    BPS_MOST,
    FINANCE,
    MONEY,
    MONTHS_MOST,
    REPAYMENTS,
    UNITS_MOST,
)
from handup.sync.services import work_pictures as pictures
from handup.sync.services.work_advice import advise, is_advice
from handup.sync.services.work_people import known
from handup.sync.services.work_told import WorkTold, is_word

NAME = "write_plan"
PIECES_MOST = LIMIT - 1
LINES_MOST, FIGURES_MOST = 100, 10_000
SHORT, LONG = 120, 2_000
TAKEN = (WorkState.DONE, WorkState.HANDED_ON)


def is_plan(body: Mapping[str, Any]) -> bool:
    """Whether a body is a whole plan: `person`, `plan` (none: a new one, which has the id of the
    fact), `based_on` the edition the phone had, `repeats` the plan it is made again from with what
    `changed`, `replaces`, `enterprise`, `title`, `idea`, `currency`, `start_month`, `months`,
    `sheet`, `costing`, `finance`, `screening`, `words`, `steps`, `scenarios`; `hand_in`, and then
    `worked`, what the phone came to, figure by figure as texts, and its `engine`."""
    ids = ("plan", "repeats", "replaces", "enterprise")
    return (
        is_device_id(body.get("person"))
        and all(_is_none_or_id(body.get(name)) for name in ids)
        and (body.get("based_on") is None or is_number(body["based_on"], most=2**31 - 1))
        and is_word(body.get("title"), most=200)
        and is_word(body.get("idea", ""), most=LONG, least=0)
        and is_word(body.get("currency"), most=3, least=3)
        and is_day(body.get("start_month"))
        and is_number(body.get("months"), 1, MONTHS_MOST)
        and all(one in list(Kept) for one in _list(body.get("changed", [])))
        and isinstance(body.get("hand_in"), bool)
        and _is_worked(body)
        and _is_sheet(body.get("sheet"))
        and _is_costing(body.get("costing"), body["months"])
        and (body.get("finance") is None or _is_finance(body["finance"]))
        and _is_said(body)
        and is_advice(body)
    )


def _is_none_or_id(value: object) -> bool:
    return value is None or is_device_id(value)


def _list(value: object) -> list[Any]:
    """A list of bearable length; a list of nothing that fits for anything else."""
    return value if isinstance(value, list) and len(value) <= LINES_MOST else [None]


def _is_among(value: object, codes: type[StrEnum] | Collection[str]) -> bool:
    return isinstance(value, str) and value in list(codes)


def _is_worked(body: Mapping[str, Any]) -> bool:
    worked = body.get("worked", {})
    return (
        isinstance(worked, Mapping)
        and len(worked) <= FIGURES_MOST
        and bool(worked) is body["hand_in"]
        and is_word(body.get("engine", ""), most=20, least=1 if worked else 0)
        and all(is_word(name, most=60) for name in worked)
        and all(is_word(told, most=80, least=0) for told in worked.values())
    )


def _is_sheet(sheet: object) -> bool:
    return (
        isinstance(sheet, Mapping)
        and _is_among(sheet.get("convention"), MonthConvention)
        and is_number(sheet.get("miscellaneous_bps"), most=10_000)
        and is_word(sheet.get("note", ""), most=LONG, least=0)
        and all(_is_line(line) for line in _list(sheet.get("lines")))
    )


def _is_line(line: object) -> bool:
    return (
        isinstance(line, Mapping)
        and _is_among(line.get("section"), Section)
        and _is_among(line.get("span"), Span)
        and is_number(line.get("units"), most=UNITS_MOST)
        and is_word(line.get("name", ""), most=SHORT, least=0)
        and _is_among(line.get("evidence"), Evidence)
    )


def _is_costing(costing: object, months: int) -> bool:
    if not isinstance(costing, Mapping):
        return False
    return (
        all(is_number(costing.get(name), most=UNITS_MOST) for name in MONEY)
        and _is_among(costing.get("drawings_from"), DrawingsFrom)
        and (costing.get("season_bps") == [] or _is_monthly(costing.get("season_bps"), months))
        and all(_is_thing(one, months) for one in _list(costing.get("things")))
        and all(_is_product(one, months) for one in _list(costing.get("products")))
        and all(_is_cost(one, months) for one in _list(costing.get("costs")))
    )


def _is_monthly(values: object, months: int, most: int = BPS_MOST) -> bool:
    """Whether there is one number for each month."""
    return (
        isinstance(values, list)
        and len(values) == months
        and all(is_number(value, most=most) for value in values)
    )


def _is_thing(one: object, months: int) -> bool:
    return (
        isinstance(one, Mapping)
        and is_word(one.get("name"), most=SHORT)
        and is_number(one.get("month"), most=months)
        and is_number(one.get("cost_units"), most=UNITS_MOST)
        and _is_among(one.get("source"), Source)
        and is_number(one.get("life_months"), most=1_200)
        and is_number(one.get("salvage_units"), most=UNITS_MOST)
    )


def _is_product(one: object, months: int) -> bool:
    return (
        isinstance(one, Mapping)
        and is_word(one.get("name"), most=SHORT)
        and is_word(one.get("unit", ""), most=30, least=0)
        and all(
            is_number(one.get(name), most=UNITS_MOST)
            for name in ("price_units", "material_units", "labour_units")
        )
        and _is_monthly(one.get("quantities"), months, PIECES_MOST)
        and is_number(one.get("credit_share_bps"), most=10_000)
        and is_number(one.get("lag_months"), most=MONTHS_MOST)
        and is_number(one.get("bad_debt_bps"), most=10_000)
    )


def _is_cost(one: object, months: int) -> bool:
    return (
        isinstance(one, Mapping)
        and is_word(one.get("name"), most=SHORT)
        and _is_among(one.get("kind"), CostKind)
        and _is_monthly(one.get("amounts"), months, UNITS_MOST)
    )


def _is_finance(told: object) -> bool:
    return (
        isinstance(told, Mapping)
        and all(is_number(told.get(name), *bounds) for name, bounds in FINANCE.items())
        and told["grace_instalments"] < told["instalments"]
        and _is_among(told.get("method"), Method)
        and _is_among(told.get("repayment"), REPAYMENTS)
        and is_word(told.get("product_code", ""), most=40, least=0)
        and is_word(told.get("purpose", ""), most=200, least=0)
    )


def _is_said(body: Mapping[str, Any]) -> bool:
    """Whether what the plan says in words can be read."""
    harm, words = body.get("screening", {}), body.get("words", {})
    return (
        isinstance(harm, Mapping)
        and all(_is_among(name, Harm) for name in harm)
        and all(_is_screened(pair) for pair in harm.values())
        and isinstance(words, Mapping)
        and all(_is_among(name, Topic) for name in words)
        and all(is_word(text, most=LONG, least=0) for text in words.values())
        and all(_is_step(step) for step in _list(body.get("steps", [])))
        and all(_is_what_if(one, body["months"]) for one in _list(body.get("scenarios", [])))
    )


def _is_screened(pair: object) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and _is_among(pair[0], Answer)
        and is_word(pair[1], most=LONG, least=0)
    )


def _is_step(step: object) -> bool:
    return (
        isinstance(step, Mapping)
        and is_word(step.get("what"), most=200)
        and is_word(step.get("who"), most=SHORT)
        and is_day(step.get("due_date"))
    )


def _is_what_if(one: object, months: int) -> bool:
    return (
        isinstance(one, Mapping)
        and is_word(one.get("name"), most=80)
        and all(
            is_number(one.get(name), most=BPS_MOST)
            for name in ("sales_bps", "price_bps", "material_bps")
        )
        and all(is_number(one.get(name), most=months) for name in ("months_late", "lost_month"))
    )


def write(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Write the plan, and hand it in where that was told. What cannot be handed in yet, or came to
    something else on the phone, is stored all the same and a second person looks. Nothing is kept
    of whoever was erased since. Raises NotThatPerson, NotThatPlan, NotThatEnterprise,
    WithoutProgramme, InTheFuture, and what the services of plans refuse."""
    body = told.body
    person = known(staff, body["person"])
    if person.erased_date is not None:
        return WorkState.LEFT_OUT
    plan, based_on = _plan(told, staff, row, person)
    row.office_id = plan.office_id or person.office_id
    plan = write_plan(
        acting_staff=staff,
        plan=plan,
        whole=whole_of(body, told.happened_date),
        based_on=based_on,
        key=told.id,
    )
    # She signed it: her signature is kept with the plan, whatever becomes of the advice.
    pictures.expect(row, plan, body.get("pictures", []), person)
    if not body["hand_in"]:
        return WorkState.DONE
    try:
        version = submit_plan(
            acting_staff=staff, plan=plan, submitted_date=told.happened_date, id=told.id
        )
    except InTheFuture:
        raise  # its day comes: it waits
    except Refusal as refusal:  # the draft stands; what is missing is told with it
        row.reason = str(refusal)[:300]
        return WorkState.HANDED_ON
    difference = hold_against_phone(
        acting_staff=staff, version=version, told=body["worked"], engine_version=body["engine"]
    )
    if why := advise(told, staff, plan):
        row.reason = why[:300]
        return WorkState.HANDED_ON
    return WorkState.DONE if difference is None else WorkState.HANDED_ON


def _plan(
    told: WorkTold, staff: StaffUser, row: WorkFact, person: Person
) -> tuple[Plan, int | None]:
    """The plan a fact is about and the edition it was written from; a new one is started first."""
    body = told.body
    plans = Plan.objects.visible_to(without_opened(staff)).filter(person=person)
    earlier = row.replaces
    taken = WorkFact.objects.filter(staff=staff, name=NAME, state__in=TAKEN)
    if earlier is not None and taken.filter(pk=earlier).exists():
        # What this was written in the place of had come: it goes on from there.
        if (found := plans.filter(edition_key=earlier).first()) is not None:
            return found, found.edition
        return _that(plans, body.get("plan") or str(earlier)), 0
    if body.get("plan"):
        return _that(plans, body["plan"]), body.get("based_on") or 0
    if body.get("repeats"):
        again = RepeatIn(
            start_month=date.fromisoformat(body["start_month"]),
            started_date=told.happened_date,
            changed=[Kept(one) for one in body.get("changed", [])],
            id=told.id,
        )
        made = repeat_plan(acting_staff=staff, plan=_that(plans, body["repeats"]), told=again)
        return made, made.edition
    return _started(told, staff, person), None


def _that(plans: Any, key: str) -> Plan:
    found: Plan | None = plans.filter(pk=UUID(key)).first()
    if found is None:
        raise NotThatPlan
    return found


def _started(told: WorkTold, staff: StaffUser, person: Person) -> Plan:
    body = told.body
    if person.programme is None:
        raise WithoutProgramme
    check_currency(body["currency"], field="currency")
    enterprise: Enterprise | None = None
    if body.get("enterprise"):
        rows = Enterprise.objects.visible_to(without_opened(staff))
        enterprise = rows.filter(pk=body["enterprise"]).first()
        if enterprise is None:
            raise NotThatEnterprise
    return start_plan(
        acting_staff=staff,
        programme=person.programme,
        person=person,
        enterprise=enterprise,
        title=body["title"],
        currency=body["currency"],
        start_month=date.fromisoformat(body["start_month"]),
        started_date=told.happened_date,
        horizon_months=body["months"],
        id=told.id,
    )


def whole_of(body: Mapping[str, Any], on: date) -> WholeIn:
    """A body as the services of plans take it."""
    sheet, finance = body["sheet"], body.get("finance")
    words, harm = body.get("words", {}), body.get("screening", {})
    return WholeIn(
        title=body["title"],
        idea=body.get("idea", ""),
        horizon_months=body["months"],
        told_date=on,
        lines=[
            HouseholdLineIn(
                Section(line["section"]),
                Span(line["span"]),
                line["units"],
                line.get("name", ""),
                Evidence(line["evidence"]),
            )
            for line in sheet["lines"]
        ],
        convention=MonthConvention(sheet["convention"]),
        miscellaneous_bps=sheet["miscellaneous_bps"],
        note=sheet.get("note", ""),
        costing=_costing(body["costing"]),
        finance=_finance(finance) if finance else None,
        screening=[
            Screened(one, Answer(harm[one][0]), harm[one][1]) for one in Harm if one in harm
        ],
        answers={topic: words[topic] for topic in Topic if topic in words},
        steps=[
            ActionIn(step["what"], step["who"], date.fromisoformat(step["due_date"]))
            for step in body.get("steps", [])
        ],
        scenarios=[
            OwnWhatIf(**{name: one[name] for name in OwnWhatIf.__dataclass_fields__})
            for one in body.get("scenarios", [])
        ],
    )


def _costing(told: Mapping[str, Any]) -> CostingIn:
    return CostingIn(
        **{name: told[name] for name in MONEY},
        season_bps=tuple(told["season_bps"]),
        drawings_from=DrawingsFrom(told["drawings_from"]),
        investments=tuple(
            InvestmentIn(
                one["name"],
                one["cost_units"],
                Source(one["source"]),
                one["month"],
                one["life_months"],
                one["salvage_units"],
            )
            for one in told["things"]
        ),
        products=tuple(
            ProductLineIn(
                name=one["name"],
                unit=one.get("unit", ""),
                price_units=one["price_units"],
                material_units=one["material_units"],
                labour_units=one["labour_units"],
                quantities=tuple(one["quantities"]),
                credit_share_bps=one["credit_share_bps"],
                lag_months=one["lag_months"],
                bad_debt_bps=one["bad_debt_bps"],
            )
            for one in told["products"]
        ),
        costs=tuple(
            CostLineIn(one["name"], CostKind(one["kind"]), tuple(one["amounts"]))
            for one in told["costs"]
        ),
    )


def _finance(told: Mapping[str, Any]) -> FinanceIn:
    return FinanceIn(
        **{name: told[name] for name in FINANCE},
        method=Method(told["method"]),
        repayment=Repayment(told["repayment"]),
        product_code=told.get("product_code", ""),
        purpose=told.get("purpose", ""),
    )
