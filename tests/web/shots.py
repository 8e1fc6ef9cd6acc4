"""Pictures that people send, good and bad, made here; and how a form sends them."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any

import httpx
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

GPS, WHERE = 0x8825, b"NIKON SECRET"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>30,15N</exif:GPSLatitude></x:xmpmeta>'


def image(size: tuple[int, int] = (640, 480), mode: str = "RGB", colour: Any = "white") -> Image.Image:
    """Left half red, the rest as given: which way up it is can be seen."""
    made = Image.new("RGB", size, colour).convert(mode) if isinstance(colour, str) else Image.new(mode, size, colour)
    if mode == "RGB":
        ImageDraw.Draw(made).rectangle((0, 0, size[0] // 2, size[1]), fill="red")
    return made


def encoded(made: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    out = BytesIO()
    made.save(out, kind, **more)
    return out.getvalue()


def jpeg(size: tuple[int, int] = (640, 480), **more: Any) -> bytes:
    return encoded(image(size), "JPEG", **more)


@cache  # a profile says when it was made
def located(orientation: int = 1, size: tuple[int, int] = (640, 480)) -> bytes:
    """As a phone makes it: maker, place, a profile, a comment, XMP, and which way it was held."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, WHERE.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (30.0, 15.0, 12.34), 3: "E", 4: (120.0, 9.0, 8.7)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return jpeg(size, exif=exif, icc_profile=profile, comment=b"Wang lives here", xmp=XMP)


def told(size: tuple[int, int] = (640, 480)) -> bytes:
    """A PNG that says who made it."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Wang lives here")
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return encoded(image(size), "PNG", pnginfo=text)


def bomb() -> bytes:
    """A few kilobytes that would be 1.6 gigapixels."""
    return encoded(Image.new("1", (40_000, 40_000)), "PNG")


async def send(
    http: httpx.AsyncClient, path: str, said: dict[str, str], raws: Sequence[bytes], **more: Any
) -> httpx.Response:
    """A form with pictures, as a browser sends it."""
    files = [("picture", (f"IMG_{i}.jpg", raw, "image/jpeg")) for i, raw in enumerate(raws)]
    return await http.post(path, data=said, files=files or [("picture", ("", b"", "application/octet-stream"))], **more)


def scene(n: int) -> bytes:
    """Something like a photograph of a wall with a stain, to be looked at in screenshots."""
    size = (1200, 1600) if n % 2 else (1600, 1200)
    wall = Image.linear_gradient("L").resize(size).convert("RGB")
    tint = Image.new("RGB", size, ((196, 180, 150), (150, 170, 180), (180, 165, 160), (140, 150, 140))[n % 4])
    made = Image.blend(wall, tint, 0.75)
    draw = ImageDraw.Draw(made)
    across, down = size
    draw.rectangle((0, down * 0.8, across, down), fill=(96, 84, 72))
    draw.ellipse((across * 0.3, down * 0.15, across * 0.7, down * 0.5), fill=(120, 100, 70))
    draw.rectangle((across * 0.72, down * 0.55, across * 0.8, down * 0.62), fill="white")
    return encoded(made, "JPEG", quality=88)
