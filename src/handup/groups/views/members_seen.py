"""What every page with members of a group does: write into the read log whom it shows."""

from collections.abc import Iterable

from django.http import HttpRequest

from handup.groups.models import Member
from handup.org import reads


def note_members(request: HttpRequest, members: Iterable[Member]) -> None:
    """Put the members a page shows into the read log."""
    persons = [member.person_id for member in members if member.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
