"""Codes as the camera of a phone sees them: a film that a browser plays as its camera."""

from collections.abc import Sequence
from pathlib import Path

import segno

WIDTH, HEIGHT, SCALE_MOST, FRAMES_EACH = 640, 480, 8, 8


def film(path: Path, texts: Sequence[str]) -> None:
    """Write a film (YUV4MPEG2, grey) that holds each text as a code for a while, again and
    again."""
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    colours = bytes([128]) * (WIDTH * HEIGHT // 2)
    frames = [b"FRAME\n" + _grey(text) + colours for text in texts]
    path.write_bytes(head + b"".join(frame * FRAMES_EACH for frame in frames))


def _grey(text: str) -> bytes:
    """One picture: the code in the middle of a light page."""
    rows = list(segno.make(text, error="l", micro=False, boost_error=False).matrix_iter(border=4))
    scale = min(SCALE_MOST, HEIGHT // len(rows))
    side = len(rows) * scale
    left, top = (WIDTH - side) // 2, (HEIGHT - side) // 2
    page = bytearray([235]) * (WIDTH * HEIGHT)
    for y, row in enumerate(rows):
        line = b"".join(bytes([20 if dark else 235]) * scale for dark in row)
        for step in range(scale):
            start = (top + y * scale + step) * WIDTH + left
            page[start : start + side] = line
    return bytes(page)
