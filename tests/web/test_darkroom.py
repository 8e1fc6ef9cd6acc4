"""Pictures are developed (冲洗): whatever comes in, a clean JPEG or a code goes out, and the house stands."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from PIL import Image

from huiyin import darkroom
from huiyin.web import darkrooms
from huiyin.web.darkrooms import Darkrooms
from huiyin.web.problems import Problem
from tests.web import shots


@pytest.fixture(scope="module")
async def standing() -> AsyncIterator[Darkrooms]:
    """One for all the samples: what one of them leaves behind, the next one finds."""
    made = Darkrooms()
    yield made
    await made.close()


@pytest.fixture
async def rooms() -> AsyncIterator[Darkrooms]:
    """One that a test may break."""
    made = Darkrooms()
    yield made
    await made.close()


def opened(raw: bytes) -> Image.Image:
    found = Image.open(BytesIO(raw))
    found.load()
    return found


GOOD = {
    "jpeg": shots.jpeg(),
    "progressive": shots.jpeg(progressive=True),
    "grey": shots.encoded(shots.image(mode="L")),
    "cmyk": shots.encoded(shots.image(mode="CMYK")),
    "png": shots.encoded(shots.image(), "PNG"),
    "palette": shots.encoded(shots.image().quantize(8), "PNG"),
    "black and white": shots.encoded(Image.new("1", (100, 80)), "PNG"),
    "sixteen bits": shots.encoded(Image.new("I;16", (100, 80), 40_000), "PNG"),
    "grey with alpha": shots.encoded(Image.new("LA", (100, 80), (9, 9)), "PNG"),
    "webp": shots.encoded(shots.image(), "WEBP"),
    "one pixel": shots.encoded(shots.image((1, 1)), "PNG"),
    "a line": shots.encoded(shots.image((9_000, 2)), "PNG"),
    "two in one": shots.encoded(shots.image(), "MPO", save_all=True, append_images=[shots.image((64, 64))]),
    "moving": shots.encoded(shots.image(), "WEBP", save_all=True, append_images=[shots.image()]),
    "located": shots.located(),
    "told": shots.told(),
    "a broken profile": shots.jpeg(icc_profile=b"no profile at all" * 20),
}


@pytest.mark.parametrize("name", GOOD)
async def test_what_is_taken(standing: Darkrooms, name: str) -> None:
    """A JPEG of a limited size and weight, and a small one; nothing of the file that it came in."""
    made = await standing.develop(GOOD[name])
    full, small = opened(made.full), opened(made.small)
    assert (full.format, small.format) == ("JPEG", "JPEG")
    assert max(full.size) <= 1_600
    assert max(small.size) <= 320
    assert len(made.full) <= 400_000
    for one, raw in ((full, made.full), (small, made.small)):
        assert not one.getexif()
        assert set(one.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}, one.info
        assert not any(word in raw for word in (b"Wang", b"SECRET", b"xmp", b"Exif", b"ICC_PROFILE", b"Adobe"))


async def test_no_place_survives(standing: Darkrooms) -> None:
    """The sample has what the test looks for: else it could not fail."""
    sample = shots.located()
    assert opened(sample).getexif().get_ifd(shots.GPS)
    assert all(word in sample for word in (shots.WHERE, b"Wang", b"GPSLatitude", b"ICC_PROFILE"))
    assert b"Wang" in shots.told()
    made = await standing.develop(sample)
    assert not opened(made.full).getexif().get_ifd(shots.GPS)


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [(1, (640, 480), (10, 240)), (3, (640, 480), (630, 240)), (6, (480, 640), (240, 10)), (8, (480, 640), (240, 630))],
)
@pytest.mark.parametrize("times", [1, 8])
async def test_it_stands_upright(
    standing: Darkrooms, orientation: int, size: tuple[int, int], red: tuple[int, int], times: int
) -> None:
    """However the phone was held, also where it is made smaller on the way."""
    made = opened((await standing.develop(shots.located(orientation, (640 * times, 480 * times)))).full)
    scale = min(1.0, 1_600 / (640 * times)) * times
    assert made.size == tuple(round(side * scale) for side in size)
    pixel = made.convert("RGB").getpixel(tuple(round(side * scale) for side in red))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200
    assert pixel[1] < 60


async def test_what_is_seen_through_is_white(standing: Darkrooms) -> None:
    made = opened((await standing.develop(shots.encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"))).full)
    assert made.getpixel((20, 20)) == (255, 255, 255)


HTML = b"<html><script>alert(1)</script></html>"
BAD = {
    "nothing": b"",
    "words": "不是照片".encode(),
    "html": HTML,
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "gif": shots.encoded(shots.image(), "GIF"),
    "bmp": shots.encoded(shots.image(), "BMP"),
    "tiff": shots.encoded(shots.image(), "TIFF"),
    "ico": shots.encoded(shots.image((64, 64)), "ICO"),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n",
    "pdf": b"%PDF-1.7\n1 0 obj\n",
    "zip": b"PK\x03\x04" + bytes(64),
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
    "a gif that begins as a jpeg": b"\xff\xd8\xff\xe0" + shots.encoded(shots.image(), "GIF"),
    "half a jpeg": shots.jpeg((2_000, 1_500))[:9_000],
    "half a png": shots.encoded(shots.image((2_000, 1_500)), "PNG")[:-2_000],
    "half a webp": shots.encoded(Image.effect_noise((600, 600), 90).convert("RGB"), "WEBP")[:-9_000],
    "a png without its picture": shots.encoded(shots.image(), "PNG")[:60],
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_picture(standing: Darkrooms, name: str) -> None:
    await standing.develop(shots.jpeg())
    (room,) = standing._idle
    with pytest.raises(Problem, match="bad-picture"):
        await standing.develop(BAD[name])
    assert standing._idle == [room]  # nothing that was sent ended the process


@pytest.mark.parametrize("raw", [shots.bomb(), shots.encoded(shots.image((10_001, 5_000)), "PNG")])
async def test_too_many_pixels(standing: Darkrooms, raw: bytes) -> None:
    with pytest.raises(Problem, match="picture-too-large"):
        await standing.develop(raw)


@pytest.mark.parametrize("tail", [HTML, b"PK\x03\x04" + bytes(999), b"<?php system($_GET[0]);?>"])
async def test_two_things_at_once_become_one(standing: Darkrooms, tail: bytes) -> None:
    """A picture that is a page, an archive or a program too: only the picture goes out."""
    for raw in (shots.jpeg() + tail, shots.jpeg(comment=tail), shots.encoded(shots.image(), "PNG") + tail):
        made = await standing.develop(raw)
        assert tail[:9] not in made.full + made.small


async def test_what_is_heavy_is_made_lighter(standing: Darkrooms) -> None:
    noise = Image.merge("RGB", [Image.effect_noise((3_000, 3_000), 120) for _ in range(3)])
    made = await standing.develop(shots.encoded(noise, "JPEG", quality=95))
    assert len(made.full) <= 400_000
    assert max(opened(made.full).size) > 700


async def test_the_same_bytes_give_the_same_picture(standing: Darkrooms) -> None:
    """What a repeat is known by."""
    assert await standing.develop(shots.located()) == await standing.develop(shots.located())
    assert (await standing.develop(shots.located())).origin != (await standing.develop(shots.jpeg())).origin


# -- the process ------------------------------------------------------------------------------------------


async def test_a_room_that_hangs_is_ended(rooms: Darkrooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever hangs is killed, whoever comes next gets a fresh one."""
    await rooms.develop(shots.jpeg())
    (hung,) = rooms._idle
    os.kill(hung.process.pid, signal.SIGSTOP)
    monkeypatch.setattr(darkrooms, "_LATE", 0.2)
    with pytest.raises(Problem, match="bad-picture"):
        await rooms.develop(shots.jpeg())
    assert hung.process.returncode == -signal.SIGKILL
    monkeypatch.undo()
    assert (await rooms.develop(shots.jpeg())).full


