"""Questionnaires taken from a spreadsheet: checked, compiled, compared with the version before,
kept for ever with their checksums.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from lxml import etree

from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scanning import require_clean
from handup.surveys.compiling import Compiled, compile_questionnaire
from handup.surveys.models import CompiledForm, Question, Questionnaire, QuestionnaireVersion
from handup.surveys.rules.codes import (
    Purpose,
    QuestionType,
    RoundState,
    SubjectKind,
    VersionState,
)
from handup.surveys.rules.form.loading import PARSER, load
from handup.surveys.rules.form.model import Form
from handup.surveys.rules.xlsform.checking import check_sheets
from handup.surveys.rules.xlsform.comparing import (
    Change,
    changes,
    is_core,
    may_change_while_open,
    needs_map,
)
from handup.surveys.rules.xlsform.definition import Choice, Definition, Item
from handup.surveys.rules.xlsform.languages import missing_texts
from handup.surveys.rules.xlsform.reading import read
from handup.surveys.services.refusals import (
    CoreChanged,
    LanguageUnfinished,
    LanguageUnknown,
    RoundOpenForbids,
    SameVersionOtherContent,
    UnknownSetting,
)

TYPES = {kind.value: kind for kind in QuestionType}
YES = frozenset({"yes", "true", "1", "x"})
CodeMap = Mapping[str, Mapping[str, str]]


def upload_questionnaire(
    *,
    acting_staff: StaffUser,
    content: bytes,
    filename: str,
    code_map: CodeMap | None = None,
    draft_languages: Sequence[str] = (),
) -> QuestionnaireVersion:
    """Take a version from a spreadsheet; the same bytes again return the version there is.

    `code_map` says for a core question what its old codes become (name, old code, new code);
    `draft_languages` are not offered to interviewers. Raises FaultyQuestionnaire with every fault,
    the refusals of reading and compiling, SameVersionOtherContent, CoreChanged, RoundOpenForbids,
    FileHarmful, NotScanned.
    """
    require(acting_staff, "surveys.draft_questionnaire")
    require_clean(content)
    digest = sha256(content).hexdigest()
    compiled = compile_questionnaire(content, filename=filename)
    definition = compiled.definition
    questionnaire = Questionnaire.objects.filter(code=definition.code).first()
    stored = CompiledForm.objects.filter(
        version__questionnaire=questionnaire, sheet_sha256=digest
    ).select_related("version")
    if questionnaire is not None and (same := stored.first()) is not None:
        return same.version
    number = _version_text(questionnaire, definition)
    _refuse_changes(questionnaire, definition, code_map or {})
    offered = [code for code in definition.languages if code not in set(draft_languages)]
    if not offered:
        raise LanguageUnknown(field="draft_languages", language=", ".join(draft_languages))
    with transaction.atomic():
        row = _store(acting_staff, compiled, questionnaire, number, offered)
        _keep(row, compiled, content, digest, filename, code_map or {})
        Question.objects.bulk_create(_questions(row, definition), batch_size=100)
        audit.record(
            acting_staff, "surveys.draft_questionnaire", row, {"sha256": digest, "file": filename}
        )
    return row


def _version_text(questionnaire: Questionnaire | None, definition: Definition) -> str:
    """The version the sheet names, else the next number."""
    held = set(questionnaire.versions.values_list("version", flat=True)) if questionnaire else set()
    if definition.version:
        if definition.version in held:
            raise SameVersionOtherContent(field="file", version=definition.version)
        return definition.version
    number = len(held) + 1
    while str(number) in held:
        number += 1
    return str(number)


def _refuse_changes(
    questionnaire: Questionnaire | None, definition: Definition, code_map: CodeMap
) -> None:
    found = changes_to(questionnaire, definition)
    unmapped = [change.name for change in found if needs_map(change, code_map)]
    if unmapped:
        raise CoreChanged(field="file", questions=", ".join(unmapped))
    if questionnaire is None or not questionnaire.rounds.filter(state=RoundState.OPEN).exists():
        return
    barred = [change.name for change in found if not may_change_while_open(change)]
    if barred:
        raise RoundOpenForbids(field="file", questions=", ".join(dict.fromkeys(barred)))


def refuse_while_open(version: QuestionnaireVersion) -> None:
    """Raise RoundOpenForbids when a version to be published changes what open rounds ask now."""
    questionnaire = version.questionnaire
    asked = questionnaire.versions.filter(state=VersionState.PUBLISHED).exclude(pk=version.pk)
    now = asked.order_by("-published_at").first()
    if now is None or not questionnaire.rounds.filter(state=RoundState.OPEN).exists():
        return
    old, new = definition_of(now), definition_of(version)
    if old is not None and new is not None:
        found = changes(old, new)
        barred = [change.name for change in found if not may_change_while_open(change)]
    else:
        barred = _barred_rows(now, version)
    if barred:
        raise RoundOpenForbids(questions=", ".join(dict.fromkeys(barred)))


def _barred_rows(now: QuestionnaireVersion, version: QuestionnaireVersion) -> list[str]:
    """The same by the stored questions, where one of the two came without a spreadsheet."""
    old = {one.name: one for one in now.questions.all()}
    new = {one.name: one for one in version.questions.all()}
    found = []
    for name, one in old.items():
        other = new.get(name)
        if other is None or _asked(one) != _asked(other):
            found.append(name)
    return found + [name for name, one in new.items() if name not in old and one.required]


def _asked(question: Question) -> tuple[object, ...]:
    codes = frozenset(question.choice_labels)
    return question.type, question.repeat_path, question.required, codes


def changes_to(questionnaire: Questionnaire | None, definition: Definition) -> list[Change]:
    """What a questionnaire changes in the newest version there is, draft or published."""
    if questionnaire is None:
        return []
    last = questionnaire.versions.order_by("-recorded_at", "-id").first()
    held = definition_of(last) if last is not None else None
    return changes(held, definition) if held is not None else []


def definition_of(version: QuestionnaireVersion) -> Definition | None:
    """What the spreadsheet of a version says; nothing for one that came without."""
    row = CompiledForm.objects.filter(version=version).first()
    if row is None:
        return None
    return check_sheets(read(bytes(row.sheet)), stem=version.questionnaire.code).definition


@lru_cache(maxsize=64)
def _form(version_id: UUID, digest: str) -> Form:
    return load(CompiledForm.objects.get(version_id=version_id, xform_sha256=digest).xform.encode())


def form_of(version: QuestionnaireVersion) -> Form | None:
    """The compiled form of a version, its expressions prepared once; nothing for one without."""
    digest = (
        CompiledForm.objects.filter(version=version).values_list("xform_sha256", flat=True).first()
    )
    return _form(version.pk, digest) if digest is not None else None


def _store(
    staff: StaffUser,
    compiled: Compiled,
    questionnaire: Questionnaire | None,
    number: str,
    languages: Iterable[str],
) -> QuestionnaireVersion:
    definition = compiled.definition
    if questionnaire is None:
        questionnaire = Questionnaire.objects.create(
            code=definition.code,
            title=definition.title[:200],
            purpose=_setting(definition, "purpose", Purpose, Purpose.IMPACT),
            subject_kind=_setting(definition, "subject_kind", SubjectKind, SubjectKind.PERSON),
        )
    row: QuestionnaireVersion = QuestionnaireVersion.objects.create(
        questionnaire=questionnaire,
        version=number,
        state=VersionState.CHECKED,
        languages=list(languages),
        sha256=sha256(compiled.xform.encode()).hexdigest(),
        prepared_by=staff,
        double_entry=definition.settings.get("double_entry", "").strip().lower() in YES,
    )
    return row


def _setting(
    definition: Definition,
    name: str,
    codes: type[Purpose] | type[SubjectKind],
    usual: Purpose | SubjectKind,
) -> str:
    given = definition.settings.get(name, "").strip().upper()
    if not given:
        return usual.value
    if given not in {code.value for code in codes}:
        raise UnknownSetting(
            field="file", setting=name, value=given, known=", ".join(code.value for code in codes)
        )
    return given


def _keep(
    row: QuestionnaireVersion,
    compiled: Compiled,
    content: bytes,
    digest: str,
    filename: str,
    code_map: CodeMap,
) -> None:
    xform = with_version(compiled.xform, row.version)
    CompiledForm.objects.create(
        version=row,
        filename=filename[:200],
        sheet=content,
        sheet_sha256=digest,
        survey_json=compiled.survey_json,
        json_sha256=sha256(compiled.survey_json.encode()).hexdigest(),
        xform=xform,
        xform_sha256=sha256(xform.encode()).hexdigest(),
        compiled_with=compiled.compiled_with,
        warnings=[
            {
                "sheet": one.sheet,
                "cell": one.cell,
                "sentence": one.sentence,
                "parts": dict(one.parts),
            }
            for one in compiled.warnings
        ],
        code_map={name: dict(codes) for name, codes in code_map.items()},
    )


def with_version(xform: str, version: str) -> str:
    """An XForm whose answers name their version: the sheet's own, else the one given here."""
    document = etree.fromstring(xform.encode(), PARSER)
    instance = document.find(".//{http://www.w3.org/2002/xforms}instance")
    if instance is None or len(instance) == 0 or instance[0].get("version"):
        return xform
    instance[0].set("version", version)
    return str(etree.tostring(document, encoding="unicode"))


