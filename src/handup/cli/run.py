"""`handup run`: the embedded server, one process with threads, on this computer only.

Other computers reach it through a web server that speaks TLS and passes requests on.
"""

import argparse
import socket

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from waitress import serve

LOOPBACK = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Port and threads; the settings HANDUP_PORT and HANDUP_THREADS when not given."""
    parser.add_argument("--port", type=int, default=int(settings.PORT))
    parser.add_argument("--threads", type=int, default=int(settings.THREADS))


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    addresses = " ".join(listening(args.port))
    serve(get_wsgi_application(), listen=addresses, threads=args.threads, ident=None, _quiet=True)
    return 0


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
