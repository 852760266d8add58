"""From the shared calculation vectors to the credit engine and back. Computes nothing."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from handup.kernel.credit import codes
from handup.kernel.credit.allocation import (
    INTEREST,
    PRINCIPAL,
    Amounts,
    Charge,
    Instalment,
    Ledger,
    Payment,
)
from handup.kernel.credit.apr import AprMethod, AprUnit, Flow, UnitPeriod
from handup.kernel.credit.apr import apr as apr_of
from handup.kernel.credit.arrears import Bucket, DueAndPaid, bucket_of
from handup.kernel.credit.arrears import arrears as arrears_of
from handup.kernel.credit.booking import Booked, Reversal, allocate_as_booked
from handup.kernel.credit.changes import apply_reschedule
from handup.kernel.credit.daily_rate import DailyRate
from handup.kernel.credit.dates import DuePlan, plan_due_dates
from handup.kernel.credit.payoff import Unpaid
from handup.kernel.credit.payoff import payoff as payoff_of
from handup.kernel.credit.recalculation import BalancePlan
from handup.kernel.credit.rescheduling import Request
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.standing import SignedRow, Standing
from handup.kernel.credit.terms import MILLION, NO_CURRENCY, Allocation, Fee, Terms
from handup.kernel.money import Rounding, RoundingMode

Case = Mapping[str, Any]


_THREE_PLACE_DAYS = {
    ("MONTH", None): codes.DayCount.MONTHS_12,
    ("WEEK", 365): codes.DayCount.WEEKS_7_365,
    ("WEEK", 360): codes.DayCount.WEEKS_7_360,
}
_FEE_BASES = {
    "AMOUNT": codes.FeeBase.FIXED,
    "PERCENT_OF_PRINCIPAL": codes.FeeBase.PRINCIPAL,
    "PERCENT_OF_INTEREST": codes.FeeBase.INTEREST,
    "PERCENT_OF_BOTH": codes.FeeBase.PRINCIPAL_AND_INTEREST,
}


def _ppm(percent: str | None) -> int:
    """A percentage as parts per million. Raises ValueError where it is finer than that."""
    exact = Fraction(percent or 0) * 10_000
    if exact.denominator != 1:
        raise ValueError(f"{percent} % is no whole number of millionths")
    return int(exact)


def _yearly(percent: str) -> Fraction:
    """A yearly rate in millionths, however fine it is."""
    return Fraction(percent) * 10_000


def _rounding(given: Case) -> Rounding:
    return Rounding(given["unit"], RoundingMode(given["mode"]))


def schedule(given: Case) -> Case:
    """`lending.schedule`."""
    due_dates = [date.fromisoformat(day) for day in given["due_dates"]]
    rate = _yearly(given["annual_rate_percent"])
    terms = Terms(
        currency=NO_CURRENCY,
        digits=given["currency_digits"],
        rate_ppm=rate.numerator,
        rate_parts=rate.denominator,
        instalments=len(due_dates) or 1,
        every=given["period"]["every"],
        unit=codes.DueUnit(given["period"]["unit"]),
        method=codes.Method(given["method"]),
        repayment=codes.Repayment(given["repayment"]),
        principal_ppm=_ppm(given["principal_percent"]),
        fixed_units=given["instalment"] or 0,
        day_count=codes.DayCount(given["day_count"]),
        annuity=codes.Annuity(given["annuity"]),
        smoothing=codes.Smoothing(given["smoothing"]),
        interest_rounding=_rounding(given["interest_rounding"]),
        principal_rounding=_rounding(given["principal_rounding"]),
        instalment_rounding=_rounding(given["instalment_rounding"]),
        grace_principal=given["grace"]["principal"],
        grace_interest_payment=given["grace"]["interest_payment"],
        grace_interest_free=given["grace"]["interest_free"],
        down_payment_ppm=_ppm(given["down_payment_percent"]),
    )
    handed = [
        Disbursement(date.fromisoformat(item["date"]), item["amount"])
        for item in given["disbursements"]
    ]
    plan = DuePlan.of(date.fromisoformat(given["first_period_from"]), due_dates)
    result = build_schedule(terms, handed, plan)
    return {
        "rows": [
            {
                "n": row.n,
                "kind": row.kind,
                "due_date": row.due_date.isoformat(),
                "principal": row.principal,
                "interest": row.interest,
                "due": row.due,
                "balance": row.balance,
            }
            for row in result.rows
        ],
        "total_interest": result.total_interest,
        "total_due": result.total_due,
    }


def rounded_schedule(given: Case) -> Case:
    """`lending.rounded_schedule`."""
    places, fee = given["rounding"], given["fee"]
    part = Rounding(1, RoundingMode(places["part_mode"]))
    flat = given["method"] == "FLAT"
    repayment = "EQUAL_INSTALMENTS" if flat else given["method"].removeprefix("DECLINING_")
    rate = _yearly(given["annual_rate_percent"])
    terms = Terms(
        currency=NO_CURRENCY,
        digits=given["currency_digits"],
        rate_ppm=rate.numerator,
        rate_parts=rate.denominator,
        instalments=given["instalments"],
        unit=codes.DueUnit(given["period"]),
        method=codes.Method.FLAT if flat else codes.Method.DECLINING,
        repayment=codes.Repayment(repayment),
        annuity=codes.Annuity.FIRST_PERIOD_RATE,
        day_count=_THREE_PLACE_DAYS[given["period"], given["days_in_year"]],
        interest_rounding=part,
        principal_rounding=part,
        fee_rounding=part,
        instalment_rounding=Rounding(
            places["instalment_unit"], RoundingMode(places["instalment_mode"])
        ),
        total_rounding=Rounding(places["total_unit"], RoundingMode(places["total_mode"])),
        grace_principal=given["grace_principal"],
        fees=()
        if fee["basis"] == "NONE"
        else (
            Fee(
                "FEE",
                when=codes.FeeWhen.INSTALMENT,
                base=_FEE_BASES[fee["basis"]],
                units=fee["amount"] or 0,
                ppm=_ppm(fee["percent"]),
            ),
        ),
    )
    start = date(2000, 1, 1)
    plan = plan_due_dates(terms, start)
    result = build_schedule(terms, [Disbursement(start, given["principal"])], plan)
    return {
        "rows": [
            {name: getattr(row, name) for name in ("n", "principal", "interest", "fee", "due")}
            for row in result.rows
        ],
        "total_due": result.total_due,
    }


def allocation(given: Case) -> Case:
    """`lending.allocation`."""
    strategy = given["strategy"]
    rules = Allocation(
        strategy=codes.Strategy(strategy["name"]),
        processing=codes.Processing(strategy["processing"] or "HORIZONTAL"),
        cells=tuple(
            (codes.When(cell["when"]), codes.Component(cell["component"]))
            for cell in strategy["order"] or ()
        ),
        components=tuple(codes.Component(name) for name in strategy["components"] or ()),
    )
    instalments = [
        Instalment(
            date.fromisoformat(row["due_date"]),
            row["principal"],
            row["interest"],
            kind=codes.RowKind(row["kind"]),
        )
        for row in given["instalments"]
    ]
    result = allocate_as_booked(rules, instalments, [_booked(item) for item in given["events"]])
    return {
        "instalments": [
            {
                "n": row.n,
                "due_date": row.due_date.isoformat(),
                **row.due._asdict(),
                "paid": row.paid.total,
                "paid_early": row.paid_early,
                "paid_late": row.paid_late,
                "left": row.left,
            }
            for row in result.rows
        ],
        "payments": [
            {"payment": split.key, **split.parts._asdict(), "overpaid": split.overpaid}
            for split in result.splits
        ],
        "left": result.left,
        "overpaid": result.overpaid,
    }


def _booked(event: Case) -> Booked:
    if event["event"] == "CHARGE":
        component = codes.Component(event["component"])
        return Charge(component, date.fromisoformat(event["due_date"]), event["amount"])
    if event["event"] == "REVERSE":
        return Reversal(event["payment"])
    return Payment(
        event["payment"],
        date.fromisoformat(event["date"]),
        event["amount"],
        codes.AdvanceTo(event["advance_to"]),
    )


def reschedule(given: Case) -> Case:
    """`lending.reschedule`."""
    asked = given["request"]
    rows = [
        SignedRow(
            number,
            date.fromisoformat(row["due_date"]),
            row["principal"],
            row["interest"],
            kind=codes.RowKind(row["kind"]),
        )
        for number, row in enumerate(given["instalments"], 1)
    ]
    terms = Terms(
        currency=NO_CURRENCY,
        digits=given["currency_digits"],
        rate_ppm=0,
        every=given["period"]["every"],
        unit=codes.DueUnit(given["period"]["unit"]),
        due_dates=tuple(row.due_date for row in rows if row.kind is codes.RowKind.INSTALMENT),
        method=codes.Method.FLAT,
        principal_rounding=Rounding(given["instalment_unit"], RoundingMode.HALF_EVEN),
    )
    rate = asked["new_annual_rate_percent"]
    request = Request(
        date.fromisoformat(asked["from_due_date"]),
        date.fromisoformat(asked["shift_to"]) if asked["shift_to"] else None,
        asked["principal_grace"],
        asked["extra_instalments"],
        None if rate is None else _ppm(rate),
    )
    loan = Standing(terms=terms)
    loan.open(request.from_date, rows, given["principal"])
    apply_reschedule(loan, request.from_date, request)
    return {
        "instalments": [
            {
                "n": number,
                "kind": row.kind,
                "due_date": row.due_date.isoformat(),
                "principal": row.due[PRINCIPAL],
                "interest": row.due[INTEREST],
            }
            for number, row in enumerate(loan.ledger.rows, 1)
        ]
    }


def arrears(given: Case) -> Case:
    """`lending.arrears`."""
    rows = [
        DueAndPaid(
            date.fromisoformat(row["due_date"]),
            Amounts(*(row[name] for name in Amounts._fields)),
            Amounts(*(row[f"paid_{name}"] for name in Amounts._fields)),
        )
        for row in given["instalments"]
    ]
    table = [
        Bucket(line["bucket"], line["from_days"], line["to_days"]) for line in given["buckets"]
    ]
    result = arrears_of(rows, date.fromisoformat(given["as_of"]))
    return {
        "days_in_arrears": result.days,
        "overdue": result.overdue._asdict(),
        "overdue_total": result.overdue_total,
        "principal_outstanding": result.principal_outstanding,
        "bucket": bucket_of(result.days, table),
        "at_risk": result.at_risk(given["risk_days"]),
        "at_risk_balance": result.at_risk_balance(given["risk_days"]),
    }


def payoff(given: Case) -> Case:
    """`lending.payoff`."""
    rate = _yearly(given["annual_rate_percent"])
    terms = Terms(
        currency=NO_CURRENCY,
        digits=given["currency_digits"],
        rate_ppm=rate.numerator,
        rate_parts=rate.denominator,
        every=given["period"]["every"],
        unit=codes.DueUnit(given["period"]["unit"]),
        day_count=codes.DayCount(given["day_count"]),
        payoff_interest=codes.PayoffInterest(given["rule"]),
        interest_rounding=Rounding(1, RoundingMode(given["interest_rounding"])),
        early_fee_ppm=_ppm(given["early_fee_percent"]),
    )
    result = payoff_of(
        terms,
        given["principal_left"],
        (date.fromisoformat(given["period_from"]), date.fromisoformat(given["period_to"])),
        date.fromisoformat(given["payoff_date"]),
        Unpaid(**given["unpaid"]),
    )
    return {**result._asdict(), "total": result.total}


def apr(given: Case) -> Case:
    """`lending.apr`."""
    period = given["unit_period"]
    result = apr_of(
        AprMethod(given["method"]),
        [Flow(date.fromisoformat(item["date"]), item["amount"]) for item in given["flows"]],
        None if period is None else UnitPeriod(AprUnit(period["unit"]), period["every"]),
        given["decimals"],
    )
    years = None if result.years is None else [str(time) for time in result.years]
    return {"rate_percent": result.text, "years": years}


def recalculation(given: Case) -> Case:
    """`lending.recalculation`."""
    due_dates = [date.fromisoformat(day) for day in given["due_dates"]]
    rate = _yearly(given["annual_rate_percent"])
    terms = Terms(
        currency=NO_CURRENCY,
        digits=given["currency_digits"],
        rate_ppm=rate.numerator,
        rate_parts=rate.denominator,
        instalments=len(due_dates),
        every=given["period"]["every"],
        unit=codes.DueUnit(given["period"]["unit"]),
        day_count=codes.DayCount(given["day_count"]),
        annuity=codes.Annuity.FIRST_PERIOD_RATE,
        interest_rounding=Rounding(1, RoundingMode.HALF_EVEN),
        instalment_rounding=Rounding(given["instalment_unit"], RoundingMode.HALF_EVEN),
        recalculation=codes.Recalculation.BALANCE,
        early_effect=codes.EarlyEffect(given["strategy"]),
    )
    plan = DuePlan.of(date.fromisoformat(given["disbursed_date"]), due_dates)
    balance = BalancePlan.begin(terms, Ledger(terms.allocation, ()), plan, given["principal"])
    for number, item in enumerate(given["payments"]):
        balance.pay(Payment(str(number), date.fromisoformat(item["date"]), item["amount"]))
    rows = [row.state() for row in balance.plan_on(date.fromisoformat(given["as_of"]))]
    return {
        "rows": [
            {
                "n": row.n,
                "due_date": row.due_date.isoformat(),
                "principal": row.due.principal,
                "interest": row.due.interest,
                "due": row.due.total,
                "paid": row.paid.total,
            }
            for row in rows
        ],
        "total_interest": sum(row.due.interest for row in rows),
    }


def daily_interest(given: Case) -> Case:
    """`lending.daily_interest`."""
    rate = Fraction(given["daily_rate"]) * MILLION
    terms = Terms(
        currency=NO_CURRENCY,
        digits=given["currency_digits"],
        rate_ppm=rate.numerator,
        rate_parts=rate.denominator,
        rate_per=codes.RatePer.DAY,
        recalculation=codes.Recalculation.DAILY_RATE,
    )
    ledger = Ledger(
        terms.allocation,
        [
            Instalment(
                date.fromisoformat(row["due_date"]), row["principal"], row["interest"], row["fee"]
            )
            for row in given["instalments"]
        ],
    )
    loan = DailyRate(terms, ledger, ledger.rows, date.fromisoformat(given["disbursed_date"]))
    for number, item in enumerate(given["payments"]):
        loan.pay(Payment(str(number), date.fromisoformat(item["date"]), item["amount"]))
    as_of = date.fromisoformat(given["as_of"])
    seen = loan.plan_on(as_of)
    return {
        "instalments": [
            {
                "n": state.n,
                "principal_paid": state.paid.principal,
                "principal_left": state.due.principal - state.paid.principal,
                "interest_paid": state.paid.interest - seen.late_paid[place],
                "interest_left": state.due.interest - state.paid.interest - seen.late_open(place),
                "late_interest": seen.late[place],
                "late_interest_paid": seen.late_paid[place],
                "fee_paid": state.paid.fee,
            }
            for place, state in enumerate(row.state() for row in seen.rows)
        ],
        "overpaid": sum(split.overpaid for split in ledger.splits),
        "payoff": loan.payoff(as_of),
    }


ADAPTERS: Mapping[str, Callable[[Case], object]] = {
    "lending.schedule": schedule,
    "lending.rounded_schedule": rounded_schedule,
    "lending.allocation": allocation,
    "lending.reschedule": reschedule,
    "lending.recalculation": recalculation,
    "lending.daily_interest": daily_interest,
    "lending.arrears": arrears,
    "lending.payoff": payoff,
    "lending.apr": apr,
}
