"""The product's settings with a page of each kind and a mirrored language."""

from django.conf import locale
from django.utils.translation import gettext_lazy

from handup.config.settings import *  # noqa: F403  (the product's settings are the point)
from handup.config.settings import LANGUAGES as PRODUCT_LANGUAGES

ROOT_URLCONF = "tests.frame.urls"
LANGUAGES = [*PRODUCT_LANGUAGES, ("ar-xb", gettext_lazy("Mirrored"))]
locale.LANG_INFO["ar-xb"] = {
    "bidi": True,
    "code": "ar-xb",
    "name": "Mirrored",
    "name_local": "Mirrored",
}
SECOND_FACTOR_REQUIRED = False
TEMPLATES[0]["DIRS"].append(BASE_DIR.parents[1] / "tests" / "frame" / "templates")  # type: ignore[attr-defined]  # noqa: F405  (a list of plain values)
