"""JSON written again and again in one way: as `json.dumps` writes it, without setting up the writer
for each value, which costs more than writing the few words of an audit line.
"""

import json
from collections.abc import Callable
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any


def writer(
    *,
    sort_keys: bool = False,
    ensure_ascii: bool = True,
    separators: tuple[str, str] = (", ", ": "),
) -> Callable[[Any], str]:
    """Return what writes a value as `json.dumps` does with these words.

    A value that holds itself is a RecursionError here, not a ValueError.
    """
    encoder = json.JSONEncoder(
        sort_keys=sort_keys, ensure_ascii=ensure_ascii, separators=separators
    )
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # a Python without the writer in C
        return encoder.encode
    quoted = encode_basestring_ascii if ensure_ascii else encode_basestring
    item, key = separators
    pieces = make(None, encoder.default, quoted, None, key, item, sort_keys, False, True)

    def write(value: Any) -> str:
        return "".join(pieces(value, 0))

    return write