def _questions(row: QuestionnaireVersion, definition: Definition) -> list[Question]:
    found = []
    asked = [item for item in definition.questions() if item.type in TYPES]
    for number, item in enumerate(asked, 1):
        found.append(
            Question(
                version=row,
                number=number,
                name=item.name,
                type=TYPES[item.type],
                labels=dict(item.labels),
                hints=dict(item.hints),
                choice_labels=_choice_labels(definition.lists.get(item.list_name, ()), item),
                handup_key=item.cell("handup_key").strip(),
                core=is_core(item),
                sensitive=item.cell("sensitive").strip().lower() in YES,
                required=item.cell("required").strip().lower() in {"yes", "true", "true()"},
                repeat_path=item.repeat,
            )
        )
    return found


def _choice_labels(choices: Sequence[Choice], item: Item) -> dict[str, dict[str, str]]:
    found = {choice.name: dict(choice.labels) for choice in choices}
    return found | ({"other": {"en": "Other"}} if item.other else {})


def refuse_unfinished(version: QuestionnaireVersion) -> None:
    """Raise LanguageUnfinished for the first text an offered language lacks."""
    definition = definition_of(version)
    missing = missing_texts(definition, version.languages) if definition is not None else []
    if missing:
        raise LanguageUnfinished(question=missing[0].name, language=missing[0].language)
