"""The code by which somebody is shown to whoever may read facts about persons but not their names:
the same on every page of this installation, told by none of her numbers, and known nowhere else.
"""

from uuid import UUID

from handup.kernel.crypto import keyed_hash
from handup.org import keys

LENGTH = 10


def code_of(pk: UUID) -> str:
    """The code of a person, or of an enterprise without a registered owner."""
    key = keys.load().lasting_key("pseudonym.readers")
    return f"P-{keyed_hash(key, str(pk))[:LENGTH].upper()}"