async def test_a_room_that_died_is_replaced(rooms: Darkrooms) -> None:
    await rooms.develop(shots.jpeg())
    (dead,) = rooms._idle
    os.kill(dead.process.pid, signal.SIGKILL)
    await dead.process.wait()
    with pytest.raises(Problem, match="bad-picture"):
        await rooms.develop(shots.jpeg())
    assert (await rooms.develop(shots.jpeg())).full


async def test_a_room_that_was_taken_over_is_not_believed(rooms: Darkrooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes back is a JPEG of a JPEG's beginning, or a code that we know; else the process is ended."""
    for said in (
        b"\2" + darkroom.FRAME.pack(6) + b"<html>" + darkroom.FRAME.pack(6) + b"<html>",
        b"\1" + darkroom.FRAME.pack(7) + b"message",
        b"\1" + darkroom.FRAME.pack(2**31),
        b"\0",
    ):
        program = f"import sys; sys.stdin.buffer.read(9); sys.stdout.buffer.write({said!r}); sys.stdout.flush()"

        async def liar(program: str = program) -> object:
            return await darkrooms.asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-c", program),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )

        monkeypatch.setattr(darkrooms, "_opened", liar)
        with pytest.raises(Problem, match="bad-picture"):
            await rooms.develop(b"whatever")
        assert not rooms._idle


async def test_after_many_pictures_a_fresh_one(rooms: Darkrooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(darkrooms, "_OFTEN", 2)
    await rooms.develop(shots.jpeg())
    (first,) = rooms._idle
    await rooms.develop(shots.jpeg())
    assert not rooms._idle
    assert first.process.returncode is not None


async def test_when_none_is_free(rooms: Darkrooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(darkrooms, "WAIT", 0.05)
    for _ in range(darkrooms.ROOMS):
        await rooms._free.acquire()
    with pytest.raises(Problem, match="pictures-busy"):
        await rooms.develop(shots.jpeg())


INSIDE = """
import os, socket, sys
from huiyin import darkroom
darkroom._shut()
darkroom._wind()
ways = {
    "read": lambda: open("/etc/passwd"),
    "socket": lambda: socket.socket(),
    "fork": lambda: os.fork() and None,
    "memory": lambda: bytearray(1 << 30),
}
for name in sys.argv[1:]:
    try:
        ways[name]()
    except (OSError, MemoryError) as error:
        print(name, type(error).__name__)
    else:
        print(name, "could")
print(sorted(os.environ))
"""


def test_what_a_room_cannot_do() -> None:
    """No file, no socket, no gigabyte, nothing of our surroundings; and ten seconds of the processor."""
    words = [sys.executable, "-I", "-c", INSIDE, "read", "socket", "memory"]
    said = subprocess.run(words, capture_output=True, text=True, check=True, env={}).stdout.splitlines()
    assert said[:3] == ["read OSError", "socket OSError", "memory MemoryError"]
    assert "HOME" not in said[3]
    endless = [sys.executable, "-I", "-c", INSIDE.replace("ways =", "darkroom.SECONDS = 0\ndarkroom._wind()\nways =")]
    spun = subprocess.run([*endless[:3], endless[3] + "\nwhile True: pass"], capture_output=True, check=False, env={})
    assert spun.returncode == -signal.SIGXCPU
