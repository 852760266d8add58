"""From the bytes of a spreadsheet to a compiled form: the own check, then pyxform in a process of
its own with 20 seconds and 256 MB; nothing is stored here.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from handup.kernel.errors import Refusal
from handup.surveys.rules.form.loading import PARSER, NotAForm, load
from handup.surveys.rules.form.model import Form
from handup.surveys.rules.xlsform.checking import check_sheets
from handup.surveys.rules.xlsform.definition import Definition
from handup.surveys.rules.xlsform.faults import SheetFault, SheetKind, gettext_noop
from handup.surveys.rules.xlsform.reading import read

COMPILER = Path(__file__).parent / "compiler.py"
SECONDS_MOST = 20
_OLE = b"\xd0\xcf\x11\xe0"


class CompilerTooSlow(Refusal):
    """The questionnaire takes longer than {seconds} seconds to compile. Make it smaller."""


class CompilerFailed(Refusal):
    """The questionnaire could not be compiled; nothing was stored. Make it smaller."""


class FaultyQuestionnaire(Refusal):
    """{count} faults were found in the spreadsheet; nothing was stored."""

    def __init__(self, faults: Sequence[SheetFault], warnings: Sequence[SheetFault] = ()) -> None:
        """Keep every fault with its place."""
        self.faults = tuple(faults)
        self.warnings = tuple(warnings)
        super().__init__(field="file", count=len(self.faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A sound questionnaire: what it says, its XForm and survey JSON, and what to mind."""

    definition: Definition
    form: Form
    xform: str
    survey_json: str
    compiled_with: str
    warnings: tuple[SheetFault, ...]


def compile_questionnaire(content: bytes, *, filename: str = "") -> Compiled:
    """Check and compile a spreadsheet.

    Raises FaultyQuestionnaire with every fault at once; the refusals of `reading.read`;
    CompilerTooSlow, CompilerFailed.
    """
    stem = _stem(filename)
    checked = check_sheets(read(content), stem=stem)
    if checked.faults:
        raise FaultyQuestionnaire(checked.faults, checked.warnings)
    answer = run_compiler(content, name=_root_name(checked.definition.code))
    if "error" in answer:
        raise FaultyQuestionnaire([_fault_of(str(answer["error"]))], checked.warnings)
    xform = with_id(answer["xform"], checked.definition.code)
    try:
        form = load(xform.encode())
    except NotAForm as error:
        raise FaultyQuestionnaire([_fault_of(str(error))], checked.warnings) from error
    return Compiled(
        definition=checked.definition,
        form=form,
        xform=xform,
        survey_json=answer["survey"],
        compiled_with=answer["compiled_with"],
        warnings=checked.warnings,
    )


def run_compiler(content: bytes, *, name: str, seconds: float = SECONDS_MOST) -> dict[str, Any]:
    """Run pyxform apart. Raises CompilerTooSlow, CompilerFailed."""
    kind = ".xls" if content.startswith(_OLE) else ".xlsx"
    try:
        done = subprocess.run(  # noqa: S603 - our own file, run by our own Python
            [sys.executable, "-I", str(COMPILER), name, kind],
            input=content,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CompilerTooSlow(field="file", seconds=int(seconds)) from error
    if done.returncode != 0:
        raise CompilerFailed(field="file")
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer.get("error") == "MEMORY":
        raise CompilerFailed(field="file")
    return answer


def with_id(xform: str, code: str) -> str:
    """An XForm known by its code: a sheet without form_id would else be one of many "data"."""
    document = etree.fromstring(xform.encode(), PARSER)
    instance = document.find(".//{http://www.w3.org/2002/xforms}instance")
    if instance is None or len(instance) == 0 or instance[0].get("id") == code:
        return xform
    instance[0].set("id", code)
    return str(etree.tostring(document, encoding="unicode"))


def _stem(filename: str) -> str:
    return re.sub(r"[^\w.-]+", "_", Path(filename).stem)[:60] or "questionnaire"


def _root_name(code: str) -> str:
    """A name an element may have."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", code)
    return plain if re.match(r"[A-Za-z_]", plain) else f"_{plain}"


def _fault_of(sentence: str) -> SheetFault:
    """What pyxform says, with the row where it names one."""
    row = re.search(r"\[?row ?: ?(\d+)\]?", sentence)
    return SheetFault(
        sheet="survey",
        row=int(row[1]) if row else 0,
        column="",
        letter="",
        kind=SheetKind.COMPILER,
        sentence=gettext_noop("The compiler says: {sentence}"),
        parts=(("sentence", sentence),),
    )
