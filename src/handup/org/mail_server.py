"""The server e-mail goes to, read from one address of the settings."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from handup.org.posting_out import HERE

LONGEST = 254
"""Letters of an address (RFC 5321)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail is handed over; at_once: TLS from the first byte, else after STARTTLS. A server
    on this machine is spoken with as it is.
    """

    host: str
    port: int
    user: str
    password: str
    at_once: bool

    @property
    def is_here(self) -> bool:
        """Whether it is this machine."""
        return self.host in HERE


def is_address(text: str) -> bool:
    """Whether a text is one plain e-mail address."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST and text.isascii()


def read_server(address: str) -> MailServer:
    """Read smtp://user:password@host:port, or smtps://. Raises ValueError, which does not repeat
    the address.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("it is smtp://user:password@host:port or smtps://user:password@host:port")
    at_once = parts.scheme == "smtps"
    try:
        port = parts.port or (465 if at_once else 587)
    except ValueError:
        raise ValueError("its port is a whole number from 1 to 65535") from None
    return MailServer(
        parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), at_once
    )
