"""Files are looked through by a virus scanner where one is installed (protection.md 4.10, V5).

`HANDUP_SCANNER` is its command: it is given the file on its standard input and ends with 0 for a
clean file and 1 for one it knows, as `clamdscan --no-summary -` does. A scanner that cannot say
either lets nothing in: a door that stands open while the guard is away is no guarded door.
"""

import logging
import subprocess

from django.conf import settings

from handup.kernel.errors import Refusal

logger = logging.getLogger("handup.scanning")

CLEAN, KNOWN = 0, 1
SECONDS = 60


class FileHarmful(Refusal):
    """The virus scanner of this house knows this file as harmful. It is not kept."""


class NotScanned(Refusal):
    """The virus scanner of this house does not answer, so no file is taken. Try again, or tell
    whoever looks after the server.
    """


def require_clean(content: bytes) -> None:
    """Have a file looked through where a scanner is installed. Raises FileHarmful, NotScanned."""
    if not settings.SCANNER:
        return
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
