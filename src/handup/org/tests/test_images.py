"""A picture is kept without the place it was taken at, and nothing hides in it (protection.md
4.10, V5)."""

from io import BytesIO

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from handup.org import images

SIGNS = (b"Yerevan", b"SecretPhone", b"her house", b"Exif", b"GPS", b"xmp", b"<script")
JPEG, PNG = "image/jpeg", "image/png"


def taken(kind: str) -> bytes:
    """A picture as a telephone takes it: lying on its side, with place, device and remarks."""
    picture = Image.new("RGB", (4, 2), (250, 250, 250))
    picture.putpixel((0, 0), (10, 10, 10))
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Model] = "SecretPhone 5"
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", (40.0, 10.0, 33.6)
    place[GPS.GPSAreaInformation] = b"Yerevan, her house"
    out = BytesIO()
    if kind == JPEG:
        picture.save(out, "JPEG", exif=exif, comment=b"her house", quality=95)
    else:
        told = PngInfo()
        told.add_text("Comment", "her house")
        told.add_itxt("XML:com.adobe.xmp", "<xmp>Yerevan</xmp>")
        picture.save(out, "PNG", exif=exif, pnginfo=told)
    return out.getvalue() + b"<script>PK\x03\x04 behind the end</script>"


@pytest.mark.parametrize("kind", [JPEG, PNG])
def test_a_picture_keeps_its_points_upright_and_nothing_else(kind: str) -> None:
    content = taken(kind)
    assert b"SecretPhone" in content
    assert b"her house" in content
    kept = images.plain(content, kind)
    assert [sign for sign in SIGNS if sign in kept] == []
    with Image.open(BytesIO(kept)) as shown:
        assert (shown.size, dict(shown.getexif())) == ((2, 4), {})
        points = shown.convert("L").tobytes()
    assert points[1] < 120 < points[6]
    assert images.plain(content, kind) == kept, "the same picture sent again is the same file"


def test_other_files_stay_byte_for_byte() -> None:
    assert images.plain(b"%PDF-1.7 x", "application/pdf") == b"%PDF-1.7 x"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n picture", PNG),
        (b"\xff\xd8\xff\xe0", JPEG),
        (taken(JPEG)[:200], JPEG),
        (taken(PNG)[:60], PNG),
        (taken(PNG), JPEG),
        (taken(PNG).replace(b"IHDR", b"IXDR"), PNG),
    ],
)
def test_a_damaged_picture_is_refused_in_words(content: bytes, kind: str) -> None:
    with pytest.raises(images.PictureDamaged):
        images.plain(content, kind)


def test_a_picture_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_POINTS", 7)
    with pytest.raises(images.PictureTooLarge):
        images.plain(taken(PNG), PNG)
    out = BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    assert len(out.getvalue()) < 1_000_000
    monkeypatch.setattr(images, "MOST_POINTS", 40_000_000)
    with pytest.raises((images.PictureTooLarge, images.PictureDamaged)):
        images.plain(out.getvalue(), PNG)
