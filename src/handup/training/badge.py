"""A certificate as Open Badge 3.0: a verifiable credential, signed as a compact JWS (EdDSA).

Source: 1EdTech Open Badges 3.0 (OpenBadgeCredential, JSON Web Token proof), RFC 7515, RFC 8037. It
tells what the paper tells: name, course, days, serial; no status, no programme.
"""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlsplit

from handup.kernel.crypto import sign
from handup.training.models import Certificate
from handup.training.rules.states import CertificateKind, CertificateState

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
MEDIA_TYPE = "application/vc+jwt"


def may_leave(certificate: Certificate, on: date) -> bool:
    """Only what is valid on that day and was not erased leaves as a badge, and tells of a course
    that was completed: a badge names what was asked for it.
    """
    valid = certificate.state_on(on) is CertificateState.VALID
    earned = certificate.kind != CertificateKind.ATTENDANCE
    return valid and earned and bool(certificate.code_text)


def credential(certificate: Certificate) -> dict[str, Any]:
    """The credential, without its proof."""
    page = certificate.code_text.partition("#")[0]
    issuer = page.partition("/training/c/")[0]
    course = certificate.enrolment.cohort.course
    told: dict[str, Any] = {
        "@context": CONTEXT,
        "id": page,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": course.title,
        "issuer": {"id": issuer, "type": ["Profile"], "name": urlsplit(issuer).netloc},
        "validFrom": _moment(certificate.issued_date).isoformat().replace("+00:00", "Z"),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": certificate.printed_name,
                    "identityType": "name",
                }
            ],
            "achievement": {
                "id": f"{issuer}/training/courses#{course.code}",
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": course.title,
                "humanCode": certificate.serial,
                "description": course.title,
                "criteria": {"narrative": str(course.get_pass_rule_display())},
            },
        },
    }
    if certificate.valid_to is not None:
        told["validUntil"] = _end(certificate.valid_to).isoformat().replace("+00:00", "Z")
    return told


def badge(certificate: Certificate) -> str:
    """The signed badge: header, payload and signature in base64url, divided by dots."""
    key = certificate.signing_key
    header = {
        "alg": "EdDSA",
        "typ": "vc+jwt",
        "kid": str(key.number),
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": key.public_key},
    }
    told = credential(certificate)
    claims = {
        **told,
        "iss": told["issuer"]["id"],
        "jti": told["id"],
        "nbf": int(_moment(certificate.issued_date).timestamp()),
    }
    if certificate.valid_to is not None:
        claims["exp"] = int(_end(certificate.valid_to).timestamp())
    signed = f"{_part(header)}.{_part(claims)}"
    return f"{signed}.{sign(str(key.private_key), signed.encode())}"


def _part(told: dict[str, Any]) -> str:
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _end(day: date) -> datetime:
    """The last second of a day: a certificate holds until its day is over."""
    return datetime.combine(day, time(23, 59, 59), UTC)
