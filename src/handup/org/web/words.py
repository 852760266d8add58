"""Words somebody looks for: never in an address, where browsers, proxies and whoever is sent the
link would keep them (protection.md 4.10).

A search form posts. The words lie sealed in the reader's session under a short key drawn by chance,
and she is led to the address with that key alone: paging, sorting and files carry it along. The key
opens nothing in another session and ends with its own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from secrets import token_hex
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect

from handup.kernel.crypto import Place
from handup.kernel.errors import Refusal
from handup.org import keys
from handup.org.keys import Ring
from handup.org.web.refusals import message_of

KEY = "s"
SEARCH = "q"
MOST = 50
"""So many searches of a session are kept; the oldest gives way."""
LONGEST = 200
_KEPT = "words"
_OF_THE_ANSWER = {"after", "before", "export", "go"}


class LookAgain(Refusal):
    """Look for it again."""

    def __init__(self, names: Collection[str] = ()) -> None:
        """Remember which parameters the address must lose."""
        super().__init__()
        self.names = frozenset(names)


class WordsEnded(LookAgain):
    """The words you looked for are no longer kept. Type them again."""


class WordsInTheAddress(LookAgain):
    """Words to look for are typed into the box, not into the address, where others could read
    them.
    """


def _place(key: str) -> Place:
    return Place("django_session", _KEPT, key)


def _open(sealed: str, key: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(keys.load().rings[Ring.FIELD].decrypt(sealed, _place(key)))
    return found


def keep(request: HttpRequest, words: Mapping[str, str]) -> str:
    """The key under which the session keeps these words; the one they have, when it does already.
    Empty when there is nothing to keep.
    """
    told = {name: text.strip()[:LONGEST] for name, text in words.items() if text.strip()}
    if not told:
        return ""
    held: dict[str, str] = dict(request.session.get(_KEPT, {}))
    known = key_of(held, told)
    key = known or token_hex(6)
    sealed = held.pop(key, "") or keys.load().rings[Ring.FIELD].encrypt(
        json.dumps(told), _place(key)
    )
    request.session[_KEPT] = dict([*held.items(), (key, sealed)][-MOST:])
    return key


def key_of(held: Mapping[str, str], told: Mapping[str, str]) -> str:
    """The key of words that are kept already; empty when they are not."""
    for key, sealed in held.items():
        try:
            if _open(sealed, key) == told:
                return key
        except Refusal:  # sealed with a key that is gone
            continue
    return ""


def asked(request: HttpRequest, names: Sequence[str] = (SEARCH,)) -> dict[str, str]:
    """What the address asks to look for, by the names of the boxes. Raises WordsInTheAddress,
    WordsEnded.
    """
    if any(text.strip() for name in names for text in request.GET.getlist(name)):
        raise WordsInTheAddress(names)
    key = request.GET.get(KEY, "")
    if not key or not names:
        return {}
    try:
        found = _open(request.session[_KEPT][key], key)
    except (KeyError, Refusal):
        raise WordsEnded from None
    return {name: text for name, text in found.items() if name in names}


def lead(
    request: HttpRequest, harmless: Mapping[str, str], names: Sequence[str] = (SEARCH,)
) -> HttpResponseRedirect:
    """Keep the words a form sent, and lead to this page with their key and what is harmless."""
    key = keep(request, {name: request.POST.get(name, "") for name in names})
    told = {name: value for name, value in {**harmless, KEY: key}.items() if value}
    return HttpResponseRedirect(f"{request.path}?{urlencode(told)}" if told else request.path)


def start_again(request: HttpRequest, refusal: LookAgain) -> HttpResponseRedirect:
    """The page as it is without the words, and why."""
    messages.warning(request, message_of(refusal))
    left_out = {KEY, *_OF_THE_ANSWER, *refusal.names}
    told = [(name, one) for name, values in request.GET.lists() for one in values]
    left = urlencode([(name, value) for name, value in told if name not in left_out])
    return HttpResponseRedirect(f"{request.path}?{left}" if left else request.path)
