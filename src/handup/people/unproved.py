"""What is still to be looked for after an erasure whose proof did not hold.

The former values lie sealed in a file beside the keys, outside the database and its backups, from
the erasure until it is certified; then the file is destroyed. Whoever has no key reads nothing.
"""

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from handup.kernel.crypto import Place, key_id_of
from handup.org import keys
from handup.org.keys import Ring


def _path(certificate_id: UUID) -> Path:
    return Path(settings.ERASED_FILE).with_name("unproved") / certificate_id.hex


def _place(certificate_id: UUID) -> Place:
    return Place("unproved", "values", str(certificate_id))


def keep(certificate_id: UUID, values: Collection[str]) -> None:
    """Keep them sealed; they are on the disk when this returns."""
    sealed = (
        keys.load().rings[Ring.FIELD].encrypt(json.dumps(sorted(values)), _place(certificate_id))
    )
    _write(_path(certificate_id), sealed)


def _write(path: Path, sealed: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def kept(certificate_id: UUID) -> frozenset[str] | None:
    """The values still to be looked for; None when nothing is kept of this erasure."""
    path = _path(certificate_id)
    if not path.exists():
        return None
    ring = keys.load().rings[Ring.FIELD]
    found: list[str] = json.loads(ring.decrypt(path.read_text(), _place(certificate_id)))
    return frozenset(found)


def destroy(certificate_id: UUID) -> None:
    """Destroy them: nothing is left to be looked for."""
    _path(certificate_id).unlink(missing_ok=True)


def key_ids() -> Iterator[str]:
    """By which key each is sealed."""
    for path in _files():
        yield key_id_of(path.read_text())


def reseal() -> int:
    """Seal all of them under the writing key; how many were not."""
    ring, changed = keys.load().rings[Ring.FIELD], 0
    for path in _files():
        stored = path.read_text()
        sealed = ring.rotate(stored, _place(UUID(path.name)))
        if sealed != stored:
            _write(path, sealed)
            changed += 1
    return changed


def _files() -> list[Path]:
    folder = Path(settings.ERASED_FILE).with_name("unproved")
    return sorted(path for path in folder.glob("*") if not path.suffix)
