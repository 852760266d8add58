"""Compiles one spreadsheet to an XForm, in a process of its own with little memory.

Run by its path, never imported by the program: it knows nothing of Handup, reads the file from
standard input and writes one JSON object to standard output. pyxform stops at its first fault, so
the own check of `rules/xlsform` runs before it.
"""

import json
import sys
from io import BytesIO
from typing import Any

MEMORY_BYTES = 256 * 1024 * 1024


def compile_form(content: bytes, name: str, file_type: str) -> dict[str, object]:
    """Compile; a refusal of pyxform comes back as its sentence."""
    from pyxform import __version__
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    try:
        found = convert(BytesIO(content), form_name=name, file_type=file_type, validate=False)
    except PyXFormError as error:
        return {"error": str(error)}
    return {
        "xform": found.xform,
        "survey": json.dumps(found._pyxform, ensure_ascii=False, default=str),
        "warnings": found.warnings,
        "compiled_with": f"pyxform {__version__}",
    }


def limit_memory() -> None:
    """Take no more than that; on Windows, which knows no such limit, size and seconds bound it."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))


def main() -> None:
    """Limit the memory, read, compile, write."""
    hidden: dict[str, Any] = {"numpy": None}  # openpyxl would load it
    sys.modules.update(hidden)
    limit_memory()
    try:
        answer = compile_form(sys.stdin.buffer.read(), sys.argv[1], sys.argv[2])
    except MemoryError:
        answer = {"error": "MEMORY"}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True))


if __name__ == "__main__":
    main()
