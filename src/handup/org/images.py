"""Pictures are kept as their points alone, written anew: where and when one was taken, by which
telephone, and what was typed into it, stays outside (protection.md 4.10, V5).

Whatever hides in a picture beside its points is gone with that too.
"""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageOps

from handup.kernel.errors import Refusal

MOST_POINTS = 40_000_000
"""More than telephones take; one picture is then 160 MB while it is written anew."""

FORMS = {"image/png": "PNG", "image/jpeg": "JPEG"}
KEPT = ("icc_profile", "transparency")  # what the points mean
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What reading a damaged or hostile picture raises."""


class PictureTooLarge(Refusal):
    """A picture may have {millions} million points at most. Take it smaller."""


class PictureDamaged(Refusal):
    """This picture cannot be read. Take it again, or save it anew."""


def plain(content: bytes, kind: str) -> bytes:
    """The same picture with nothing but its points, upright; other files as they are.

    Raises PictureTooLarge, PictureDamaged.
    """
    form = FORMS.get(kind)
    if form is None:
        return content
    try:
        with Image.open(BytesIO(content), formats=(form,)) as told:
            large = told.width * told.height > MOST_POINTS
            points = None if large else ImageOps.exif_transpose(told).copy()
        if points is not None:
            points.info = {name: points.info[name] for name in KEPT if name in points.info}
            return _written(points, form)
    except BROKEN as fault:
        raise PictureDamaged(field="file") from fault
    raise PictureTooLarge(field="file", millions=MOST_POINTS // 1_000_000)


def _written(points: Image.Image, form: str) -> bytes:
    out = BytesIO()
    profile = points.info.get("icc_profile")
    if form == "JPEG":
        points.save(out, form, quality=90, icc_profile=profile)
    else:
        points.save(out, form, icc_profile=profile)
    return out.getvalue()
