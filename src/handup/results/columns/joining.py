"""Persons of several houses as one person each: whoever counts a country opens the tokens of their
papers with the secrets it gave to the houses, and writes the snapshots anew with one number for
each person (decision 0019).

Nothing of a paper is written: a number stands for all papers that belong together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handup.kernel.errors import Refusal
from handup.results.columns.keyed import IDENTITY_KINDS, mark, opened, secret_key
from handup.results.columns.writing import FILES, MANIFEST, Written

if TYPE_CHECKING:
    import pyarrow as pa

Held = tuple[int, int]
"""A person as a house names her: the place of the house, her number there."""


class SecretsNotRead(Refusal):
    """{file} cannot be read. It holds the secrets given to the houses, one a line."""


def secrets_in(file: Path) -> dict[str, bytes]:
    """The keys of a file of secrets, by their mark. Raises SecretsNotRead, SecretTooShort."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise SecretsNotRead(file=file.name) from fault
    found = [secret_key(line) for line in lines if line.strip()]
    return {mark(key): key for key in found}


@dataclass(slots=True)
class Together:
    """Papers that belong to the same person, found one by one."""

    first: dict[bytes, bytes] = field(default_factory=dict)

    def root(self, paper: bytes) -> bytes:
        """The one that stands for all that belong together with a paper."""
        while (above := self.first.setdefault(paper, paper)) != paper:
            self.first[paper] = self.first[above]
            paper = self.first[paper]
        return paper

    def join(self, some: Sequence[bytes]) -> None:
        """They are of one person."""
        roots = {self.root(paper) for paper in some}
        least = min(roots)
        for one in roots:
            self.first[one] = least


def can_be_joined(houses: Sequence[Written], secrets: Mapping[str, bytes]) -> bool:
    """Whether there is a secret for each of several snapshots."""
    return len(houses) > 1 and all(house.counted_by in secrets for house in houses)


def joined(houses: Sequence[Written], secrets: Mapping[str, bytes], place: Path) -> list[Path]:
    """Write the snapshots anew, every person under one number in all of them; their folders.

    `keyed` of each holds who has the kind of paper that most have: only she certainly counts once.
    """
    tokens = [_tokens(house, secrets[house.counted_by]) for house in houses]
    together, kinds = Together(), Counter[str]()
    for held in tokens:
        for of_person in held.values():
            together.join([token for some in of_person.values() for token in some])
            kinds.update(list(of_person))
    usual = max(IDENTITY_KINDS, key=lambda kind: (kinds[kind], -IDENTITY_KINDS.index(kind)))
    folders = []
    for at, (house, held) in enumerate(zip(houses, tokens, strict=True)):
        numbers = {
            person: _number(together.root(next(iter(papers.values()))[0]))
            for person, papers in held.items()
        }
        certain = sorted({numbers[one] for one, papers in held.items() if usual in papers})
        folder = place / str(at)
        folder.mkdir()
        _write(house.folder, folder, numbers, certain)
        folders.append(folder)
    return folders


def _tokens(house: Written, key: bytes) -> dict[int, dict[str, list[bytes]]]:
    """The opened papers of each person by their kind: of one kind there may be several, as of who
    has a new passport, and another house may know only one of them."""
    from pyarrow import parquet

    found: dict[int, dict[str, list[bytes]]] = {}
    for row in parquet.read_table(house.folder / "keyed.parquet").to_pylist():
        of_kind = found.setdefault(row["person"], {}).setdefault(row["kind"], [])
        of_kind.append(opened(key, row["token"]))
    return found


def _number(root: bytes) -> int:
    return int.from_bytes(sha256(b"handup person " + root).digest()[:8], "big") >> 1


def _write(source: Path, target: Path, numbers: Mapping[int, int], certain: Iterable[int]) -> None:
    """Every table with the new numbers; those that name no person are taken as they are."""
    from pyarrow import int64, parquet, schema, table

    for name in FILES:
        if name == "keyed":
            continue
        file = f"{name}.parquet"
        if "person" not in parquet.read_schema(source / file).names:
            (target / file).symlink_to((source / file).resolve())
            continue
        with (
            parquet.ParquetFile(source / file) as held,
            parquet.ParquetWriter(target / file, held.schema_arrow) as out,
        ):
            for batch in held.iter_batches():
                out.write_batch(_renumbered(batch, numbers))
    keyed = table({"person": list(certain)}, schema=schema([("person", int64())]))
    parquet.write_table(keyed, target / "keyed.parquet")
    (target / MANIFEST).symlink_to((source / MANIFEST).resolve())


def _renumbered(batch: "pa.RecordBatch", numbers: Mapping[int, int]) -> "pa.RecordBatch":
    from pyarrow import array, int64

    at = batch.schema.get_field_index("person")
    told: list[Any] = batch.column(at).to_pylist()
    fresh = array([numbers.get(one, one) for one in told], type=int64())
    return batch.set_column(at, batch.schema.field(at), fresh)
