"""Files are looked through by a virus scanner where one is installed (protection.md 4.10, V5).

`HANDUP_SCANNER` is its command: it is given the file on its standard input and ends with 0 for a
clean file and 1 for one it knows, as `clamdscan --no-summary -` does. A scanner that cannot say
either lets nothing in: a door that stands open while the guard is away is no guarded door.

A scanner may take long, so a file is looked through before a transaction begins: a form does it as
it checks its fields, a service before `atomic()`. What was found clean a moment ago is not looked
through again where it is stored.
"""

import hashlib
import logging
import subprocess
from threading import Lock
from time import monotonic

from django.conf import settings

from handup.kernel.errors import Refusal

logger = logging.getLogger("handup.scanning")

CLEAN, KNOWN = 0, 1
SECONDS = 60
REMEMBERED_SECONDS = 120
REMEMBERED_MOST = 64

_found_clean: dict[tuple[str, ...], float] = {}
_lock = Lock()


class FileHarmful(Refusal):
    """The virus scanner of this house knows this file as harmful. It is not kept."""


class NotScanned(Refusal):
    """The virus scanner of this house does not answer, so no file is taken. Try again, or tell
    whoever looks after the server.
    """


def require_clean(content: bytes) -> None:
    """Have a file looked through where a scanner is installed; what it found clean within two
    minutes is taken as that. Raises FileHarmful, NotScanned.
    """
    if not settings.SCANNER:
        return
    key = (*settings.SCANNER, hashlib.sha256(content).hexdigest())
    if _is_remembered(key):
        return
    _look_through(content)
    _remember(key)


def _is_remembered(key: tuple[str, ...]) -> bool:
    with _lock:
        found = _found_clean.get(key)
    return found is not None and monotonic() - found < REMEMBERED_SECONDS


def _remember(key: tuple[str, ...]) -> None:
    with _lock:
        _found_clean.pop(key, None)
        _found_clean[key] = monotonic()
        while len(_found_clean) > REMEMBERED_MOST:
            del _found_clean[next(iter(_found_clean))]


def _look_through(content: bytes) -> None:
    try:
        done = subprocess.run(  # noqa: S603  words of the installation, no shell
            settings.SCANNER, input=content, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        logger.exception("the scanner did not answer")
        raise NotScanned(field="file") from fault
    if done.returncode == KNOWN:
        logger.warning("a file was refused by the scanner")
        raise FileHarmful(field="file")
    if done.returncode != CLEAN:
        logger.error("the scanner ended with %s", done.returncode)
        raise NotScanned(field="file")
