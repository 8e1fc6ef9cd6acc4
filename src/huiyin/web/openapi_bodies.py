"""What OpenAPI says of the bodies that `bodies.read` reads itself (请求内容): by path, with examples."""

from typing import Any

from msgspec import Struct

from huiyin.web import bodies
from huiyin.web.mediations import bodies as mediating
from huiyin.web.mediations import orders as mediations
from huiyin.web.mediations.contact import Look
from huiyin.web.orders import ORDERS
from huiyin.web.whistles import bodies as whistling
from huiyin.web.whistles import orders as whistles

_TICKETS, _WHISTLES, _MEDIATIONS = "/api/v1/tickets/{number}", "/api/v1/whistles", "/api/v1/mediations"
_COMPLAINTS = "/api/v1/complaints/{receipt}"

BODIES: dict[str, type[Struct]] = {
    **{f"{_TICKETS}/{command}": row.body for command, row in ORDERS.items()},
    f"{_COMPLAINTS}/feedback": bodies.Feedback,
    f"{_COMPLAINTS}/withdraw": bodies.Retraction,
    f"{_COMPLAINTS}/add": bodies.Addition,
    f"{_COMPLAINTS}/pressure": bodies.Confirmation,
    _WHISTLES: whistling.Blowing,
    f"{_TICKETS}/whistle": whistling.Blowing,
    **{f"{_WHISTLES}/{{number}}/{command}": row.body for command, row in whistles.ORDERS.items()},
    _MEDIATIONS: mediating.Applying,
    f"{_TICKETS}/mediate": mediating.FromTicket,
    f"{_MEDIATIONS}/terms": mediating.Wording,
    f"{_MEDIATIONS}/{{number}}/parties/{{party}}": mediating.Identity,
    f"{_MEDIATIONS}/{{number}}/look-up": Look,
    **{f"{_MEDIATIONS}/{{number}}/{command}": row.body for command, row in mediations.ORDERS.items()},
    **{f"{_MEDIATIONS}/mine/{{code}}/{command}": row.party for command, row in mediations.OWN.items() if row.party},
}
UNKEYED = frozenset((f"{_MEDIATIONS}/terms",))  # what is looked at and not kept
_PARTIES: list[dict[str, Any]] = [
    {"name": "娄女士", "phone": "13800000001", "applicant": True},
    {"name": "许先生", "phone": "13800000002", "building_code": "K001-B01", "room": "601"},
]
_ITEM = {
    "item": "i1", "owes": "p2", "owed": "p1", "text": "更换卫生间防水层并经闭水试验合格", "manner": "work",
    "until": "2026-12-20", "place": "1栋601室卫生间",
}  # fmt: skip
_TERMS = {
    "facts": "601 室卫生间漏水,501 室天花板起皮", "issues": "由谁修、何时修", "responsibility": "许先生负责修理",
    "content": "许先生在约定期限内修好防水层", "items": [_ITEM],
}  # fmt: skip
_MARK = {"digest": "3f0c…(协议书的校验码,64 位)", "form": "signature", "at": "2026-11-25T10:30:00+08:00"}
EXAMPLES: dict[str, Any] = {
    f"{_TICKETS}/reclassify": {"category": "A02"},
    _MEDIATIONS: {"text": "楼上漏水,楼下天花板起皮,双方协商不成", "category": "A01", "parties": _PARTIES},
    f"{_TICKETS}/mediate": {"text": "两家谈不拢,都愿意请居委会调解", "parties": _PARTIES[1:]},
    f"{_MEDIATIONS}/terms": {"text": "许先生应当尽快修好,否则停水"},
    f"{_MEDIATIONS}/{{number}}/check": {"bars": []},
    f"{_MEDIATIONS}/{{number}}/consent": {"party": "p1", "how": "paper"},
    f"{_MEDIATIONS}/{{number}}/plan": {"at": "2026-11-25T09:00:00+08:00", "venue": "柳岸社区老娘舅调解室"},
    f"{_MEDIATIONS}/{{number}}/hold": {
        "began": "2026-11-25T09:00:00+08:00", "session": 1, "present": ["p1", "p2"], "minutes": "双方到场,核对了漏点",
        "statements": [{"party": "p1", "text": "希望尽早住回去"}], "offers": [{"party": "p2", "text": "年内修好"}],
        "undisputed": ["漏水来自601室卫生间"],
    },
    f"{_MEDIATIONS}/{{number}}/draft": {"terms": _TERMS},
    f"{_MEDIATIONS}/{{number}}/agree-orally": {"at": "2026-11-25T10:00:00+08:00", "terms": _TERMS},
    f"{_MEDIATIONS}/{{number}}/mark": {"hand": "mediator", **_MARK},
    f"{_MEDIATIONS}/mine/{{code}}/consent": {"how": "screen"},
    f"{_MEDIATIONS}/mine/{{code}}/mark": _MARK,
    f"{_MEDIATIONS}/mine/{{code}}/answer": {"matter": "confirmation", "yes": True},
    f"{_MEDIATIONS}/mine/{{code}}/stop": {"how": "screen"},
}  # fmt: skip
