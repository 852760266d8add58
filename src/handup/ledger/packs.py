"""Charts of accounts and posting rules as data: CSV files in charts/, read once and checked as they
are read.

To add a chart for a country or an institution, copy charts/programme.csv into the folder `charts`
of the data, give it a name and load it with load_chart(pack="name"). The roles are what the rules
call the accounts by; codes and names are free, a column `name_fr` beside `name_en` tells them in
another language; names of the program's own charts are translated by its catalogues. A line of
`packs.csv` beside it names its version and the kinds of books it is for; without one it is version
1, for any kind.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language, gettext

from handup.ledger.errors import ChartFault
from handup.ledger.rules.posting_rules import PostingRule, RuleTable, roles_needed
from handup.ledger.rules.words import AccountType, BookKind, CashClass, CashKind

FOLDER = Path(__file__).parent / "charts"
NOT_CHARTS = frozenset({"packs", "posting_rules"})


@dataclass(frozen=True, slots=True)
class Pack:
    """A chart there is: its name, its version, the kinds of books it is for."""

    name: str
    version: int
    kinds: frozenset[BookKind]
    path: Path


def folders() -> tuple[Path, ...]:
    """Where charts lie: the institution's own first, then those of the program."""
    return (Path(settings.DATA_DIR) / "charts", FOLDER)


def packs() -> dict[str, Pack]:
    """Every chart by its name; the institution's own stands before one of the program's."""
    found: dict[str, Pack] = {}
    for folder in reversed(folders()):
        told = _told(folder / "packs.csv")
        for path in sorted(folder.glob("*.csv")):
            if path.stem in NOT_CHARTS:
                continue
            version, kinds = told.get(path.stem, (1, frozenset(BookKind)))
            found[path.stem] = Pack(path.stem, version, kinds, path)
    return found


def _told(path: Path) -> dict[str, tuple[int, frozenset[BookKind]]]:
    """What `packs.csv` says of the charts beside it. Raises ChartFault."""
    return _versions(path, path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=8)
def _versions(path: Path, _changed: int) -> dict[str, tuple[int, frozenset[BookKind]]]:
    """The list as it lay there when it was last changed: read once."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {
                row["pack"]: (
                    int(row["version"]),
                    frozenset(BookKind(kind) for kind in row["kinds"].split()),
                )
                for row in csv.DictReader(file)
            }
    except (KeyError, ValueError) as fault:
        raise ChartFault(pack=path.stem, reason=str(fault)) from fault


def pack_version(pack: str) -> int:
    """The version of a chart as it lies there now; 1 for one that is not there."""
    found = packs().get(pack.lower())
    return found.version if found else 1


@dataclass(frozen=True, slots=True)
class PackAccount:
    """One row of a chart."""

    code: str
    type: AccountType
    parent: str
    roles: tuple[str, ...]
    currency: str
    cash_kind: CashKind
    cash_class: CashClass
    fund_required: bool
    names: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def standard_names() -> frozenset[str]:
    """What the charts of the program call accounts, in English; the catalogues hold the rest."""
    found: set[str] = set()
    for path in FOLDER.glob("*.csv"):
        if path.stem not in NOT_CHARTS:
            with path.open(encoding="utf-8", newline="") as file:
                found.update(row["name_en"] for row in csv.DictReader(file))
    return frozenset(found)


def name_among(names: Mapping[str, str], otherwise: str) -> str:
    """The name of an account in the reader's language: as the institution wrote it, else as the
    catalogues translate a name of a standard chart, else in English, else `otherwise`.
    """
    language = (get_language() or "en").split("-")[0]
    if own := names.get(language):
        return own
    english = names.get("en", "")
    return gettext(english) if english in standard_names() else english or otherwise


@lru_cache(maxsize=1)
def posting_rules() -> RuleTable:
    """The table of posting rules, by event kind and part."""
    with (FOLDER / "posting_rules.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            PostingRule(
                event_kind=row["event_kind"],
                part=row["part"],
                books=frozenset(BookKind(kind) for kind in row["books"].split()),
                debit=row["debit"],
                credit=row["credit"],
            )
            for row in csv.DictReader(file)
        ]
    table = {(row.event_kind, row.part): row for row in rows}
    if len(table) != len(rows):
        raise ChartFault(pack="posting_rules", reason="a part has two rules")
    return table


def chart_pack(pack: str, kind: BookKind) -> tuple[PackAccount, ...]:
    """Read a chart and check it for a kind of book.

    Raises ChartFault, naming what is wrong: no such chart, a code or role twice, an unknown parent,
    a role on an account that only sums, or a role that the posting rules of this kind of book need
    and the chart lacks.
    """
    name = pack.lower()
    places = (folder / f"{name}.csv" for folder in folders())
    path = next((place for place in places if place.is_file()), None)
    if not name.replace("_", "").isalnum() or name in NOT_CHARTS or path is None:
        raise ChartFault(pack=pack, reason="there is no such chart")
    return _read(pack, kind, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(pack: str, kind: BookKind, path: Path, _changed: int) -> tuple[PackAccount, ...]:
    """A chart as it lay there when it was last changed: read once."""
    with path.open(encoding="utf-8", newline="") as file:
        accounts = tuple(_account(pack, row) for row in csv.DictReader(file))
    _check(pack, kind, accounts)
    return accounts


def _account(pack: str, row: dict[str, str]) -> PackAccount:
    try:
        return PackAccount(
            code=row["code"],
            type=AccountType(row["type"]),
            parent=row["parent"],
            roles=tuple(row["roles"].split()),
            currency=row.get("currency", ""),
            cash_kind=CashKind(row["cash_kind"] or CashKind.NONE),
            cash_class=CashClass(row["cash_class"] or CashClass.OPERATING),
            fund_required=row.get("fund_required", "") == "1",
            names=tuple(
                (column.removeprefix("name_"), text)
                for column, text in row.items()
                if column.startswith("name_") and text
            ),
        )
    except (KeyError, ValueError) as fault:
        raise ChartFault(pack=pack, reason=f"account {row.get('code')}: {fault}") from fault


def _check(pack: str, kind: BookKind, accounts: tuple[PackAccount, ...]) -> None:
    by_code = {account.code: account for account in accounts}
    if len(by_code) != len(accounts):
        raise ChartFault(pack=pack, reason="a code stands twice")
    parents = {account.parent for account in accounts if account.parent}
    if unknown := parents - set(by_code):
        raise ChartFault(pack=pack, reason=f"unknown parent {min(unknown)}")
    seen: set[tuple[str, str]] = set()
    for account in accounts:
        if account.parent and by_code[account.parent].type is not account.type:
            raise ChartFault(pack=pack, reason=f"{account.code} differs in type from its parent")
        if account.roles and account.code in parents:
            raise ChartFault(pack=pack, reason=f"{account.code} only sums, it has no role")
        for role in account.roles:
            if (role, account.currency) in seen:
                raise ChartFault(pack=pack, reason=f"the role {role} stands twice")
            seen.add((role, account.currency))
    missing = roles_needed(tuple(posting_rules().values()), kind) - {role for role, _ in seen}
    if missing:
        raise ChartFault(pack=pack, reason=f"no account for {', '.join(sorted(missing))}")
