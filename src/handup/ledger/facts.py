"""Where an entry's fact and a line's subject are shown: higher domains say it, the books only ask.

facts.register("lending", "event", lambda pk: reverse("lending:event_detail", args=[pk]))
facts.register_subject("loan", lambda pk: reverse("lending:loan_detail", args=[pk]))
"""

from collections.abc import Callable
from uuid import UUID

Address = Callable[[UUID], str]

_facts: dict[tuple[str, str], Address] = {}
_subjects: dict[str, Address] = {}


def register(domain: str, kind: str, address: Address) -> None:
    """Say where a fact of a domain is shown; called from `<Domain>Config.ready()`."""
    _facts[domain, kind] = address


def register_subject(kind: str, address: Address) -> None:
    """Say where a subject of lines is shown."""
    _subjects[kind] = address


def address_of(domain: str, kind: str, pk: UUID) -> str:
    """The page of a fact, empty when nobody shows it."""
    address = _facts.get((domain, kind))
    return address(pk) if address else ""


def subject_address(kind: str, pk: UUID | None) -> str:
    """The page of a subject, empty when nobody shows it."""
    address = _subjects.get(kind)
    return address(pk) if address and pk is not None else ""
