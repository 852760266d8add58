"""The log tells what happened and where in the code, never a value: no name, no number,
no query.
"""

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
