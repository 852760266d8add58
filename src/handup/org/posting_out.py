"""One POST of JSON to another program, over TLS; nothing is followed, and nobody waits long.

Used by messages to telephones and by webhooks: both speak only with an address somebody of this
house entered.
"""

import http.client
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

SECONDS = 10
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""This machine: the one place that is spoken with without TLS."""


class NotTaken(Exception):
    """It was not taken, with the code of why: `final` when sending it again would not help."""

    def __init__(self, why: str, *, final: bool) -> None:
        super().__init__(why)
        self.why, self.final = why, final


def is_fit(address: str) -> bool:
    """Whether an address may be posted to: https, or http on this machine; no name or password in
    it.
    """
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
        host.encode("idna")  # a part of it that is empty or too long
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in HERE)
    plain = address.isascii() and address.isprintable() and " " not in address
    return safe and bool(host) and plain and parts.username is None


def post(address: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send it once. Answers 2xx are taken; 408, 425, 429 and 5xx may be sent again; any other, a
    redirection too, is final. Raises NotTaken.
    """
    if not is_fit(address):
        raise NotTaken("ADDRESS", final=True)
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        line.request("POST", path, body, {"Content-Type": "application/json", **headers})
        status = line.getresponse().status
    except (OSError, http.client.HTTPException) as fault:
        raise NotTaken("NOT_REACHED", final=False) from fault
    finally:
        line.close()
    if not 200 <= status < 300:
        again = status >= 500 or status in (408, 425, 429)
        raise NotTaken(f"HTTP_{status}", final=not again)


def as_json(told: Mapping[str, object]) -> bytes:
    """The body of a post: one line, letters as they are."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
