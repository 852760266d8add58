"""`handup run`: the embedded server and its job worker, one process with threads, on this computer
only.

Other computers reach it through a web server on this one that speaks TLS and passes requests on
(HANDUP_SECURE=1: its X-Forwarded headers are then believed).
"""

import argparse
import socket
import sys
import threading

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError
from waitress import serve

from handup.kernel.errors import Refusal
from handup.org import cleaning, jobs, keys, office_wifi
from handup.org.first_word import first_word, nobody_works_here
from handup.org.turns import Turns, in_turn

SWITCH_SECONDS = 0.0005
"""How long one thread computes while others wait for the interpreter. Whoever writes holds the
database and gives the interpreter away at each of some hundred statements; at Python's own 0.005
each comes back behind every page that is being drawn, and all others wait for the database.
"""
LOOPBACK = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6}
ANSWERS_WITHIN = 0.5


class PortInUse(Refusal):
    """Port {port} is in use: Handup runs already, or another program does. Stop that one, or name
    another port (HANDUP_PORT)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Port and threads; the settings HANDUP_PORT and HANDUP_THREADS when not given."""
    parser.add_argument("--port", type=int, default=int(settings.PORT))
    parser.add_argument("--threads", type=int, default=int(settings.THREADS))
    parser.add_argument(
        "--pages-only", action="store_true", help="no jobs: `handup worker` works them off"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop. Raises PortInUse, KeysFileMissing before the doors open."""
    refuse_busy(args.port)
    keys.load()
    sys.setswitchinterval(SWITCH_SECONDS)
    addresses = " ".join(listening(args.port))
    tell_first_word(args.port)
    application = get_wsgi_application()
    door = opened_for_phones(application)
    stopping = threading.Event() if args.pages_only else jobs.start_worker()
    try:
        serve(
            in_turn(application, Turns()),
            listen=addresses,
            threads=args.threads,
            _quiet=True,
            **server_options(),
        )
    finally:
        stopping.set()
        if door is not None:
            door.shutdown()
        cleaning.cut_off_log()  # so that the database stands in one file again
    return 0


def opened_for_phones(application: office_wifi.Application) -> office_wifi.Door | None:
    """The door for phones in the Wi-Fi of the office, and what became of it, in words: away from
    its Wi-Fi the laptop works on by itself.
    """
    try:
        door = office_wifi.open_door(application)
    except OSError as fault:
        print(
            f"Phones do not reach this laptop now: {settings.WIFI}, port {settings.WIFI_PORT},"
            f" cannot be used here ({fault.strerror}). In the Wi-Fi of the office start it again.",
            flush=True,
        )
        return None
    if door is not None:
        print(f"Phones in the Wi-Fi of this office reach {office_wifi.address()}field/", flush=True)
    return door


def tell_first_word(port: int) -> None:
    """Where nobody works here yet, print the page of the first run and the word it asks for; where
    the tables are not made, `handup migrate` comes first.
    """
    try:
        waits = nobody_works_here()
    except DatabaseError:
        return
    if waits:
        where = "" if settings.SECURE else f" at http://localhost:{port}/start/"
        print(f"Nobody works here yet. The first run{where} asks for this word:", flush=True)
        print(first_word(), flush=True)


def server_options() -> dict[str, object]:
    """How the server answers, wherever it listens: it does not say what it is."""
    return {"ident": None, **proxy()}


def proxy() -> dict[str, object]:
    """What is believed of the web server in front: nothing, unless the pages are served
    over TLS.
    """
    if not settings.SECURE:
        return {}
    return {
        "trusted_proxy": "127.0.0.1",
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
        "clear_untrusted_proxy_headers": True,
    }


def listening(port: int) -> list[str]:
    """The loopback addresses of this computer: localhost may mean either family."""
    found = []
    for host, family in LOOPBACK.items():
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.bind((host, 0))
        except OSError:
            continue
        found.append(f"[{host}]:{port}" if family is socket.AF_INET6 else f"{host}:{port}")
    return found


def refuse_busy(port: int) -> None:
    """Two must not serve one house: the second would count the jobs of the first as lost. On
    Windows both could take the port. Raises PortInUse.
    """
    for host, family in LOOPBACK.items():
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.settimeout(ANSWERS_WITHIN)
                probe.connect((host, port))
        except OSError:
            continue
        raise PortInUse(port=port)
