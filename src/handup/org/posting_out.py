"""One question to another program, over TLS; nothing is followed, and nobody waits long: a program
that answers byte by byte is cut off as one that does not answer.

Used by messages to telephones, by webhooks, and where answers are fetched from Kobo or Central: all
speak only with an address somebody of this house entered.
"""

import contextlib
import http.client
import ipaddress
import json
import socket
import threading
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

SECONDS = 10
"""For the way there, and once more for the whole answer."""
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


def host_of(address: str) -> str:
    """The computer an address names, in small letters."""
    return urlsplit(address).hostname or ""


def may_lead_to(host: str, reached: str) -> bool:
    """Whether a connection asked for by this name may end there: a name on the open network only,
    never on a computer inside of the house's own; an address on itself alone.
    """
    there = ipaddress.ip_address(reached.partition("%")[0])
    if isinstance(there, ipaddress.IPv6Address) and there.ipv4_mapped is not None:
        there = there.ipv4_mapped
    if host in HERE:
        return there.is_loopback
    try:
        return ipaddress.ip_address(host) == there
    except ValueError:
        return there.is_global and not there.is_multicast


def _look_up(host: str, port: int) -> None:
    """Refuse a host that is said to be inside before anything is opened to it."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as fault:
        raise NotTaken("NOT_REACHED", final=False) from fault
    if not all(may_lead_to(host, str(where[0])) for *_kind, where in found):
        raise NotTaken("INSIDE", final=True)


def post(
    address: str, body: bytes, headers: Mapping[str, str], hosts: Collection[str] | None = None
) -> None:
    """Send it once. Answers 2xx are taken; 408, 425, 429 and 5xx may be sent again; any other, a
    redirection too, is final.

    hosts: the only computers that may be spoken with, and none inside by its name; None where
    whoever keeps the server wrote the address herself. Raises NotTaken.
    """
    exchange("POST", address, body, headers, hosts)


def exchange(
    method: str,
    address: str,
    body: bytes | None,
    headers: Mapping[str, str],
    hosts: Collection[str] | None,
    most: int = 0,
) -> bytes:
    """Ask once, as `post` does; what was answered, up to so many bytes. Raises NotTaken, with
    TOO_LARGE where the answer is longer; with `most` 0 it is not read.
    """
    host = host_of(address) if is_fit(address) else ""
    if not host or (hosts is not None and host not in hosts):
        raise NotTaken("ADDRESS", final=True)
    parts = urlsplit(address)
    safe = parts.scheme == "https"
    kind = http.client.HTTPSConnection if safe else http.client.HTTPConnection
    port = parts.port or (443 if safe else 80)
    if hosts is not None:
        _look_up(host, port)
    line = kind(host, port, timeout=SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    told = {} if body is None else {"Content-Type": "application/json"}
    try:
        line.connect()
        if hosts is not None and not may_lead_to(host, str(line.sock.getpeername()[0])):
            raise NotTaken("INSIDE", final=True)  # the name leads elsewhere than a moment ago
        line.request(method, path, body, {**told, **headers})
        status, answer = _answer_of(line, most)
    except (OSError, http.client.HTTPException) as fault:
        raise NotTaken("NOT_REACHED", final=False) from fault
    finally:
        line.close()
    if not 200 <= status < 300:
        again = status >= 500 or status in (408, 425, 429)
        raise NotTaken(f"HTTP_{status}", final=not again)
    if len(answer) > most:
        raise NotTaken("TOO_LARGE", final=True)
    return answer


def _answer_of(line: http.client.HTTPConnection, most: int) -> tuple[int, bytes]:
    """Status and beginning of an answer that came in time as a whole: the time-out of a socket
    counts anew with every byte.
    """
    late = threading.Event()
    clock = threading.Timer(SECONDS, _cut, (line.sock, late))
    clock.daemon = True
    clock.start()
    try:
        answer = line.getresponse()
        content = answer.read(most + 1) if most else b""
    finally:
        clock.cancel()
    # read by so many bytes, a piece of an answer looks like the whole of it
    if most and len(content) <= most and (answer.length or late.is_set()):
        raise http.client.IncompleteRead(content)
    return answer.status, content


def _cut(line: socket.socket, late: threading.Event) -> None:
    """End a connection under whoever reads from it; beneath TLS, which others may be reading."""
    late.set()
    with contextlib.suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def as_json(told: Mapping[str, object]) -> bytes:
    """The body of a post: one line, letters as they are."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
