"""Every setting of Handup: what the surroundings set (config/environment.py), checked at start,
then Django's own names.
"""

import os
import secrets
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from handup.config.environment import read_environment
from handup.org.mail_server import is_address, read_server
from handup.org.posting_out import host_of, is_fit
from handup.org.sqlite import journal_mode

ENV = read_environment(dict(os.environ))
BASE_DIR = Path(__file__).resolve().parents[1]
DATA_DIR = Path(ENV.data).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
KEYS_FILE = Path(ENV.keys).resolve() if ENV.keys else DATA_DIR / "keys.json"
ERASED_FILE = KEYS_FILE.with_name("erased.txt")  # who was erased, by keyed hash; outlives a restore
ENCRYPT_NAMES = ENV.flag("encrypt_names")
SCANNER = shlex.split(ENV.scanner)
SMS, SMS_KEY = ENV.sms, ENV.secret("sms_key", 20)
if SMS and not is_fit(SMS):
    raise ImproperlyConfigured(
        "HANDUP_SMS must be an https address without a name or password in it."
    )
try:
    MAIL_SERVER = read_server(ENV.email) if ENV.email else None
except ValueError as fault:
    raise ImproperlyConfigured(f"HANDUP_EMAIL cannot be read: {fault}.") from None
MAIL_FROM = ENV.email_from.strip()
if (MAIL_SERVER or MAIL_FROM) and not is_address(MAIL_FROM):
    raise ImproperlyConfigured("HANDUP_EMAIL_FROM must be an e-mail address.")
HOOK_HOSTS = frozenset(host.strip().lower() for host in ENV.hooks.split(",") if host.strip())
if unfit := sorted(host for host in HOOK_HOSTS if host_of(f"https://{host}/") != host):
    raise ImproperlyConfigured(
        f"HANDUP_HOOKS holds names of computers alone, separated by commas, not {unfit[0]!r}."
    )
HEADS_DIR = Path(ENV.heads).resolve() if ENV.heads else DATA_DIR / "heads"
COLUMNS = ENV.flag("columns")
SNAPSHOTS = ENV.flag("snapshots")
SLOW_MS = ENV.whole("slow_ms", 1, 600_000)
METRICS_TOKEN = ENV.secret("metrics_token", 20)
COPY_DIR = Path(ENV.copy).resolve() if ENV.copy else None
IATI_PACK = Path(ENV.iati_pack) if ENV.iati_pack else None


PROVED = frozenset({"verify-ca", "verify-full"})
"""How PostgreSQL on another machine is spoken with: over TLS, its certificate proved."""

HERE = frozenset({"", "localhost", "127.0.0.1", "::1"})
"""How PostgreSQL on this machine is named, beside the folder of its socket."""

PAGES_IN_LOG = 4_000
"""Pages of SQLite's write-ahead log (16 MB) after which they are brought into the database."""


def is_elsewhere(host: str, hostaddr: str) -> bool:
    """Whether any of the hosts the driver may try (`host` and `hostaddr` are lists with commas) is
    another machine.
    """
    named = [one.strip() for one in host.split(",")]
    return any(one not in HERE and not one.startswith(("/", "@")) for one in named) or any(
        one.strip() not in HERE for one in hostaddr.split(",")
    )


def database(url: str) -> dict[str, Any]:
    """Turn a database address into Django's settings for it (architecture.md section 4)."""
    if not url or url.startswith("sqlite:"):
        path = url.removeprefix("sqlite:///") if url else str(DATA_DIR / "handup.sqlite3")
        if not path or path.startswith("sqlite:"):
            raise ImproperlyConfigured("HANDUP_DATABASE names a file as sqlite:///path.")
        return {
            "ENGINE": "handup.config.sqlite",
            "NAME": path,
            "TEST": {"NAME": ":memory:"},
            "CONN_MAX_AGE": None,  # to open one reads the whole schema, some ten milliseconds
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "cached_statements": 8,  # see config.sqlite.base.Connection
                "init_command": (
                    f"PRAGMA journal_mode={journal_mode()}; PRAGMA synchronous=FULL;"
                    f" PRAGMA wal_autocheckpoint={PAGES_IN_LOG};"
                    " PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
                    " PRAGMA secure_delete=ON; PRAGMA cache_size=-32000;"
                ),
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(
            f"HANDUP_DATABASE begins with {parts.scheme!r}; use sqlite:/// or postgresql://."
        )
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(
            "HANDUP_DATABASE has a port that is no number from 0 to 65535."
        ) from None
    options = dict(parse_qsl(parts.query))
    if "service" in options or "PGSERVICE" in os.environ:
        raise ImproperlyConfigured(
            "HANDUP_DATABASE (or PGSERVICE) names a service; write host and database out, so"
            " that it can be seen which machine is spoken with."
        )
    host = options.pop("host", parts.hostname or os.environ.get("PGHOST", ""))
    elsewhere = is_elsewhere(host, options.get("hostaddr", os.environ.get("PGHOSTADDR", "")))
    if elsewhere and options.setdefault("sslmode", "verify-full") not in PROVED:
        raise ImproperlyConfigured(
            f"HANDUP_DATABASE names another machine with sslmode={options['sslmode']}; use"
            " verify-full (or verify-ca) with sslrootcert."
        )
    return {
        "ENGINE": "handup.config.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or options.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Django itself never prepares; the statements written by hand (org/statements.py) do.
        "OPTIONS": {"prepare_threshold": 3, **options},
    }


DATABASES = {"default": database(ENV.database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def secret_key() -> str:
    """Read Django's signing key beside the other keys, making it on the first start; never in the
    database.
    """
    path = DATA_DIR / "signing.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return path.read_text()


SECRET_KEY = secret_key()
DEBUG = ENV.flag("debug")
SECURE = ENV.flag("secure")
PORT = ENV.whole("port", 1, 65_535)
THREADS = ENV.whole("threads", 1, 256)
WIFI = ENV.wifi.strip()
WIFI_PORT = ENV.whole("wifi_port", 1, 65_535)
ALLOWED_HOSTS = [host.strip() for host in ENV.hosts.split(",")]
if WIFI:
    ALLOWED_HOSTS.append(f"[{WIFI}]" if ":" in WIFI else WIFI)

DOMAINS = (
    "org",
    "ledger",
    "projects",
    "people",
    "training",
    "surveys",
    "plans",
    "markets",
    "groups",
    "lending",
    "results",
    "desk",
    "sync",
    "demo",
)
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
    "rules",
    *(f"handup.{domain}" for domain in DOMAINS),
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "handup.org.watch.WatchMiddleware",
    "handup.org.web.middleware.RequestIdMiddleware",
    "handup.org.interface.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "handup.org.middleware.HeadersMiddleware",
    "handup.org.clear_text.ClearTextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "handup.org.web.middleware.NoNulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "handup.org.middleware.SessionRulesMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "handup.org.middleware.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
    "handup.org.middleware.ReadLogMiddleware",
    "handup.org.web.middleware.LanguageMiddleware",
    "handup.org.web.middleware.DutyReasonMiddleware",
    "handup.org.web.middleware.RefusalMiddleware",
]
ROOT_URLCONF = "handup.config.urls"
WSGI_APPLICATION = "handup.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "handup.org.web.context.frame",
            ],
        },
    }
]
AUTH_USER_MODEL = "org.StaffUser"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
CSRF_FAILURE_VIEW = "handup.org.web.faults.csrf_failure"

