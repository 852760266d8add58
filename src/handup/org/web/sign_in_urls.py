"""The doors of django-allauth that Handup opens: sign in, second factor, password; no sign-up, no
social accounts.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkey
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from handup.org.models import StaffUser
from handup.org.web.second_factor import factor_code


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page; on an empty installation, the wizard of the first run."""
    if not StaffUser.objects.exists():
        return redirect("org:start")
    response: HttpResponseBase = account.login(request)
    return response


urlpatterns: list[URLPattern] = [
    path("sign-in/", sign_in, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    # Who has no password yet asks the administrator for one; nobody gives it to herself.
    path(
        "account/password/none/",
        RedirectView.as_view(pattern_name="org:account"),
        name="account_set_password",
    ),
    path("account/second-factor/", factor.index, name="mfa_index"),
    path("sign-in/second-factor/", factor.authenticate, name="mfa_authenticate"),
    path("account/confirm/second-factor/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/app/end/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/second-factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/second-factor/codes/new/",
        codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/second-factor/codes/file/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("account/second-factor/passkeys/", passkey.list_webauthn, name="mfa_list_webauthn"),
    path("account/second-factor/passkeys/new/", passkey.add_webauthn, name="mfa_add_webauthn"),
    path(
        "account/second-factor/passkeys/<int:pk>/end/",
        passkey.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
    path(
        "account/second-factor/passkeys/<int:pk>/",
        passkey.edit_webauthn,
        name="mfa_edit_webauthn",
    ),
    path(
        "account/confirm/passkey/",
        passkey.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/second-factor/app/qr.svg", factor_code, name="mfa_qr"),
]
