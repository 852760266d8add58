"""Ready questionnaires in six languages, in words of this project, read by no native reader yet
where their data say so. Consent is asked by the page of the interview itself. A programme takes one
over as a draft, a second person publishes it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.surveys.models import QuestionnaireVersion
from handup.surveys.models.questionnaires import in_language
from handup.surveys.rules.codes import Purpose, QuestionType, SubjectKind
from handup.surveys.services.questionnaires import QuestionIn, draft_questionnaire

BANK = Path(__file__).parents[1] / "data" / "bank"
# The languages whose wording a native reader has read and signed for.
READ_BY_NATIVES = frozenset({"en"})


class NoSuchQuestionnaire(Refusal):
    """There is no ready questionnaire {code}."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready questionnaire: titles and questions in every language."""

    code: str
    titles: Mapping[str, str]
    purpose: Purpose
    subject_kind: SubjectKind
    version: str
    languages: tuple[str, ...]
    questions: tuple[QuestionIn, ...]

    @property
    def title(self) -> str:
        """Its title in the active language."""
        return in_language(dict(self.titles), self.code)

    @property
    def unread(self) -> tuple[str, ...]:
        """The languages no native reader has read."""
        return tuple(code for code in self.languages if code not in READ_BY_NATIVES)


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((BANK / f"{name}.json").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def bank() -> Mapping[str, Ready]:
    """Every ready questionnaire by its code."""
    words, asked = _read("words"), _read("questions")
    order: list[str] = words["order"]

    def say(texts: Sequence[str]) -> dict[str, str]:
        return dict(zip(order, texts, strict=True))

    def question(name: str) -> QuestionIn:
        one = asked[name]
        codes = words["lists"][one["list"]] if "list" in one else ()
        return QuestionIn(
            name=name,
            type=QuestionType(one["type"]),
            labels=say(one["say"]),
            choice_labels={code: say(words["words"][code]) for code in codes},
            handup_key=one.get("key", ""),
            core=one.get("core", False),
            sensitive=one.get("sensitive", False),
            required=one.get("required", False),
        )

    return {
        code: Ready(
            code,
            say(one["say"]),
            Purpose(one["purpose"]),
            SubjectKind(one["subject_kind"]),
            one["version"],
            tuple(order),
            tuple(question(name) for name in one["questions"]),
        )
        for code, one in _read("questionnaires").items()
    }


def adopt_questionnaire(*, acting_staff: StaffUser, code: str) -> QuestionnaireVersion:
    """Take a ready questionnaire over as a draft; taking it again returns the draft there is.

    Raises NoSuchQuestionnaire.
    """
    ready = bank().get(code)
    if ready is None:
        raise NoSuchQuestionnaire(field="code", code=code[:60])
    return draft_questionnaire(
        acting_staff=acting_staff,
        code=ready.code,
        title=ready.title,
        purpose=ready.purpose,
        subject_kind=ready.subject_kind,
        version=ready.version,
        questions=ready.questions,
        languages=ready.languages,
    )
