"""Files that come with answers nobody can place yet: whoever sent them lets them go once they are
received, so that they wait beside the answers until somebody places those (surveys.md 4.5, 4.6).
"""

import base64
from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import IntegrityError, transaction

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.services.files import sum_of_sealed
from handup.surveys.models import UnplacedAnswers, UnplacedFile

FILES_MOST = 50


class TooManyFiles(Refusal):
    """At most {most} files are kept with answers that belong to no case."""


def keep_beside(staff: StaffUser, row: UnplacedAnswers, media: Mapping[str, bytes]) -> None:
    """Keep files with answers that wait to be placed; the same again changes nothing. Of a refusal
    nothing is kept. Raises TooManyFiles: whoever sends keeps them.
    """
    if not row.body:
        return
    for name, content in media.items():
        digest = sum_of_sealed(name.encode() + b"\0" + content)
        if UnplacedFile.objects.filter(answers=row, keyed_sum=digest).exists():
            continue
        if UnplacedFile.objects.filter(answers=row).count() >= FILES_MOST:
            raise TooManyFiles(most=FILES_MOST)
        sealed = base64.b64encode(content).decode()
        try:
            with transaction.atomic():
                UnplacedFile.objects.create(
                    answers=row, name=name[:200], keyed_sum=digest, content=sealed
                )
                audit.record(staff, "surveys.receive_file", row)
        except IntegrityError:  # the same file came in beside this one
            continue


def taken_from(row: UnplacedAnswers) -> list[tuple[str, bytes]]:
    """The files kept with these answers, by name, as they came; two may have one name."""
    return [(one.name, base64.b64decode(one.content)) for one in row.files.all()]


def let_files_go(answers: Collection[UUID]) -> None:
    """Delete what is kept with these answers."""
    UnplacedFile._base_manager.filter(answers__in=list(answers)).delete()
