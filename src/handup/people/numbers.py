"""What ends when somebody's telephone number is another one: she agreed to be written to on the
telephone she had. Higher domains add to the list; people do not know them.
"""

from collections.abc import Callable

from handup.org.models import StaffUser
from handup.people.models import Person

on_other_number: list[Callable[[Person, StaffUser], None]] = []
"""Called in the transaction that writes the other number, with who wrote it."""