ACCOUNT_ADAPTER = "handup.org.web.adapter.HouseAdapter"
ACCOUNT_FORMS = {
    "login": "handup.org.web.sign_in_forms.SignInForm",
    "change_password": "handup.org.web.sign_in_forms.NewPasswordForm",
    "reauthenticate": "handup.org.web.sign_in_forms.ConfirmPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {
    "login": "50/h/ip",
    "login_failed": "50/h/ip",
    "reset_password": "3/h/ip",
    "reauthenticate": "10/15m/user",
    "change_password": "10/h/user",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Handup"
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODES_SHOW_ONCE = True  # afterwards their hashes alone are kept (org/recovery.py)
MFA_ADAPTER = "handup.org.web.adapter.FactorAdapter"
MFA_FORMS = {
    "authenticate": "handup.org.web.sign_in_forms.SecondFactorForm",
    "reauthenticate": "handup.org.web.sign_in_forms.ConfirmFactorForm",
    "activate_totp": "handup.org.web.sign_in_forms.SetUpAppForm",
    "add_webauthn": "handup.org.web.sign_in_forms.AddPasskeyForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE

# Five failures per user and address in 15 minutes, then 15 minutes of waiting (protection.md 4.10).
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "handup.org.web.lockout.username_of"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
SECOND_FACTOR_REQUIRED = True  # of the roles in SECOND_FACTOR_ROLES (rulings 12)

AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "handup.org.passwords.MaximumLength"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name", "email")},
    },
    {"NAME": "handup.org.passwords.NotALeakedOneDressedUp"},
    {"NAME": "handup.org.passwords.NotAKnownName"},
]

# Cookies, headers and the content policy of protection.md 4.10.
_HOST = "__Host-" if SECURE else ""
# A message may name a person: it waits in the session, never in a cookie of the browser.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_NAME = f"{_HOST}session"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_HOST}csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [
    f"https://{host}" for host in ALLOWED_HOSTS if SECURE and not host.startswith(".")
]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = f"{_HOST}language"
LANGUAGE_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
# What programs ask for is refused in clear, not led on to TLS (org/clear_text.py).
SECURE_REDIRECT_EXEMPT = [
    r"^api/v1/",
    r"^api/openapi\.json$",
    r"^collect/",
    r"^training/calendar/[^/]+\.ics$",
    r"^lending/line/$",
]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "img-src": [SELF, "blob:"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Jobs: payloads hold ids only. A worker thread in the one server process, or `handup worker`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

LOG = ENV.one_of("log", "plain", "json")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "handup.org.logs.Readable"},
        "json": {"()": "handup.org.logs.AsJson"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "handup": {"level": "INFO"},
        "handup.answers": {"level": "DEBUG" if LOG == "json" else "INFO"},
    },
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

USE_TZ = True
TIME_ZONE = ENV.zone("time_zone")
LANGUAGES = [
    ("en", _("English")),
    ("hy", _("Armenian")),
    ("mn", _("Mongolian")),
    ("rw", _("Kinyarwanda")),
    ("fr", _("French")),
    ("ru", _("Russian")),
]
LANGUAGE_CODE = ENV.one_of("language", *(code for code, _name in LANGUAGES))
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "handup.org.web.static.NamedStorage"},
}
WHITENOISE_USE_FINDERS = True  # served from where they are built, with the .gz beside each
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = DATA_DIR / "files"
