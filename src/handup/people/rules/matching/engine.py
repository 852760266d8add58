"""Find who may be one person: in a whole batch at once, or one newcomer against a register. Pure.

The order in which records come changes nothing: sizes of blocks and shares of values are counted
before the first pair is compared, fits are the same either way round, and findings are sorted.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from handup.kernel.errors import Refusal
from handup.people.rules.matching.blocks import (
    LIMIT,
    TooLarge,
    block_keys,
    meetings,
    sizes_of,
    too_large,
)
from handup.people.rules.matching.decide import (
    Finding,
    Fits,
    Guard,
    Verdict,
    log_odds,
    parts_of,
    prior_of_batch,
    prior_of_newcomer,
    probability,
    verdict_of,
)
from handup.people.rules.matching.fits import Outcome, level_of
from handup.people.rules.matching.model import FIXED_1, Model, check_model
from handup.people.rules.matching.records import Document, Record
from handup.people.rules.matching.scheme import Row, Shares, person_scheme, scales, weigh

Pair = tuple[str, str]


class NothingToCompareBy(Refusal):
    """The duplicate check cannot run: none of the {count} records has a name with a date or a
    place, a telephone or a document.
    """


class SameIdTwice(Refusal):
    """The duplicate check cannot run: the record {id} is there twice."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found and what it did not look at."""

    findings: tuple[Finding, ...]
    skipped: tuple[TooLarge, ...]
    compared: int
    without_key: int
    guarded: dict[Guard, int]


class Judge:
    """One model over one register: compares two rows and decides.

    Without `shares` equal values weigh as the model's table says. For one newcomer it is enough
    that they count the values the newcomer has, and how many records have any.
    """

    def __init__(self, model: Model, shares: Shares | None = None) -> None:
        self.scheme, self.model = person_scheme(), model
        check_model(model, dict(zip(self.scheme.codes, self.scheme.levels, strict=True)))
        self.row, self.outcomes = self.scheme.row, self.scheme.outcomes
        self.weigh_by(shares)
        place = {code: at for at, code in enumerate(self.scheme.codes)}
        self._asked = tuple(
            place[code] for code in ("first_name", "last_name", "birth_date", "document")
        )
        self.document = place["document"]

    def weigh_by(self, shares: Shares | None) -> None:
        """Weigh equal values by these shares from now on."""
        self.scales = scales(self.scheme, self.model, shares)

    def finding(
        self, one: Record, other: Record, outcomes: Sequence[Outcome], prior_bits: float,
        told_different: bool = False,
    ) -> Finding:  # fmt: skip
        """Decide one pair and explain it."""
        bits = [scale[outcome] for scale, outcome in zip(self.scales, outcomes, strict=True)]
        total = prior_bits + sum(bits)
        p = probability(total)
        first, last, birth, document = (level_of(outcomes[at]) for at in self._asked)
        home = bool(one.household) and one.household == other.household
        verdict, guard = verdict_of(p, Fits(first, last, birth, document, home, told_different))
        ids = sorted((one.id, other.id))
        parts = parts_of(prior_bits, self.scheme.codes, self.scheme.levels, outcomes, bits)
        return Finding(ids[0], ids[1], total, p, verdict, guard, parts)


NEVER: frozenset[Pair] = frozenset()


def find_in_batch(
    records: Sequence[Record],
    model: Model = FIXED_1,
    *,
    fresh: Collection[str] | None = None,
    told_different: Collection[Pair] = NEVER,
    limit: int = LIMIT,
) -> Report:
    """Compare all records with each other; with `fresh`, only pairs with one of these ids.

    `told_different` are pairs of ids in their order that somebody decided to be two persons.
    Raises NothingToCompareBy, SameIdTwice, ModelUnusable.
    """
    judge = Judge(model)
    rows = [judge.row(record) for record in records]
    judge.weigh_by(judge.scheme.shares(rows))
    keys = [block_keys(record) for record in records]
    _refuse_unusable(records, keys)
    sizes = sizes_of(keys)
    prior = log_odds(prior_of_batch(model.duplicate_share, len(records)))
    new = None if fresh is None else [record.id in fresh for record in records]
    findings: list[Finding] = []
    guarded: Counter[Guard] = Counter()
    compared = 0
    for place, met in meetings(keys, sizes, limit):
        if new is not None and not new[place]:
            met = {other for other in met if new[other]}
        compared += len(met)
        record, row = records[place], rows[place]
        for other in met:
            outcomes = judge.outcomes(row, rows[other])
            enough = weigh(judge.scales, outcomes) + prior > -1e-6
            if enough or outcomes[judge.document] == 0:
                pair = (min(record.id, records[other].id), max(record.id, records[other].id))
                told = pair in told_different
                found = judge.finding(record, records[other], outcomes, prior, told)
                guarded[found.guard] += 1
                if found.verdict is not Verdict.NONE:
                    findings.append(found)
    del guarded[Guard.NOTHING]
    unkeyed = sum(not values for values in keys)
    return Report(_sorted(findings), too_large(sizes, limit), compared, unkeyed, dict(guarded))


