"""Answers by their key, the same subject's answers of two rounds side by side, and enterprises as
visits found them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from handup.kernel.dates import whole_months_between
from handup.markets.models import PriceIndex
from handup.org.scope import leave_out
from handup.people.models import Enterprise, Ownership
from handup.people.rules.codes import Formality
from handup.plans.models import Segment
from handup.plans.queries import segment
from handup.results.gathering.base import Source, made_id, seconds
from handup.results.rules.enterprises import first_sale, whole, work_days
from handup.results.rules.expressions import Asked, Cell, Row
from handup.surveys.models import Answer
from handup.surveys.queries import AnswerFact, answers_by_key
from handup.surveys.rules.codes import RoundKind

MOST_UNITS = 10**15
"""No amount told of a month is more; a greater one is mistyped, and no column holds it."""
FORMAL = frozenset({Formality.REGISTERED.value, Formality.LICENSED.value})
UNANSWERED = frozenset({"", "DONT_KNOW", "REFUSED"})
SHARES = ("income_change", "life_change", "saves", "satisfied")
PLACES = {"MUCH_BETTER": 1, "BETTER": 2, "SAME": 3, "WORSE": 4, "MUCH_WORSE": 5}
"""Where an answer stands on the scale of changes, the best first."""
PAIRED = ("income_month", "aid_last_3_months", "plans_to_leave", "market_share")
TENTHS = frozenset({"market_share"})
"""Answers from 0 to 10: of ten customers near by so many buy here."""
AMOUNTS = frozenset({"income_month"})
SCALE = ("feels_at_home", "has_friends_here", "is_treated_fairly", "uses_services", "takes_part")
POINTS = {"STRONGLY_AGREE": 4, "AGREE": 3, "NEITHER": 2, "DISAGREE": 1, "STRONGLY_DISAGREE": 0}
"""What an answer to the integration scale is worth (rulings C27)."""
IMPROVEMENTS = ("records_kept", "new_product", "formalised", "new_equipment")
FOUND = (
    *("operating", "last_sale_date", "sales_month", "profit_month", "working_capital"),
    *IMPROVEMENTS,
)
WORKER = ("worker_sex", "worker_age", "worker_kind", "worker_days_last_30")


def _facts(source: Source, *keys: str) -> Iterator[AnswerFact]:
    facts = answers_by_key(
        keys=keys, programme_id=source.programme.pk, locked_only=True, weighted=True
    )
    return (fact for fact in facts if not source.leaves_out(fact.person_id, fact.subject_id))


def _cells(source: Source, fact: AnswerFact) -> dict[str, Cell]:
    person = source.whose(fact.person_id) if fact.person_id else None
    return {
        **source.person_cells(person, fact.answered_date),
        "subject": str(fact.subject_id),
        "subject_kind": fact.subject_kind.value,
        "key": fact.handup_key,
    }


def answer(source: Source) -> Iterator[Row]:
    """Accepted answers of locked rounds to the questions whose shares are told."""
    received = _received(source)
    for fact in _facts(source, *SHARES):
        person = source.whose(fact.person_id) if fact.person_id else None
        cells = _cells(source, fact) | {
            "household": source.household_on(person, fact.answered_date) if person else None,
            "value": fact.value,
            "place": PLACES.get(fact.value),
            "round": str(fact.round_id),
            "round_kind": fact.round_kind.value,
            "valid": fact.value not in UNANSWERED,
            "weight_numerator": fact.weight.numerator,
            "weight_denominator": fact.weight.denominator,
            "stratum": fact.stratum or None,
            "cluster": fact.cluster or None,
        }
        yield _row(source, fact, received, cells)


def _received(source: Source) -> dict[tuple[UUID, UUID], Any]:
    """When the answers of each subject in each round arrived."""
    rows = Answer._base_manager.filter(
        submission__round__programme=source.programme, submission__state="ACCEPTED"
    ).order_by()
    told = rows.values_list(
        "submission__round_id", "submission__case__subject_id", "submission__received_at"
    )
    return {(round_id, subject): moment for round_id, subject, moment in told.distinct()}


def _row(source: Source, fact: AnswerFact, received: Any, cells: dict[str, Cell]) -> Row:
    moment = received[fact.round_id, fact.subject_id]
    record = made_id(fact.round_id, fact.subject_id, fact.handup_key)
    return {
        "record": record,
        "day": fact.answered_date,
        "received": seconds(moment),
        "programme": source.programme.code,
        "project_phase": source.phases.get(fact.phase_id, "") if fact.phase_id else "",
        "branch": "",
        **cells,
    }


def paired(source: Source) -> Iterator[Row]:
    """The first answer of each subject in a baseline beside each later one; amounts in money of
    the first month, by the price index. Without an index there is no pair, so no figure."""
    received, prices = _received(source), _Prices(source)
    before: dict[tuple[UUID, str], AnswerFact] = {}
    for fact in _facts(source, *PAIRED):
        key = (fact.subject_id, fact.handup_key)
        if fact.value in UNANSWERED:
            continue
        if fact.round_kind is RoundKind.BASELINE:
            before.setdefault(key, fact)
            continue
        first = before.get(key)
        if first is None:
            continue
        change = None
        if fact.handup_key in AMOUNTS:
            change = _real_change(first, fact, prices)
            if change is None:
                continue
        elif fact.handup_key in TENTHS:
            change = _more_of_ten(first.value, fact.value)
            if change is None:
                continue
        cells = _cells(source, fact) | {
            "before": first.value if change is None else "",
            "after": fact.value if change is None else "",
            "real_change": change,
            "currency": fact.currency if fact.handup_key in AMOUNTS else "",
        }
        yield _row(source, fact, received, cells)
    yield from _integration(source, received)


def _more_of_ten(first: str, later: str) -> int | None:
    """How many more of ten there are; None where one answer is no whole number from 0 to 10."""
    try:
        was, now = int(first), int(later)
    except ValueError:
        return None
    return now - was if 0 <= was <= 10 and 0 <= now <= 10 else None


def _integration(source: Source, received: Any) -> Iterator[Row]:
    """The points of the integration scale in a baseline beside those of each later round, of
    whoever answered all five questions in both.
    """
    told: dict[tuple[UUID, UUID], dict[str, AnswerFact]] = defaultdict(dict)
    for fact in _facts(source, *SCALE):
        if fact.value in POINTS:
            told[fact.round_id, fact.subject_id][fact.handup_key] = fact
    first: dict[UUID, int] = {}
    later: list[tuple[AnswerFact, int]] = []
    for facts in told.values():
        if len(facts) < len(SCALE):
            continue
        fact, points = facts[SCALE[0]], sum(POINTS[one.value] for one in facts.values())
        if fact.round_kind is RoundKind.BASELINE:
            first.setdefault(fact.subject_id, points)
        else:
            later.append((fact, points))
    for fact, points in later:
        if fact.subject_id in first:
            cells = _cells(source, fact) | {
                "key": "integration",
                "before": "",
                "after": "",
                "real_change": points - first[fact.subject_id],
                "currency": "",
            }
            yield _row(source, fact, received, cells)


class _Prices:
    """The price index by currency and month; a month without one is named to the source."""

    def __init__(self, source: Source) -> None:
        rows = PriceIndex._base_manager.values_list("currency", "month", "index_milli")
        self._held = {(currency, month): index for currency, month, index in rows}
        self._gaps = source.price_gaps

    def of(self, *facts: AnswerFact) -> list[int]:
        """The index of the month of each answer; of none where one is missing."""
        places = [(fact.currency, _month(fact)) for fact in facts]
        for place in places:
            if place not in self._held:
                told = self._gaps.setdefault((facts[-1].handup_key, *place), set())
                told.add(str(facts[-1].subject_id))
        return [self._held[place] for place in places if all(one in self._held for one in places)]


def _real_change(first: AnswerFact, later: AnswerFact, prices: _Prices) -> int | None:
    """What an amount rose by, in smallest units of the first month's money; None where currency,
    month or index is missing, or the amount is none that a business or a home can have."""
    if first.currency != later.currency:
        return None
    try:
        was, now = int(first.value), int(later.value)
    except ValueError:
        return None
    if max(abs(was), abs(now)) > MOST_UNITS:
        return None
    found = prices.of(first, later)
    if not found:
        return None
    base, index = found
    change = (2 * now * base + index) // (2 * index) - was
    return change if abs(change) <= MOST_UNITS else None


def _month(fact: AnswerFact) -> date:
    return (fact.reference_month or fact.answered_date).replace(day=1)


def _enterprises(source: Source) -> list[Enterprise]:
    rows = Enterprise._base_manager.filter(programme=source.programme)
    return list(leave_out(rows, source.without).order_by("registered_date", "id"))


def _owners(source: Source) -> dict[UUID, UUID]:
    rows = (
        Ownership._base_manager.filter(enterprise__programme=source.programme)
        .exclude(person_id__in=source.without)
        .order_by("id")
    )
    return {
        enterprise: source.whose(person)
        for enterprise, person in rows.values_list("enterprise_id", "person_id")
    }


Visits = dict[UUID, dict[date, dict[str, str]]]


def _visits(source: Source) -> Visits:
    """What each visit found of an enterprise, by day and key; the words of its rows of workers
    stand under `worker_… <row>`."""
    found: Visits = defaultdict(lambda: defaultdict(dict))
    for fact in _facts(source, *FOUND, *WORKER):
        if fact.subject_kind.value == "ENTERPRISE":
            name = fact.handup_key
            if name in WORKER:
                name = f"{name} {fact.repeat_index}"
            found[fact.subject_id][fact.answered_date][name] = fact.value
            found[fact.subject_id][fact.answered_date]["round"] = fact.round_kind.value
    return found


def _served(source: Source) -> dict[UUID, date]:
    """The first day any of the owners of each enterprise was served."""
    first: dict[Cell, date] = {}
    for row in source.table("service"):
        day = row["day"]
        assert isinstance(day, date)
        first.setdefault(row["person"], day)  # rows come in the order of their days
    found: dict[UUID, date] = {}
    owned = Ownership._base_manager.filter(enterprise__programme=source.programme).exclude(
        person_id__in=source.without
    )
    for enterprise, person in owned.values_list("enterprise_id", "person_id"):
        began = first.get(str(source.whose(person)))
        if began is not None:
            found[enterprise] = min(began, found.get(enterprise, began))
    return found


def _gains(source: Source) -> dict[UUID, list[date]]:
    """The days on which a visit found more profit of an enterprise than the first one that told
    any, in money of that month. Without a price index nothing can be said."""
    prices = _Prices(source)
    first: dict[UUID, AnswerFact] = {}
    found: dict[UUID, list[date]] = defaultdict(list)
    facts = [fact for fact in _facts(source, "profit_month") if fact.value not in UNANSWERED]
    for fact in sorted(facts, key=lambda one: (one.answered_date, str(one.round_id))):
        if fact.subject_kind.value != "ENTERPRISE":
            continue
        before = first.setdefault(fact.subject_id, fact)
        if before is fact or before.answered_date == fact.answered_date:
            continue
        change = _real_change(before, fact, prices)
        if change is not None and change > 0:
            found[fact.subject_id].append(fact.answered_date)
    return found


def enterprise(source: Source) -> Iterator[Row]:
    """Enterprises: since when they are served, whether they existed before, when the first sale
    after it was, and when a later visit first found something better or more profit."""
    owners, visits = _owners(source), _visits(source)
    served, gains = _served(source), _gains(source)
    for row in _enterprises(source):
        owner = owners.get(row.pk)
        day = row.registered_date
        began = served.get(row.pk)
        existed = row.start_date is None or row.start_date < (began or day)
        seen = visits.get(row.pk, {})
        better = [
            on
            for on, told in sorted(seen.items())
            if told.get("round") != RoundKind.BASELINE.value
            and any(told.get(key) == "YES" for key in IMPROVEMENTS)
        ]
        better = [on for on in (*better, *gains.get(row.pk, ())) if began and on > began]
        cells = source.person_cells(owner, day) | {
            "enterprise": str(row.pk),
            "enterprise_sector": row.trade,
            "existed": existed,
            "formal": row.formality in FORMAL,
            "closed_day": row.closed_date,
            "served_day": began,
            "started_day": first_sale(began, existed=existed, visits=seen) if began else None,
            "improved_day": min(better) if better and existed else None,
        }
        cells |= _place(source, row, day)
        yield source.row(row.pk, day, row.recorded_at, cells, person=owner, office=row.office_id)


def _place(source: Source, row: Enterprise, day: date) -> dict[str, Cell]:
    area1, area2 = source.areas.get(row.area_id, ("", "")) if row.area_id else ("", "")
    kind = source.settlements.on(row.area_id, day)
    return {"area1": area1, "area2": area2, "urban_rural": kind}


def check(source: Source) -> Iterator[Row]:
    """Every visit to an enterprise: whether it runs, its size, and the days worked there in a year
    (at most 240 a worker; the owner is not counted)."""
    owners, visits = _owners(source), _visits(source)
    ranks, served = _segments(source), _served(source)
    for row in _enterprises(source):
        owner = owners.get(row.pk)
        for day, told in sorted(visits.get(row.pk, {}).items()):
            runs = told.get("operating") != "NO"
            capital = whole(told.get("working_capital", ""))
            cells = source.person_cells(owner, day) | {
                "enterprise": str(row.pk),
                "enterprise_sector": row.trade,
                "worker_kind": "",
                "served_day": served.get(row.pk),
                "operating": runs,
                "segment": ranks.get(segment(source.programme, capital))
                if capital is not None
                else None,
                "work_days": work_days(told) if runs else 0,
            }
            cells |= _place(source, row, day)
            yield source.row(
                made_id(row.pk, day),
                day,
                row.recorded_at,
                cells,
                person=owner,
                office=row.office_id,
            )
        if row.closed_date is not None:
            cells = source.person_cells(owner, row.closed_date) | {
                "enterprise": str(row.pk),
                "enterprise_sector": row.trade,
                "worker_kind": "",
                "served_day": served.get(row.pk),
                "operating": False,
                "segment": None,
                "work_days": 0,
            }
            cells |= _place(source, row, row.closed_date)
            yield source.row(
                made_id(row.pk, "closed"),
                row.closed_date,
                row.recorded_at,
                cells,
                person=owner,
                office=row.office_id,
            )


def _segments(source: Source) -> dict[str, int]:
    rows = Segment.objects.filter(programme=source.programme).order_by("from_units")
    return {code: rank for rank, code in enumerate(rows.values_list("code", flat=True), 1)}


def lives(rows: list[Row], asked: Asked) -> Iterator[Row]:
    """How long each enterprise that was served was watched from its first service, and whether it
    closed: at the first visit that found it closed, else open at the last one."""
    for item in _by_enterprise(rows).values():
        ended = next((row for row in item if not row["operating"]), None)
        last = ended or item[-1]
        began, day = last["served_day"], last["day"]
        if not isinstance(began, date):
            continue
        assert isinstance(day, date)
        months = max(whole_months_between(began, day), 0)
        yield {**last, "months": months, "closed": ended is not None}


def segment_moves(rows: list[Row], asked: Asked) -> Iterator[Row]:
    """The size class of each enterprise at the first visit that told one, and at the last."""
    sized = [row for row in rows if row["segment"] is not None]
    for item in _by_enterprise(sized).values():
        if len(item) > 1:
            first, last = item[0]["segment"], item[-1]["segment"]
            yield {**item[-1], "first_segment": first, "last_segment": last}


def job_changes(rows: list[Row], asked: Asked) -> Iterator[Row]:
    """The days worked in a year at the last visit less those at the last one before the period
    began (the first visit where that is later)."""
    told = [row for row in rows if row["work_days"] is not None]
    for item in _by_enterprise(told).values():
        before = [
            row
            for row in item
            if asked.start is not None and isinstance(row["day"], date) and row["day"] < asked.start
        ]
        first = before[-1] if before else item[0]
        last = item[-1]
        days = int(str(last["work_days"])) - int(str(first["work_days"]))
        yield {**last, "days": days}


def _by_enterprise(rows: list[Row]) -> dict[Cell, list[Row]]:
    """The visits of each enterprise, the earliest first."""
    found: dict[Cell, list[tuple[Any, int, Row]]] = defaultdict(list)
    for place, row in enumerate(rows):
        found[row["enterprise"]].append((row["day"], place, row))
    return {
        key: [row for _day, _place, row in sorted(held, key=lambda one: one[:2])]
        for key, held in found.items()
    }
