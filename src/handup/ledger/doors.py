"""What higher domains offer on the page of a book, without the books knowing them.

doors.book_doors.append(lambda book: [Action(_("Bring in a file"), "desk:importbatch_new")])
"""

from collections.abc import Callable, Sequence

from handup.ledger.models import Book
from handup.org.web.pages import Action

BookDoor = Callable[[Book], Sequence[Action]]
book_doors: list[BookDoor] = []


def actions_for(book: Book) -> list[Action]:
    """Everything offered for a book, in the order it was registered."""
    return [action for door in book_doors for action in door(book)]
