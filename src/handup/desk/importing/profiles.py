"""Import profiles: which tables a file holds, which columns, and who takes their rows over."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from handup.kernel.errors import Refusal
from handup.kernel.importing.profiles import Profile, read_profile


class UnknownProfile(Refusal):
    """There is no import profile {profile}. Known: {known}."""


@cache
def known_profiles() -> Mapping[str, Profile]:
    """Every profile by its code."""
    folder = files("handup.desk") / "profiles"
    found = (
        read_profile(json.loads(item.read_text("utf-8")))
        for item in folder.iterdir()
        if item.name.endswith(".json")
    )
    return {profile.code: profile for profile in sorted(found, key=lambda item: item.code)}


def profile_of(code: str) -> Profile:
    """The profile of that code. Raises UnknownProfile."""
    known = known_profiles()
    if code not in known:
        raise UnknownProfile(field="profile", profile=code, known=", ".join(known))
    return known[code]
