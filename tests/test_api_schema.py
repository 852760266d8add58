"""The whole API against inputs nobody would write: schemathesis makes them from the OpenAPI
document.

In process, through the WSGI application, with a token of a staff user who holds every role: nothing
may end in a fault of the program, and every refusal is a problem the document names.
"""

from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig

from handup.config.api import document
from handup.config.wsgi import application
from handup.org.interface import PROBLEM
from handup.org.models import ApiToken, Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.services.devices import token_hash

TOKEN = "hu_a-token-of-these-tests-only"
EXAMPLES = 5

config = SchemathesisConfig.from_dict(
    {"phases": {"coverage": {"enabled": False}}, "generation": {"deterministic": True}}
)
schema = schemathesis.openapi.from_dict(document(), config=config)
schema.app = application


@pytest.fixture
def token(db: None) -> str:
    """A token of a staff user with every role, so that refusals come from the services."""
    staff = StaffUser.objects.create_user("everyone", display_name="Everyone")
    today = timezone.localdate()
    Grant.objects.bulk_create(
        Grant(staff=staff, role=role, scope=ScopeKind.ALL, starts=today, ends=today)
        for role in Role
    )
    ApiToken.objects.create(
        staff=staff,
        label="schemathesis",
        key_hash=token_hash(TOKEN),
        scopes=["*"],
        expires_at=timezone.now() + timedelta(days=1),
        given_by=staff,
    )
    return TOKEN


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_no_input_makes_the_api_fail(case: Any, token: str) -> None:
    answer = case.call(headers={"Authorization": f"Bearer {token}"})
    case.validate_response(answer, checks=(not_a_server_error,))
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == [PROBLEM], case.as_curl_command()
