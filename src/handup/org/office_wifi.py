"""The door of a laptop into the Wi-Fi of its office: phones reach what phones need over TLS, and
nothing else of the house is there (rulings 42).

It serves inside the process that writes, as the embedded database needs, with the address of each
phone as it is: what only this computer itself may do stays refused to others.
"""

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings

from handup.org.office_certificate import Made, made

OPEN = ("/field/", "/static/dist/field/", "/api/v1/sync/")
"""What a phone asks for: the program, and the doors of its work."""
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: with forward secrecy, and what is hidden is proved too."""
SECONDS, HAND_SHAKE = 120, 10
MOST = 40
"""How many phones are answered at once; more wait for their turn."""
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def place() -> Path:
    """Where the certificate lies."""
    return Path(settings.DATA_DIR) / "office-wifi"


def certificate() -> Made | None:
    """The certificate of this laptop in its office; None where it opens no door there."""
    if not settings.WIFI:
        return None
    return made(place(), settings.WIFI, datetime.now(tz=UTC))


def address() -> str:
    """Where phones reach this laptop; empty where they do not."""
    if not settings.WIFI:
        return ""
    host = f"[{settings.WIFI}]" if ":" in settings.WIFI else settings.WIFI
    return f"https://{host}:{settings.WIFI_PORT}/"


def only_for_phones(inside: Application) -> Application:
    """The same pages, as far as a phone needs them; there is nothing else."""

    def answer(environ: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(OPEN) or ".." in path:
            begin("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Only phones are served here.\n"]
        if environ.get("HTTP_TRANSFER_ENCODING"):  # its end would be in doubt; no phone sends so
            begin("501 Not Implemented", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Send the length of what you send.\n"]
        return inside({**environ, "wsgi.url_scheme": "https", "HTTPS": "on"}, begin)

    return answer


class _Answering(WSGIRequestHandler):
    timeout = SECONDS

    def log_message(self, format: str, *args: Any) -> None:
        """The house writes its own log."""


class Door(ThreadingMixIn, WSGIServer):
    """TLS on one port. The hand-shake of one phone keeps no other waiting."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # on Windows a second program could take the same port
    address_family = socket.AF_INET

    def __init__(self, at: tuple[str, int], served: Made, application: Application) -> None:
        """Raises OSError where the address is not one of this computer."""
        self._room = threading.BoundedSemaphore(MOST)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._tls.set_ciphers(SUITES)
        self._tls.load_cert_chain(served.chain, served.key)
        if ":" in at[0]:
            self.address_family = socket.AF_INET6
        super().__init__(at, _Answering)
        self.set_app(only_for_phones(application))

    def server_bind(self) -> None:
        """Bind without asking anybody for the name of this computer: there may be no network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Shake hands and answer, each phone in a thread of its own."""
        with self._room:
            request.settimeout(HAND_SHAKE)
            try:
                spoken = self._tls.wrap_socket(request, server_side=True)
            except OSError:
                self.shutdown_request(request)
                return
            super().process_request_thread(spoken, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A phone that goes away in the middle of an answer asks again."""


def open_door(application: Application) -> Door | None:
    """Open the door where the settings name an address; it serves until it is closed. Raises
    AddressUnfit, OSError."""
    served = certificate()
    if served is None:
        return None
    door = Door((settings.WIFI, settings.WIFI_PORT), served, application)
    threading.Thread(target=door.serve_forever, name="office-wifi", daemon=True).start()
    return door
