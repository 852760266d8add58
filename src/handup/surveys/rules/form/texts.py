"""The texts of an XForm: labels, hints and messages per language, with values to fill in."""

import re
from collections.abc import Callable, Mapping

from lxml import etree

from handup.surveys.rules.form.model import Output, Phrase
from handup.surveys.rules.xlsform.columns import language_code
from handup.surveys.rules.xpath.compiling import Evaluate

XF = "{http://www.w3.org/2002/xforms}"
_ITEXT = re.compile(r"\s*jr:itext\(\s*'([^']*)'\s*\)\s*")
Prepare = Callable[[str], Evaluate]


class Texts:
    """The itext of a form; a form without it has one language."""

    def __init__(self, model: etree._Element, prepare: Prepare) -> None:
        """Read every translation."""
        self.prepare = prepare
        self.languages: dict[str, str] = {}
        self.phrases: dict[str, dict[str, Phrase]] = {}
        found = list(model.iterfind(f"{XF}itext/{XF}translation"))
        found.sort(key=lambda one: one.get("default") != "true()")
        for translation in found:
            name = translation.get("lang") or "default"
            code = "en" if name == "default" else language_code(name)
            self.languages[code] = name
            for text in translation.iterfind(f"{XF}text"):
                value = next((v for v in text.iterfind(f"{XF}value") if not v.get("form")), None)
                if value is not None:
                    phrases = self.phrases.setdefault(str(text.get("id")), {})
                    phrases[code] = self.phrase(value)
        if not self.languages:
            self.languages = {"en": "default"}

    def phrase(self, element: etree._Element) -> Phrase:
        """A text with its outputs prepared."""
        parts: list[str | Output] = [element.text or ""]
        for child in element:
            if child.tag == f"{XF}output":
                told = child.get("value") or child.get("ref") or "''"
                parts.append(Output(told, self.prepare(told)))
            else:
                parts.append("".join(child.itertext()))
            parts.append(child.tail or "")
        return tuple(part for part in parts if part != "")

    def of_element(self, element: etree._Element | None) -> Mapping[str, Phrase]:
        """The texts of a label or hint: by reference, or the same in every language."""
        if element is None:
            return {}
        reference = element.get("ref")
        if reference is not None:
            return self.of_reference(reference)
        return dict.fromkeys(self.languages, self.phrase(element))

    def of_reference(self, reference: str | None) -> Mapping[str, Phrase]:
        """The texts a `jr:itext('id')` names; any other text is meant as it stands."""
        if not reference:
            return {}
        match = _ITEXT.fullmatch(reference)
        if match is None:
            return dict.fromkeys(self.languages, (reference,))
        return self.phrases.get(match[1], {})

    def plain(self) -> dict[str, dict[str, str]]:
        """The texts of choices by id: no values are filled in there."""
        return {
            key: {
                code: "".join(p for p in phrase if isinstance(p, str))
                for code, phrase in by.items()
            }
            for key, by in self.phrases.items()
        }
