"""Questionnaires: drafted, published by a second person, or taken from those that come with
Handup.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from handup.kernel.chain import canonical
from handup.org import audit
from handup.org.duties import SamePerson, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.surveys.models import CompiledForm, Question, Questionnaire, QuestionnaireVersion
from handup.surveys.rules.codes import Purpose, QuestionType, SubjectKind, VersionState
from handup.surveys.services.refusals import (
    CoreChanged,
    LanguageUnfinished,
    NoQuestions,
    NotInThisState,
    SameVersionOtherContent,
    WroteItHerself,
)
from handup.surveys.services.uploads import refuse_unfinished, refuse_while_open

SHIPPED = Path(__file__).parents[1] / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionIn:
    """One question of a new version; texts per language code."""

    name: str
    type: QuestionType
    labels: Mapping[str, str]
    hints: Mapping[str, str] = field(default_factory=dict)
    choice_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    handup_key: str = ""
    core: bool = False
    sensitive: bool = False
    required: bool = False
    repeat_path: str = ""

    def content(self) -> dict[str, Any]:
        """Return the question as it enters the checksum."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return str(value) if isinstance(value, QuestionType) else value


def draft_questionnaire(
    *,
    acting_staff: StaffUser,
    code: str,
    title: str,
    purpose: Purpose,
    subject_kind: SubjectKind,
    version: str,
    questions: Sequence[QuestionIn],
    languages: Sequence[str] = ("en",),
) -> QuestionnaireVersion:
    """Draft a version of a questionnaire; the same content again returns the version there is.

    Raises SameVersionOtherContent, and CoreChanged where a core question of the published version
    is left out, asked otherwise or lacks a code: a spreadsheet tells what its old codes become.
    """
    require(acting_staff, "surveys.draft_questionnaire")
    content = [question.content() for question in questions]
    digest = sha256(canonical({"code": code, "version": version, "questions": content})).hexdigest()
    existing: QuestionnaireVersion | None = QuestionnaireVersion.objects.filter(
        questionnaire__code=code, version=version
    ).first()
    if existing is not None:
        if existing.sha256 != digest:
            raise SameVersionOtherContent(field="version", version=version)
        return existing
    _refuse_core_changes(code, questions)
    with transaction.atomic():
        questionnaire, _new = Questionnaire.objects.get_or_create(
            code=code,
            defaults={"title": title, "purpose": purpose, "subject_kind": subject_kind},
        )
        row: QuestionnaireVersion = QuestionnaireVersion.objects.create(
            questionnaire=questionnaire,
            version=version,
            languages=list(languages),
            sha256=digest,
            prepared_by=acting_staff,
        )
        Question.objects.bulk_create(
            Question(version=row, number=number, **one) for number, one in enumerate(content, 1)
        )
        audit.record(acting_staff, "surveys.draft_questionnaire", row, {"questions": len(content)})
    return row


def _refuse_core_changes(code: str, questions: Sequence[QuestionIn]) -> None:
    published = QuestionnaireVersion.objects.filter(
        questionnaire__code=code, state=VersionState.PUBLISHED
    )
    now = published.order_by("-published_at", "-id").first()
    if now is None:
        return
    new = {one.name: one for one in questions}
    changed = [
        one.name
        for one in now.questions.filter(core=True).order_by("number")
        if (other := new.get(one.name)) is None
        or (other.type, other.repeat_path) != (one.type, one.repeat_path)
        or set(one.choice_labels) - set(other.choice_labels)
    ]
    if changed:
        raise CoreChanged(field="questions", questions=", ".join(changed))


def publish_version(
    *, acting_staff: StaffUser, version: QuestionnaireVersion, reason: str = ""
) -> QuestionnaireVersion:
    """Publish a draft, by another person than who prepared it.

    Raises NoQuestions, LanguageUnfinished, NotInThisState, RoundOpenForbids, WroteItHerself.
    """
    require(acting_staff, "surveys.publish_version", version)
    if version.state not in {VersionState.DRAFT, VersionState.CHECKED}:
        raise NotInThisState(state=version.get_state_display())
    questions = list(version.questions.all())
    if not questions:
        raise NoQuestions
    if CompiledForm.objects.filter(version=version).exists():
        refuse_unfinished(version)
    else:
        for question in questions:
            _refuse_unfinished(question, version.languages)
    refuse_while_open(version)
    with transaction.atomic():
        try:
            require_other_person(
                acting_staff,
                version.prepared_by_id,
                step="surveys.publish_version",
                reason=reason,
                obj=version,
            )
        except SamePerson:
            raise WroteItHerself from None
        return _publish(acting_staff, version)


def _publish(staff: StaffUser, version: QuestionnaireVersion) -> QuestionnaireVersion:
    """The version before it retires: what was answered by it stays judged by it."""
    QuestionnaireVersion.objects.filter(
        questionnaire=version.questionnaire, state=VersionState.PUBLISHED
    ).exclude(pk=version.pk).update(state=VersionState.RETIRED)
    version.state = VersionState.PUBLISHED
    version.published_at = timezone.now()
    version.published_by = staff
    version.save(update_fields=("state", "published_at", "published_by"))
    audit.record(staff, "surveys.publish_version", version)
    return version


def _refuse_unfinished(question: Question, languages: Sequence[str]) -> None:
    texts: list[Mapping[str, str]] = [question.labels, *question.choice_labels.values()]
    if question.hints:
        texts.append(question.hints)
    for language in languages:
        if any(not text.get(language) for text in texts):
            raise LanguageUnfinished(question=question.name, language=language)


def shipped_codes() -> list[str]:
    """The codes of the questionnaires that come with Handup."""
    return sorted(path.stem for path in SHIPPED.glob("*.json"))


@lru_cache(maxsize=8)
def shipped(code: str) -> Mapping[str, Any]:
    """Read a questionnaire that comes with Handup: `impact` or `enterprise_visit`."""
    found: Mapping[str, Any] = json.loads((SHIPPED / f"{code}.json").read_text(encoding="utf-8"))
    return found


def install_questionnaire(*, acting_staff: StaffUser, code: str) -> QuestionnaireVersion:
    """Take a questionnaire that comes with Handup into use; it was checked before it was
    shipped.
    """
    given = shipped(code)
    row = draft_questionnaire(
        acting_staff=acting_staff,
        code=code,
        title=given["title"],
        purpose=Purpose(given["purpose"]),
        subject_kind=SubjectKind(given["subject_kind"]),
        version=given["version"],
        languages=given["languages"],
        questions=[
            QuestionIn(**(one | {"type": QuestionType(one["type"])})) for one in given["questions"]
        ],
    )
    if row.state == VersionState.DRAFT:
        with transaction.atomic():
            _publish(acting_staff, row)
    return row
