"""Files as they come through a door: refused by their size before they are in memory."""

from typing import Any, Protocol

from handup.kernel.importing import reading
from handup.lending.rules import bankfile
from handup.lending.rules.banking import statement
from handup.org.services.files import LARGEST, FileTooLarge


class Upload(Protocol):
    """A file somebody sent, not read yet."""

    @property
    def size(self) -> int | None: ...
    def read(self) -> Any: ...


def partner_file(file: Upload) -> bytes:
    """What a partner bank's file of money holds. Raises FileTooLarge."""
    bankfile.check_size(file.size or 0)
    content: bytes = file.read()
    return content


def bank_list(file: Upload) -> bytes:
    """What a bank's list of its loans holds. Raises FileTooLarge."""
    reading.check_size(file.size or 0)
    content: bytes = file.read()
    return content


def bank_message(file: Upload) -> bytes:
    """What a statement, or a bank's answer, holds. Raises FileTooLarge."""
    statement.check_size(file.size or 0)
    content: bytes = file.read()
    return content


def kept_file(file: Upload) -> bytes:
    """What a picture or scan of a document holds. Raises FileTooLarge."""
    if (file.size or 0) > LARGEST:
        raise FileTooLarge(field="file", megabytes=LARGEST // 1024 // 1024)
    content: bytes = file.read()
    return content
