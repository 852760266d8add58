"""What the types of a questionnaire mean, and which of them are not taken."""

import re
from dataclasses import dataclass

PLAIN = {
    "text": "text", "string": "text", "phone number": "text",
    "integer": "integer", "int": "integer", "decimal": "decimal",
    "note": "note", "date": "date", "time": "time",
    "datetime": "datetime", "date time": "datetime", "range": "range",
    "geopoint": "geopoint", "gps": "geopoint", "location": "geopoint",
    "image": "image", "photo": "image", "barcode": "barcode",
    "acknowledge": "acknowledge", "trigger": "acknowledge",
    "calculate": "calculate", "calculation": "calculate", "hidden": "hidden",
    "start": "start", "end": "end", "today": "today",
    "deviceid": "deviceid", "device id": "deviceid", "imei": "deviceid", "username": "username",
}  # fmt: skip
UNSUPPORTED = {
    "geotrace": "geopoint", "geoshape": "geopoint", "audio": "text", "video": "image",
    "file": "image", "rank": "select_multiple", "audit": "start", "start-geopoint": "geopoint",
    "background-audio": "text", "background-geopoint": "geopoint", "phonenumber": "text",
    "simserial": "deviceid", "subscriberid": "deviceid", "email": "text", "url": "text",
    "osm": "geopoint", "csv-external": "select_one", "xml-external": "select_one",
    "cascading_select": "select_one", "select_one_external": "select_one",
    "percentage": "decimal", "loop": "repeat",
}  # fmt: skip
META = frozenset({"start", "end", "today", "deviceid", "username"})
ANSWERED = frozenset({
    "text", "integer", "decimal", "select_one", "select_multiple", "date", "time", "datetime",
    "range", "geopoint", "image", "barcode", "acknowledge",
})  # fmt: skip
_SELECT = re.compile(
    r"(?:add )?(?P<one>select[_ ]?one|select1|select one prompt using)(?: from)?\s+(?P<list>\S.*)"
    r"|(?:add )?(?:select[_ ]multiple|select all that apply|select multiple prompt using)"
    r"(?: from)?\s+(?P<several>\S.*)"
)
_FROM_FILE = re.compile(r"select[_ ](?:one|multiple)[_ ]from[_ ]file\b|.*\.(?:csv|xml|geojson)\b")
_CONTROL = re.compile(r"(?P<edge>begin|end)[_ ]+(?P<what>group|repeat|looped group|lgroup|\w+)")
_OTHER = re.compile(r"\s+(?:or[_ ]other|or specify other)$")


@dataclass(frozen=True, slots=True)
class TypeRead:
    """What a type says: its plain name, its list, whether `other` is added to it.

    `fault` is UNSUPPORTED_TYPE (with `instead`), EXTERNAL_FILE or UNKNOWN_TYPE; else empty.
    """

    type: str
    list_name: str = ""
    other: bool = False
    fault: str = ""
    instead: str = ""


def read_type(written: str) -> TypeRead:
    """Read a type as a person wrote it."""
    given = re.sub(r"\s+", " ", written.strip())
    lower = given.lower()
    control = _CONTROL.fullmatch(lower)
    if control:
        what = "repeat" if control["what"] in {"looped group", "lgroup"} else control["what"]
        if what not in {"group", "repeat"}:
            return TypeRead(lower, fault="UNSUPPORTED_TYPE", instead="begin repeat")
        return TypeRead(f"{control['edge']} {what}")
    if _FROM_FILE.match(lower):
        return TypeRead(lower, fault="EXTERNAL_FILE")
    if lower in PLAIN:
        return TypeRead(PLAIN[lower])
    base = lower.split(" ")[0]
    if lower in UNSUPPORTED or base in UNSUPPORTED:
        return TypeRead(
            lower, fault="UNSUPPORTED_TYPE", instead=UNSUPPORTED.get(lower) or UNSUPPORTED[base]
        )
    select = _SELECT.match(lower)
    if select:
        name = given[select.start("list" if select["one"] else "several") :]
        plain = _OTHER.sub("", name)
        kind = "select_one" if select["one"] else "select_multiple"
        return TypeRead(kind, plain.strip(), plain != name)
    return TypeRead(lower, fault="UNKNOWN_TYPE")
