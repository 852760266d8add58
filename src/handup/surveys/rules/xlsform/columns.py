"""What the headings of a questionnaire mean: aliases, languages, and what is refused."""

import re
from dataclasses import dataclass

TRANSLATED = frozenset({"label", "hint", "constraint_message", "required_message", "guidance_hint"})
SURVEY = TRANSLATED | {
    "type", "name", "required", "relevant", "constraint", "calculation", "choice_filter",
    "default", "trigger", "read_only", "appearance", "parameters", "repeat_count",
    "handup_key", "core", "sensitive",
}  # fmt: skip
EXPRESSIONS = (
    "relevant", "required", "read_only", "constraint", "calculation", "choice_filter",
    "repeat_count",
)  # fmt: skip
CHOICES = frozenset({"list_name", "name", "label"})
SETTINGS = frozenset({
    "form_title", "form_id", "version", "default_language", "name", "instance_name",
    "allow_choice_duplicates", "style", "purpose", "subject_kind", "double_entry",
})  # fmt: skip
MEDIA = frozenset({"image", "audio", "video", "big-image", "media", "autoplay"})
REFUSED_SURVEY = MEDIA | {"rows", "save_to", "entities:saveto", "instance", "bind", "body"}
REFUSED_SETTINGS = frozenset({
    "public_key", "submission_url", "add_none_option", "namespaces", "attribute",
    "clean_text_values", "omit_instanceid", "client_editable",
})  # fmt: skip
ALIASES = {
    "command": "type",
    "tag": "name",
    "caption": "label",
    "value": "name",
    "list name": "list_name",
    "relevance": "relevant",
    "skip logic": "relevant",
    "calculate": "calculation",
    "readonly": "read_only",
    "read only": "read_only",
    "constraint message": "constraint_message",
    "constraining message": "constraint_message",
    "constraining_message": "constraint_message",
    "requiredmsg": "required_message",
    "required message": "required_message",
    "count": "repeat_count",
    "repeat count": "repeat_count",
    "jr:count": "repeat_count",
    "choice filter": "choice_filter",
    "bind:relevant": "relevant",
    "bind:constraint": "constraint",
    "bind:calculate": "calculation",
    "bind:required": "required",
    "bind:readonly": "read_only",
    "bind:jr:constraintmsg": "constraint_message",
    "bind:jr:requiredmsg": "required_message",
    "control:appearance": "appearance",
    "body:appearance": "appearance",
    "title": "form_title",
    "set form title": "form_title",
    "set_form_title": "form_title",
    "id_string": "form_id",
    "set form id": "form_id",
    "set_form_id": "form_id",
    "form id": "form_id",
    "form title": "form_title",
    "default language": "default_language",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """What one column holds; `language` as written, empty where none is given."""

    column: int
    written: str
    name: str
    language: str = ""


def heading(column: int, written: str) -> Heading:
    """Read one heading: `label::English (en)`, `bind: relevant`, `Name `."""
    parts = [part.strip() for part in re.split(r"::|:(?!\w+Msg$)|:(?=\w)", written)]
    plain = re.sub(r"\s+", " ", written.strip()).lower()
    joined = re.sub(r"\s*::?\s*", ":", plain)
    if joined in ALIASES:
        return Heading(column, written, ALIASES[joined])
    first = ALIASES.get(parts[0].lower(), parts[0].lower().replace(" ", "_"))
    if first == "media" and len(parts) > 1:
        return Heading(column, written, parts[1].lower(), ":".join(parts[2:]))
    if len(parts) > 1 and (first in TRANSLATED or first in MEDIA):
        return Heading(column, written, first, ":".join(parts[1:]))
    if len(parts) > 1:
        return Heading(column, written, first if first in REFUSED_SURVEY else joined)
    return Heading(column, written, first)


def language_code(language: str) -> str:
    """The code of a language as headings write it: `English (en)` is en."""
    match = re.search(r"\(([A-Za-z][A-Za-z0-9-]*)\)\s*$", language)
    return match[1] if match else language.strip()
