"""Signing on a screen (屏幕签名): what the form of `mediation_sign_parts` says, at the table and at a party's door."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import Request
from msgspec import Struct

from huiyin.store.pictures import Picture
from huiyin.web import parcels
from huiyin.web.mediations import pictures
from huiyin.web.problems import CODES, Problem

Req = Request[Any, Any, Any]

_FORMS = ("signature", "fingerprint", "seal")
NO_PICTURE = "请在框里签名,或者上传签字页的照片。"
NOT_READ = "请先阅读全文,再勾选“已阅读并同意”。"


class Signed(Struct, frozen=True):
    """What a form said: its words, the picture, and per field what is wrong with it; {} where it may be sent."""

    said: Mapping[str, str]
    seen: Sequence[Picture]
    wrong: Mapping[str, str]

    def body(self, at: datetime, **more: Any) -> dict[str, Any]:
        """The order `mark`: under the document that was shown, which the core compares with the one on the table."""
        form = self.said.get("form", "")
        return {
            "digest": self.said.get("digest", ""),
            "form": form if form in _FORMS else "signature",
            "at": at.isoformat(),
            **more,
        }


async def signed(request: Req) -> Signed:
    """A form that was sent (multipart). Whether it bears the session's mark was looked at before."""
    said = dict((await parcels.opened(request)).pairs)
    seen: Sequence[Picture] = ()
    wrong: dict[str, str] = {}
    try:
        seen = await pictures.taken(request, "mark")
    except Problem as problem:
        wrong["picture"] = CODES[problem.code][1] + "。"
    if not seen and not wrong:
        wrong["picture"] = NO_PICTURE
    if said.get("read") != "yes":
        wrong["read"] = NOT_READ
    return Signed(said, seen, wrong)
