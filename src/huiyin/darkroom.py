"""The darkroom (暗房): a process of its own that makes a clean picture of whatever bytes a stranger sends."""

import ctypes
import resource
import struct
import sys
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageCms, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

FORMATS = ("JPEG", "PNG", "WEBP")  # what phones call MPO comes as JPEG
PIXELS = 50_000_000
LONGEST, SMALL = 1600, 320  # pixels of the long edge
HEAVIEST = 400_000  # bytes of what is kept
SECONDS = 10  # of the processor, a picture
MEMORY = 512 * 1024 * 1024  # bytes of data
_QUALITIES = (82, 70, 58)
_NEW_NETWORK = 0x40000000 | 0x10000000  # CLONE_NEWNET | CLONE_NEWUSER

BAD, LARGE = b"bad-picture", b"picture-too-large"
FRAME = struct.Struct(">I")


class Unfit(Exception):
    """This is no picture that we take; the argument is the code."""


def develop(raw: bytes) -> tuple[bytes, bytes]:
    """A JPEG of at most LONGEST pixels and a small one; nothing of the original but what is to be seen.

    Raises Unfit, or whatever a decoder raises: then it is no picture either."""
    with Image.open(BytesIO(raw), formats=FORMATS) as found:
        if found.width * found.height > PIXELS:
            raise Unfit(LARGE)
        shown = _reduced(found)
    return _written(shown, LONGEST, HEAVIEST), _written(shown, SMALL, HEAVIEST)


def _reduced(found: Image.Image) -> Image.Image:
    """Upright, in sRGB, on white, no larger than needed; what belonged to the file is left behind."""
    found.draft("RGB", (LONGEST, LONGEST))  # a JPEG is decoded at an eighth, a quarter, a half
    profile = found.info.get("icc_profile")
    found.load()
    factor = max(found.width, found.height) // (2 * LONGEST)
    plain = found.reduce(factor) if factor > 1 and found.mode in ("L", "RGB", "RGBA", "CMYK") else found
    plain.thumbnail((2 * LONGEST, 2 * LONGEST))
    if found.mode.startswith("I"):  # sixteen bits a pixel
        plain = plain.point(lambda value: value / 256).convert("L")
    # Upright first: what colours are turned to is a new image that no longer knows how the phone was held.
    shown = _coloured(ImageOps.exif_transpose(plain), profile)
    shown.info.clear()
    return shown


def _coloured(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.has_transparency_data:
        over = image.convert("RGBA")
        white = Image.new("RGB", over.size, "white")
        white.paste(over, mask=over.getchannel("A"))
        return white
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            there = ImageCms.ImageCmsProfile(BytesIO(profile))
            turned = ImageCms.profileToProfile(image, there, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):  # a profile that is none: the numbers as they are
            turned = None
        if turned is not None:
            return turned
    return image.convert("RGB")


def _written(shown: Image.Image, longest: int, heaviest: int) -> bytes:
    """As JPEG, of less quality and then smaller until it is light enough."""
    image = shown.copy()
    image.thumbnail((longest, longest))
    while True:
        for quality in _QUALITIES:
            out = BytesIO()
            image.save(out, "JPEG", quality=quality)
            if out.tell() <= heaviest:
                return out.getvalue()
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)))


# -- the process ------------------------------------------------------------------------------------------

_SRGB = ImageCms.createProfile("sRGB")
_LOADED = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)
Image.preinit()  # nothing can be loaded later


def _shut() -> None:
    """From here on there is no network, no file to open or to write, no other process, and so much memory."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_NETWORK)  # where the system allows it
    for what, most in (
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, MEMORY),
    ):
        resource.setrlimit(what, (most, most))
    Image.MAX_IMAGE_PIXELS = None  # looked at before: with a code of ours, not a warning


def _wind() -> None:
    """SECONDS of the processor from now on; after that the system ends us."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    most = int(spent.ru_utime + spent.ru_stime) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(raw: bytes) -> list[bytes]:
    """Two pictures, or one code."""
    try:
        return list(develop(raw))
    except Unfit as unfit:
        return [unfit.args[0]]
    except MemoryError:
        return [LARGE]
    except Exception:  # whatever a decoder says of a stranger's bytes; nothing of it is told
        return [BAD]


def _read(source: BinaryIO) -> bytes | None:
    head = source.read(FRAME.size)
    return source.read(FRAME.unpack(head)[0]) if len(head) == FRAME.size else None


def main() -> None:
    """A picture in, its answer out, until the other side closes."""
    _shut()
    while (raw := _read(sys.stdin.buffer)) is not None:
        _wind()
        parts = _answer(raw)
        sys.stdout.buffer.write(bytes([len(parts)]) + b"".join(FRAME.pack(len(one)) + one for one in parts))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