def weigh_pairs(
    records: Sequence[Record],
    pairs: Iterable[Pair],
    model: Model = FIXED_1,
    *,
    told_different: Collection[Pair] = NEVER,
) -> Report:
    """Weigh pairs that another engine takes for one person, and explain each.

    One that our weights doubt is possible all the same: the engines differ, a person looks. What a
    guard says holds. Who shares a document is weighed even when the other engine is silent.
    """
    judge = Judge(model)
    rows = [judge.row(record) for record in records]
    judge.weigh_by(judge.scheme.shares(rows))
    keys = [block_keys(record) for record in records]
    _refuse_unusable(records, keys)
    prior = log_odds(prior_of_batch(model.duplicate_share, len(records)))
    place = {record.id: at for at, record in enumerate(records)}
    findings: list[Finding] = []
    guarded: Counter[Guard] = Counter()
    asked = {(min(pair), max(pair)) for pair in pairs} | set(_one_document(records))
    for one, other in sorted(asked):
        outcomes = judge.outcomes(rows[place[one]], rows[place[other]])
        told = (one, other) in told_different
        found = judge.finding(records[place[one]], records[place[other]], outcomes, prior, told)
        guarded[found.guard] += 1
        if found.verdict is Verdict.NONE and found.guard is Guard.NOTHING:
            found = replace(found, verdict=Verdict.POSSIBLE)
        if found.verdict is not Verdict.NONE:
            findings.append(found)
    del guarded[Guard.NOTHING]
    unkeyed = sum(not values for values in keys)
    return Report(_sorted(findings), (), len(asked), unkeyed, dict(guarded))


def _one_document(records: Iterable[Record], limit: int = LIMIT) -> Iterator[Pair]:
    """Pairs with one document between them; one that too many bear proves nothing."""
    bearers: dict[Document, list[str]] = {}
    for record in records:
        for paper in record.documents:
            bearers.setdefault(paper, []).append(record.id)
    for ids in bearers.values():
        if len(ids) <= limit:
            yield from combinations(sorted(ids), 2)


def _refuse_unusable(records: Sequence[Record], keys: Sequence[Sequence[str]]) -> None:
    if len(records) > 1 and not any(keys):
        raise NothingToCompareBy(count=len(records))
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            raise SameIdTwice(id=record.id)
        seen.add(record.id)


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda item: (-item.bits, item.first, item.second)))


class Register:
    """Known records kept ready, so that a newcomer is compared at once.

    Shares are those of the records it was made of; `add` puts a newcomer among them.
    """

    def __init__(
        self, records: Iterable[Record], model: Model = FIXED_1, *, limit: int = LIMIT
    ) -> None:
        self.limit = limit
        self._records: list[Record] = []
        self._rows: list[Row] = []
        self._blocks: dict[str, list[int]] = {}
        self._judge = Judge(model)
        self._ids: set[str] = set()
        for record in records:
            self.add(record)
        self._judge.weigh_by(self._judge.scheme.shares(self._rows))

    def __len__(self) -> int:
        return len(self._records)

    def add(self, record: Record) -> None:
        """Take in one more record. Raises SameIdTwice."""
        if record.id in self._ids:
            raise SameIdTwice(id=record.id)
        self._ids.add(record.id)
        place = len(self._records)
        self._records.append(record)
        self._rows.append(self._judge.row(record))
        for key in block_keys(record):
            self._blocks.setdefault(key, []).append(place)

    def find(self, record: Record, *, told_different: Collection[Pair] = NEVER) -> Report:
        """Compare one newcomer with all she shares a block with; her own id is left out."""
        keys, met = block_keys(record), set[int]()
        skipped = []
        for key in keys:
            block = self._blocks.get(key, ())
            size = len(block) + (record.id not in self._ids)
            if size > self.limit:
                skipped.append(TooLarge(key, size))
            else:
                met.update(block)
        return compare_with(
            self._judge,
            record,
            [(self._records[at], self._rows[at]) for at in met],
            size=len(self._records),
            told_different=told_different,
            skipped=skipped,
            keyed=bool(keys),
        )


def compare_with(
    judge: Judge,
    record: Record,
    others: Iterable[tuple[Record, Row]],
    *,
    size: int,
    told_different: Collection[Pair] = NEVER,
    skipped: Iterable[TooLarge] = (),
    keyed: bool = True,
) -> Report:
    """Compare one record with others already found by its keys, out of a register of `size`."""
    prior = log_odds(prior_of_newcomer(judge.model.duplicate_share, size))
    row, findings, compared = judge.row(record), [], 0
    guarded: Counter[Guard] = Counter()
    for other, other_row in others:
        if other.id == record.id:
            continue
        compared += 1
        outcomes = judge.outcomes(row, other_row)
        if weigh(judge.scales, outcomes) + prior <= -1e-6 and outcomes[judge.document] != 0:
            continue
        told = (min(record.id, other.id), max(record.id, other.id)) in told_different
        found = judge.finding(record, other, outcomes, prior, told)
        guarded[found.guard] += 1
        if found.verdict is not Verdict.NONE:
            findings.append(found)
    del guarded[Guard.NOTHING]
    large = tuple(sorted(skipped, key=lambda block: (-block.size, block.key)))
    return Report(_sorted(findings), large, compared, int(not keyed), dict(guarded))
