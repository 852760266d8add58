"""The certificate of a laptop in the Wi-Fi of its office: a root made here once, which phones are
told to trust, and under it the certificate of the address the laptop has now (rulings 42).

The root speaks for addresses of inner networks alone: whoever took its key could stand in for no
house on the internet. Its fingerprint is what the office shows beside the code of a phone, and
what a phone shows before it trusts it.
"""

import hashlib
import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from handup.kernel.errors import Refusal

ROOT_DAYS, OWN_DAYS, RENEW_DAYS = 3_650, 397, 30
NAME = "Handup office laptop"
INNER = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")


class AddressUnfit(Refusal):
    """{address} is no address in the Wi-Fi of an office: it begins with 10., 172.16. to 172.31., or
    192.168., and stands in the settings of the network."""


@dataclass(frozen=True, slots=True)
class Made:
    """Where the files lie that the door serves with, and what phones compare."""

    root: Path
    chain: Path
    key: Path
    fingerprint: str


def office_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address of the laptop in the network of its office. Raises AddressUnfit."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError as fault:
        raise AddressUnfit(address=text) from fault
    if not any(found in ipaddress.ip_network(one) for one in INNER):
        raise AddressUnfit(address=text)
    return found


def made(folder: Path, address: str, now: datetime) -> Made:
    """The certificate of an address, made or renewed where it is needed; the root stays as it is,
    so that phones trust it once. Raises AddressUnfit."""
    at = office_address(address)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    root, root_key = _root(folder, now)
    chain, key = folder / "office.pem", folder / "office-key.pem"
    if not _is_good(chain, at, root, now):
        _issue(chain, key, at, root, root_key, now)
    return Made(folder / "root.pem", chain, key, fingerprint_of(root))


def fingerprint_of(certificate: x509.Certificate) -> str:
    """The SHA-256 of a certificate as phones show it: pairs of capital digits."""
    told = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest().upper()
    return ":".join(told[place : place + 2] for place in range(0, len(told), 2))


def _root(folder: Path, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    file, key_file = folder / "root.pem", folder / "root-key.pem"
    if file.exists() and key_file.exists():
        held = x509.load_pem_x509_certificate(file.read_bytes())
        kept = load_pem_private_key(key_file.read_bytes(), None)
        if isinstance(kept, ec.EllipticCurvePrivateKey) and held.not_valid_after_utc > now:
            return held, kept
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made_root = (
        _begun(name, name, key, now, ROOT_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints(_within(), None), critical=True)
        .add_extension(_uses(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(key_file, _plain(key))
    _write(file, made_root.public_bytes(Encoding.PEM))
    return made_root, key


def _within() -> list[x509.GeneralName]:
    """What the root may speak for: addresses of inner networks, and no name that anybody has."""
    inner = [x509.IPAddress(ipaddress.ip_network(one)) for one in INNER]
    return [*inner, x509.DNSName("handup.invalid")]


def _is_good(
    chain: Path,
    at: ipaddress.IPv4Address | ipaddress.IPv6Address,
    root: x509.Certificate,
    now: datetime,
) -> bool:
    """Whether what lies there is for this address, of this root, and for a while yet."""
    if not chain.exists():
        return False
    held = x509.load_pem_x509_certificates(chain.read_bytes())[0]
    names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    mine = at in names.get_values_for_type(x509.IPAddress)
    try:
        held.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):  # it is not of this root
        return False
    return mine and held.not_valid_after_utc > now + timedelta(days=RENEW_DAYS)


def _issue(
    chain: Path,
    key_file: Path,
    at: ipaddress.IPv4Address | ipaddress.IPv6Address,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{NAME} {at}")])
    own = (
        _begun(name, root.subject, key, now, OWN_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(at)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_uses(signs=False), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    _write(key_file, _plain(key))
    _write(chain, own.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM))


def _begun(
    name: x509.Name, by: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    start = now.astimezone(UTC) - timedelta(days=1)  # the clocks of phones are not ours
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _uses(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _plain(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, readable by nobody else."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
