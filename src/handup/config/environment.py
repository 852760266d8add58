"""What the surroundings of the program may set: one typed table of HANDUP_* variables, each read
with its bounds; whatever cannot be read is refused at start with what it must be.
"""

from dataclasses import dataclass, field, fields
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured


def setting(default: str, says: str) -> Any:
    """Declare one environment variable: its default as text and what it is for."""
    return field(default=default, metadata={"says": says})


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment variables, each HANDUP_<NAME IN CAPITALS>; unknown HANDUP_ names are refused
    at start.
    """

    data: str = setting("data", "folder of the database, keys, uploaded files and logs")
    database: str = setting(
        "",
        "sqlite:///path or postgresql://user:password@host:port/name; empty: in the data folder",
    )
    keys: str = setting("", "file of the secret keys; empty: keys.json in the data folder")
    debug: str = setting("0", "1 shows faults in the browser; never on a server others reach")
    hosts: str = setting("localhost,127.0.0.1,[::1]", "host names served, separated by commas")
    secure: str = setting(
        "0", "1 when served over TLS: secure cookies with the __Host- prefix, HSTS"
    )
    port: str = setting("8000", "port of `handup run`")
    wifi: str = setting(
        "",
        "address of a laptop in the Wi-Fi of its office, where `handup run` serves phones over TLS"
        " with a certificate made here; empty: none",
    )
    wifi_port: str = setting("8443", "port of that door for phones")
    threads: str = setting("8", "threads of the embedded server")
    time_zone: str = setting("UTC", "time zone of the institution")
    language: str = setting("en", "language before anyone has chosen one")
    email: str = setting(
        "",
        "smtp://user:password@host:port (TLS after STARTTLS) or smtps://; empty: messages are"
        " written to the data folder",
    )
    email_from: str = setting("", "address e-mail comes from; asked for where HANDUP_EMAIL is set")
    sms: str = setting(
        "",
        "https address of a gateway for short messages; empty: they are written to the data folder",
    )
    sms_key: str = setting(
        "",
        "a secret (at least 20 characters) the gateway is shown, and shows when it hands one over",
    )
    hooks: str = setting(
        "",
        "names of the computers that may be told of events by webhooks, separated by commas; one"
        " inside of the own network by its address; empty: none",
    )
    scanner: str = setting(
        "",
        "command of a virus scanner that reads a file from its input and ends with 0 when clean, 1"
        " when not, as `clamdscan --no-summary -`; empty: none is installed",
    )
    heads: str = setting(
        "",
        "folder of the signed heads of the read log, best on another disk; empty: data folder",
    )
    encrypt_names: str = setting(
        "0",
        "1 seals names of persons at rest: lists sort by number, search finds whole names only; run"
        " `handup encrypt-names` after each change",
    )
    columns: str = setting(
        "0",
        "1 answers the portfolio of past days from a copy in columns made every night, for very"
        " many loans (needs the package duckdb)",
    )
    snapshots: str = setting(
        "0",
        "1 writes a snapshot of the facts in columns every night, without anybody's identity"
        " (needs the extra engine)",
    )
    log: str = setting(
        "plain",
        "plain: lines to read; json: one JSON object a line, for a program that gathers logs, with"
        " one for each answer; neither holds a value of anybody",
    )
    slow_ms: str = setting(
        "500", "milliseconds from which a statement is told in the log as slow, without its values"
    )
    metrics_token: str = setting(
        "",
        "what a program on another machine shows to read /metrics (at least 20 characters); empty:"
        " only this machine itself reads it",
    )
    copy: str = setting(
        "",
        "folder, best on another disk, to which `handup follow` brings every minute what changed in"
        " the embedded database; empty: none",
    )
    iati_pack: str = setting("", "folder of the IATI schemas, codelists and rulesets")
    shared: str = setting("", "folder of the shared test material; empty: ../shared")
    chromium: str = setting(
        "", "path of the browser for the browser tests; empty: found on the path"
    )

    def flag(self, name: str) -> bool:
        """Read a switch; anything but 0 or 1 is refused."""
        value: str = getattr(self, name)
        if value not in {"0", "1"}:
            raise ImproperlyConfigured(f"HANDUP_{name.upper()} must be 0 or 1, not {value!r}.")
        return value == "1"

    def whole(self, name: str, least: int, most: int) -> int:
        """Read a whole number within its bounds; anything else is refused."""
        value: str = getattr(self, name)
        if not (value.isascii() and value.isdigit() and least <= int(value[:18]) <= most):
            raise ImproperlyConfigured(
                f"HANDUP_{name.upper()} must be a whole number from {least} to {most},"
                f" not {value!r}."
            )
        return int(value)

    def one_of(self, name: str, *known: str) -> str:
        """Read a word of a few; any other is refused."""
        value: str = getattr(self, name)
        if value not in known:
            raise ImproperlyConfigured(
                f"HANDUP_{name.upper()} must be {' or '.join(known)}, not {value!r}."
            )
        return value

    def zone(self, name: str) -> str:
        """Read a time zone by its name in the IANA list; any other is refused."""
        value: str = getattr(self, name)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ImproperlyConfigured(
                f"HANDUP_{name.upper()} must be a time zone as Africa/Kigali, not {value!r}."
            ) from None
        return value

    def secret(self, name: str, least: int) -> str:
        """Read a secret: none, or one long enough not to be guessed. It is not repeated."""
        value: str = getattr(self, name)
        if value and len(value) < least:
            raise ImproperlyConfigured(
                f"HANDUP_{name.upper()} has {len(value)} characters; it needs at least {least}."
            )
        return value


def read_environment(environ: dict[str, str]) -> Environment:
    """Read the HANDUP_* variables; a name that does not exist is refused with the list of those
    that do.
    """
    known = {f"HANDUP_{item.name.upper()}": item.name for item in fields(Environment)}
    given = {key: value for key, value in environ.items() if key.startswith("HANDUP_")}
    if unknown := sorted(set(given) - set(known)):
        raise ImproperlyConfigured(
            f"Unknown setting {', '.join(unknown)}. Known: {', '.join(sorted(known))}."
        )
    return Environment(**{known[key]: value for key, value in given.items()})
