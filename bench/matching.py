"""Who may be one person twice: 100,000 invented records at once, and newcomers one by one."""

import gc
import resource
from collections.abc import Iterator, Sequence
from statistics import median, quantiles
from time import perf_counter

from bench import NONE, Figure, benchmark, clock
from handup.people.rules.matching.engine import Register, find_in_batch
from handup.people.rules.matching.estimate import propose
from handup.people.rules.matching.model import FIXED_1
from handup.people.rules.matching.records import Record
from handup.people.tests.invented import Register as Invented

RECORDS = 100_000
MILLION = 1_000_000
LEARNT = 25_000
NEWCOMERS = 2_000


@benchmark(*NONE)
def a_hundred_thousand() -> Iterator[Figure]:
    """A batch, its precision and recall; then newcomers against it."""
    invented = Invented(RECORDS)
    with clock() as measured:
        records = invented.records()
    yield Figure("matching: names into normal form", measured.processor, "s of CPU", RECORDS)
    gc.freeze()
    with clock() as measured:
        report = find_in_batch(records)
    yield Figure("matching: a batch", measured.processor, "s of CPU", RECORDS)
    yield Figure("matching: a batch, by the clock", measured.seconds, "s", RECORDS)
    yield Figure("matching: pairs compared", report.compared, "pairs", RECORDS)
    yield Figure("matching: blocks skipped", len(report.skipped), "blocks", RECORDS)
    yield from _told(
        invented, {(item.first, item.second) for item in report.findings}, "fixed-1, families"
    )
    yield from _newcomers(records)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure("matching: memory at most", peak, "MB", RECORDS)


@benchmark(*NONE)
def newcomers_to_a_million() -> Iterator[Figure]:
    """A register of a million persons in memory; newcomers against it."""
    invented = Invented(MILLION)
    records = invented.records()
    gc.freeze()
    yield from _newcomers(records)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure("matching: memory of a million at most", peak, "MB", MILLION)


@benchmark(*NONE)
def weights_by_em() -> Iterator[Figure]:
    """Weights from 25,000 records and what they find, alone and among relatives."""
    for who, family in (("persons alone", 1), ("families", 5)):
        invented = Invented(LEARNT, family=family)
        records = invented.records()
        with clock() as measured:
            model = propose(records, version="em-1").model
        yield Figure(f"matching: weights by EM, {who}", measured.processor, "s of CPU", LEARNT)
        for used in (FIXED_1, model):
            report = find_in_batch(records, used)
            pairs = {(item.first, item.second) for item in report.findings}
            yield from _told(invented, pairs, f"{used.version}, {who}")


@benchmark("sqlite")
def beside_splink() -> Iterator[Figure]:
    """The library splink 5 on the same 100,000 records, fields and blocks, in the same run."""
    from handup.people.queries import splinked

    invented = Invented(RECORDS)
    records = invented.records()
    with clock() as measured:
        pairs = splinked.of_records(records)
    yield Figure("matching: splink, a batch", measured.processor, "s of CPU", RECORDS)
    yield Figure("matching: splink, a batch, by the clock", measured.seconds, "s", RECORDS)
    either = {pair if pair in invented.true_pairs else pair[::-1] for pair in pairs}
    yield from _told(invented, either, "splink, families")


def _told(invented: Invented, pairs: set[tuple[str, str]], model: str) -> Iterator[Figure]:
    right = len(pairs & invented.true_pairs)
    yield Figure(f"matching: precision, {model}", right / len(pairs), "of found", len(pairs))
    truth = len(invented.true_pairs)
    yield Figure(f"matching: recall, {model}", right / truth, "of true", truth)


def _newcomers(records: Sequence[Record]) -> Iterator[Figure]:
    """The last ones of the batch come one by one to those before them."""
    of = f"{len(records):,}"
    register, spent, looked = Register(records[:-NEWCOMERS]), [], []
    for record in records[-NEWCOMERS:]:
        began = perf_counter()
        looked.append(register.find(record).compared)
        spent.append(1000 * (perf_counter() - began))
    yield Figure(f"matching: a newcomer to {of}, median", median(spent), "ms", NEWCOMERS)
    yield Figure(
        f"matching: a newcomer to {of}, 95 of 100", quantiles(spent, n=20)[-1], "ms", NEWCOMERS
    )
    yield Figure(f"matching: a newcomer to {of}, pairs", median(looked), "pairs", NEWCOMERS)
