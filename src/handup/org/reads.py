"""The read log: one chained row per request that showed persons, before the answer leaves (rulings
19c).

A view, list, search or export that shows persons calls `note(request, persons=[...], action="VIEW",
highest="P")`, as often as it likes; `ReadLogMiddleware` writes one row for the whole request. A job
or command calls `write_entry`. If the row cannot be written the read fails.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from itertools import chain
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Max, Min, Q, Subquery
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone

from handup.kernel.chain import GENESIS, Link, breaks, canonical, link
from handup.kernel.crypto import is_signed, keyed_hash, sign
from handup.org import keys, triggers
from handup.org.bulk import insert_rows, update_rows
from handup.org.classes import DataClass, highest
from handup.org.models import ChainHead, Door, ReadAction, ReadEntry
from handup.org.scope import hidden_from, opened_to
from handup.org.verify import Difference

if TYPE_CHECKING:
    from handup.org.models import StaffUser

CHAIN = "reads"
SIGN_EVERY = 1_000
PIECE = 5_000
"""So many entries are taken away by one transaction."""
ACTIONS = [action.value for action in ReadAction]


@dataclass(slots=True)
class Noted:
    """What one request has shown so far."""

    persons: dict[str, None] = field(default_factory=dict)
    action: str = ReadAction.LIST.value
    classes: list[DataClass] = field(default_factory=list)
    purposes: dict[str, None] = field(default_factory=dict)
    search_hash: str = ""


def note(
    request: HttpRequest,
    persons: Iterable[Any],
    action: str = ReadAction.VIEW.value,
    highest: str = DataClass.P.value,
    purpose: str = "",
    search: str = "",
) -> None:
    """Remember that this request shows these persons (ids or persons), up to this class.

    `search` is what was searched for; only its keyed hash is kept. Streams call this before they
    begin.
    """
    noted = noted_of(request) or Noted()
    noted.persons.update((str(getattr(person, "pk", person)), None) for person in persons)
    noted.action = max(noted.action, ReadAction(action).value, key=ACTIONS.index)
    noted.classes.append(DataClass(highest))
    if purpose:
        noted.purposes[purpose] = None
    if search:
        noted.search_hash = search_key(search)
    request._noted_reads = noted  # type: ignore[attr-defined]  # travels with the request


def noted_of(request: HttpRequest) -> Noted | None:
    """Return what the request has shown, None when it showed no person."""
    return getattr(request, "_noted_reads", None)


def search_key(text: str) -> str:
    """Return the keyed hash of a search text."""
    return keyed_hash(keys.load().index_key("org.reads.search"), " ".join(text.casefold().split()))


def write_noted(request: HttpRequest, staff: "StaffUser | None", door: str) -> ReadEntry | None:
    """Write the one row of a request; nothing when it showed no person. Whom she sees by emergency
    access only is written as that.
    """
    noted = noted_of(request)
    if noted is None:
        return None
    opened = {str(person) for person in opened_to(staff)} if staff is not None else set()
    by_glass = not opened.isdisjoint(noted.persons)
    return write_entry(
        staff=staff,
        door=door,
        action=ReadAction.BREAK_GLASS.value if by_glass else noted.action,
        persons=list(noted.persons),
        highest=highest(noted.classes).value,
        purpose=" ".join(noted.purposes)[:200],
        search_hash=noted.search_hash,
        request_id=str(getattr(request, "request_id", "")),
    )


def write_entry(
    *,
    staff: "StaffUser | None",
    door: str,
    action: str,
    persons: Iterable[Any],
    highest: str,
    purpose: str = "",
    search_hash: str = "",
    request_id: str = "",
    now: datetime | None = None,
) -> ReadEntry:
    """Append one entry in a transaction of its own, the head row locked, and sign the head when
    due.
    """
    now = now or timezone.now()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    with transaction.atomic():
        head = _locked_head()
        entry = ReadEntry(
            number=head.number + 1,
            at=now,
            staff=staff,
            roles=sorted({grant.role.value for grant in staff.access}) if staff else [],
            door=Door(door).value,
            action=ReadAction(action).value,
            persons=[str(person) for person in persons],
            highest=highest,
            purpose=purpose,
            search_hash=search_hash,
            request_id=request_id,
            clock_back=head.at is not None and now < head.at,
            previous=head.hash,
        )
        entry.hash = link(head.hash, entry.content())
        insert_rows([entry])
        signs = head.signed_on != now.date() or entry.number >= head.signed_number + SIGN_EVERY
        head.number, head.hash, head.at = entry.number, entry.hash, max(now, head.at or now)
        if signs:
            head.signed_number, head.signed_on = entry.number, now.date()
        update_rows(ChainHead, _GROWS, [head])
        if signs:
            transaction.on_commit(lambda: _sign(entry))
    return entry


_GROWS = ("number", "hash", "at", "signed_number", "signed_on")
"""What of the head each entry moves on."""


def _locked_head() -> ChainHead:
    head = ChainHead.objects.select_for_update().filter(name=CHAIN).first()
    if head is None:
        ChainHead.objects.get_or_create(name=CHAIN)
        head = ChainHead.objects.select_for_update().get(name=CHAIN)
    return head


def heads_file() -> Path:
    """Return the file of signed heads, in settings.HEADS_DIR: best on another disk or machine."""
    return Path(settings.HEADS_DIR) / "reads.jsonl"


def _sign(entry: ReadEntry) -> None:
    body: dict[str, str | int] = {
        "chain": CHAIN,
        "number": entry.number,
        "hash": entry.hash,
    }
    held = keys.load()
    _write_head({**body, "public": held.public, "signature": sign(held.signing, canonical(body))})


def _write_head(line: Mapping[str, str | int]) -> None:
    path = heads_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")


def check_chain() -> Iterator[Difference]:
    """Find changed, removed, inserted and cut-off entries, and signed heads no longer reached. What
    was kept long enough is missing rightly up to the signed cut, and nothing behind it.

    Entries and head are read by one statement: what is written or cut meanwhile is no damage.
    """
    head = ChainHead.objects.filter(name=CHAIN).first()
    entries = _with_head().iterator(chunk_size=2000)
    first = next(entries, None)
    if first is not None:
        head = _head_seen(first)
    links = (
        Link(entry.number, entry.previous, entry.hash, entry.content())
        for entry in chain([first] if first is not None else (), entries)
    )
    last = (head.number, head.hash) if head else (0, None)
    cut = (head.cut_number, head.cut_hash) if head else (0, GENESIS)
    for found in breaks(links, after=cut[0], after_hash=cut[1], head=last[0], head_hash=last[1]):
        yield Difference(f"read log {found.number}", found.damage.value, "unbroken")
    if head is not None and head.cut_number and not _is_signed_cut(head):
        yield Difference(f"read log {head.cut_number}", "cut", "a cut signed by this house")
    yield from _check_signed_heads()


_OF_HEAD = ("number", "hash", "cut_number", "cut_hash", "cut_signature")


def _with_head() -> models.QuerySet[ReadEntry, ReadEntry]:
    """The entries in order, each with the head as the same statement sees it."""
    head = ChainHead.objects.filter(name=CHAIN)
    seen = {f"head_{name}": Subquery(head.values(name)[:1]) for name in _OF_HEAD}
    return ReadEntry.objects.order_by("number").annotate(**seen)


def _head_seen(entry: ReadEntry) -> ChainHead | None:
    """The head an entry was read with; None: there was none."""
    told = {name: getattr(entry, f"head_{name}") for name in _OF_HEAD}
    return None if told["number"] is None else ChainHead(name=CHAIN, **told)


def _is_signed_cut(head: ChainHead) -> bool:
    body = _cut_body(head.cut_number, head.cut_hash)
    return is_signed(keys.load().public, canonical(body), head.cut_signature)


def _cut_body(number: int, hash: str) -> dict[str, str | int]:
    return {"chain": CHAIN, "cut": number, "hash": hash}


def _cut_now() -> int:
    """The number of the last entry that was taken away, as it is now."""
    rows = ChainHead.objects.filter(name=CHAIN).values_list("cut_number", flat=True)
    return rows.first() or 0


def _check_signed_heads() -> Iterator[Difference]:
    path = heads_file()
    if not path.exists():
        if not connection.in_atomic_block and ReadEntry.objects.exists():
            yield Difference(str(path), "missing", "signed heads")
        return
    lines = path.read_text().splitlines()
    cut = _cut_now()  # after the file, which tells of no cut before it is stored
    public = keys.load().public
    for place, text in enumerate(lines, start=1):
        try:
            line = json.loads(text)
            number = line["cut"] if "cut" in line else line["number"]
            said = "cut" if "cut" in line else "number"
            body = {"chain": CHAIN, said: number, "hash": line["hash"]}
            valid = is_signed(public, canonical(body), line["signature"]) and number >= 0
        except (ValueError, KeyError, TypeError):
            valid, body, said, number = False, {}, "", 0
        if not valid:
            yield Difference(f"signed head, line {place}", "not signed by this house", "signed")
        elif said == "cut" and number > cut:
            yield Difference(f"read log {number}", "cut not known", str(body["hash"]))
        elif number > cut and not _is_there(number, str(body["hash"])):
            yield Difference(f"read log {number}", "not the signed entry", str(body["hash"]))


def _is_there(number: int, hash: str) -> bool:
    """Whether the entry that was signed stands, or was taken away while one looked."""
    return ReadEntry.objects.filter(number=number, hash=hash).exists() or number <= _cut_now()


def _last_to_cut(before: date) -> int:
    """The number of the last entry that may go: it and all before it are older than a day. The
    head stays, so that the next entry has something to follow.
    """
    first = timezone.make_aware(datetime.combine(before, time()))
    kept = ReadEntry.objects.filter(at__gte=first).aggregate(first=Min("number"))["first"]
    if kept is None:
        kept = ReadEntry.objects.aggregate(last=Max("number"))["last"] or 1
    return int(kept) - 1


def old_entries(before: date) -> int:
    """How many entries are older than a day, from the beginning of the chain."""
    return ReadEntry.objects.filter(number__lte=_last_to_cut(before)).count()


def cut_chain(before: date) -> int:
    """Take away the entries from before a day, from the beginning of the chain (protection.md 4.6);
    how many. The hash of the last of them is signed and kept, in the database and beside the signed
    heads, so that what remains still proves that nothing else is missing.

    In pieces, each a transaction with its own signed cut: whoever shows a person waits for one
    piece, not for the whole. Call it outside a transaction.
    """
    last, gone = _last_to_cut(before), 0
    while piece := _cut_piece(last, before):
        gone += piece
    return gone


def _cut_piece(last: int, before: date) -> int:
    """Take away the oldest entries, up to one number and no more than a piece; how many."""
    with transaction.atomic():
        head = _locked_head()
        upto = min(last, head.cut_number + PIECE)
        end = ReadEntry.objects.filter(number__lte=upto).order_by("-number").first()
        if end is None or end.number <= head.cut_number:
            return 0
        with triggers.may_delete(connection, "org.ReadEntry"):
            gone, _each = ReadEntry.objects.filter(number__lte=end.number).delete()
        body = _cut_body(end.number, end.hash)
        head.cut_number, head.cut_hash, head.cut_date = end.number, end.hash, before
        head.cut_signature = sign(keys.load().signing, canonical(body))
        head.save()
        line = {**body, "public": keys.load().public, "signature": head.cut_signature}
        transaction.on_commit(lambda: _write_head(line))
    return gone


def entries_for(staff: "StaffUser") -> models.QuerySet[ReadEntry, ReadEntry]:
    """The entries a reader may see: without those that showed nobody she may know of. What was
    denied stays, as it tells of the reader who asked.
    """
    rows = ReadEntry.objects.visible_to(staff)
    hidden = {str(person) for person in hidden_from(staff)}
    unseen = [
        pk
        for named in _naming(hidden)
        for pk, persons in named.values_list("pk", "persons")
        if hidden.issuperset(persons)
    ]
    return rows.exclude(pk__in=unseen) if unseen else rows


def entries_of_restricted(staff: "StaffUser") -> models.QuerySet[ReadEntry, ReadEntry]:
    """The entries that showed somebody the reader may not know of, or what lies in a restricted
    case: for whoever oversees the readers (docs/decisions/0015). Show them by `masked` only.
    """
    hidden = {str(person) for person in hidden_from(staff)}
    overseen = Q(highest=DataClass.R.value)
    for named in _naming(hidden):
        overseen |= Q(pk__in=named.values("pk"))
    return ReadEntry.objects.filter(overseen).exclude(action=ReadAction.DENIED.value)


def masked(staff: Any, records: Sequence[Any]) -> None:
    """Leave of entries that are shown, never stored, how many were restricted, and no id."""
    hidden = {str(person) for person in hidden_from(staff)}
    for entry in records:
        whole = entry.highest == DataClass.R.value
        entry.persons = ["" for person in entry.persons if whole or person in hidden]


# How many ids one question names: SQLite's expressions are at most 1,000 deep.
_AT_ONCE = 200


def _naming(hidden: set[str]) -> Iterator[models.QuerySet[Any, Any]]:
    """Entries that showed one of these persons, in as many questions as it takes."""
    rows = ReadEntry.objects.annotate(whom=Cast("persons", models.TextField()))
    rows = rows.exclude(action=ReadAction.DENIED.value).order_by()
    each = sorted(hidden)
    for start in range(0, len(each), _AT_ONCE):
        named = (Q(whom__contains=person) for person in each[start : start + _AT_ONCE])
        yield rows.filter(reduce(or_, named))


def without_hidden(staff: Any, records: Sequence[Any]) -> None:
    """Leave out of entries that are shown, never stored, the persons the reader may not know of."""
    hidden = {str(person) for person in hidden_from(staff)}
    for entry in records:
        if entry.action != ReadAction.DENIED.value:
            entry.persons = [person for person in entry.persons if person not in hidden]


def exports_today(staff: "StaffUser", now: datetime | None = None) -> int:
    """Count the exports of a staff user in the last 24 hours, for the limit of
    protection.md 4.10.
    """
    since = (now or timezone.now()) - timedelta(days=1)
    return ReadEntry.objects.filter(staff=staff, action=ReadAction.EXPORT, at__gte=since).count()
