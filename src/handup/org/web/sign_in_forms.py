"""The forms of signing in, in the house's words and look, over django-allauth's."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.account.forms import ReauthenticateForm as PasswordAgainForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import dress


def _word(form: forms.Form, name: str, label: Any, hint: Any = "", **attrs: str) -> None:
    """Give one field our label and hint, without a placeholder."""
    field = form.fields[name]
    field.label = label
    field.help_text = hint
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)
    dress(field)


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """User name and password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Use the words of the house."""
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        _word(self, "login", _("User name"), autocomplete="username", autocapitalize="none")
        _word(self, "password", _("Password"), autocomplete="current-password")


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    """The old password and the new one, typed twice."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Use the words of the house."""
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        hint = _("At least 12 signs. A few words you can remember are better than tricks.")
        _word(self, "oldpassword", _("Password now"), autocomplete="current-password")
        _word(self, "password1", _("New password"), hint, autocomplete="new-password")
        _word(self, "password2", _("New password, once more"), autocomplete="new-password")


class ConfirmPasswordForm(PasswordAgainForm):  # type: ignore[misc]  # allauth ships no types
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Use the words of the house."""
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        _word(self, "password", _("Password"), autocomplete="current-password")


CODE_HINT = _("Six digits from the app on your phone, or one of your recovery codes.")


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The code of the app, or a recovery code."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Use the words of the house."""
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        _word(self, "code", _("Code"), CODE_HINT, autocomplete="one-time-code", inputmode="numeric")


class ConfirmFactorForm(ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The code once more, before something that matters."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Use the words of the house."""
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        _word(self, "code", _("Code"), CODE_HINT, autocomplete="one-time-code", inputmode="numeric")


class SetUpAppForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth ships no types
    """The first code of a new app."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Use the words of the house."""
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        hint = _("Type the six digits the app shows now.")
        _word(self, "code", _("Code"), hint, autocomplete="one-time-code", inputmode="numeric")


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A name for the new passkey."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Use the words of the house."""
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        _word(self, "name", _("Name of this key"), _("For example: my phone, the office key."))
        self.fields.pop("passwordless", None)
