"""The log tells what happened and where in the code, never a value: no name, no number,
no query. As lines to read, or as JSON for a program that gathers logs (HANDUP_LOG).
"""

import json
import logging
import re
import time
import traceback
from types import TracebackType
from typing import TypeAlias

BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What ends a line or moves a cursor for some reader of the log."""

_ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


def without_address(record: logging.LogRecord) -> logging.LogRecord:
    """The record as it is; of an answer that Django tells of ("Not Found: /…", a form from
    elsewhere, a host that is not ours) only what kind.
    """
    if record.name.startswith("django.security."):
        said = "refused"  # the kind is the logger's name
    elif record.name == "django.request" and isinstance(record.args, tuple) and record.args:
        said = str(record.args[0])
    else:
        return record
    told = logging.makeLogRecord(vars(record))
    told.msg, told.args = said, ()
    return told


class WithoutValues(logging.Formatter):
    """One line a record; a fault as the names of its types and its places in the code, without its
    text.
    """

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        """Set the shape of a line."""
        super().__init__("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s")
        self.default_time_format = "%Y-%m-%dT%H:%M:%S"
        self.default_msec_format = ""

    def format(self, record: logging.LogRecord) -> str:
        """Leave out the address Django writes behind an answer: people type names into it."""
        return super().format(without_address(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Keep a message on its line: what breaks it might be written to look like another one."""
        return BREAKS.sub(lambda sign: repr(sign[0])[1:-1], super().formatMessage(record))

    def formatException(self, ei: _ExcInfo) -> str:
        """Write the chain of faults, the innermost first, without any message."""
        lines: list[str] = []
        fault = ei[1]
        seen: set[int] = set()
        while fault is not None and id(fault) not in seen:
            seen.add(id(fault))
            kind = type(fault)
            lines.append(f"{kind.__module__}.{kind.__qualname__}")
            lines += [
                f"  {frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(fault.__traceback__)
            ]
            fault = fault.__cause__ or fault.__context__
        return "\n".join(lines)


TOLD = ("request_id", "method", "page", "status", "ms", "statements", "statement", "job", "tries")
"""What a record may carry beside its message; anything else it carries is left out."""


class Readable(WithoutValues):
    """The same, with what the record carries behind the message."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """One line."""
        carried = [f"{name}={vars(record)[name]}" for name in TOLD if name in vars(record)]
        return BREAKS.sub(
            lambda sign: repr(sign[0])[1:-1], " ".join([super().formatMessage(record), *carried])
        )


class AsJson(WithoutValues):
    """One JSON object a record, on one line: the same words, no value more."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        record = without_address(record)
        told: dict[str, object] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {name: vars(record)[name] for name in TOLD if name in vars(record)}
        if record.exc_info:
            told["fault"] = self.formatException(record.exc_info).split("\n")
        return json.dumps(told, ensure_ascii=True, default=lambda value: type(value).__name__)
