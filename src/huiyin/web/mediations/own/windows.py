"""The parties' addresses (当事人窗口的地址): for anyone, since what opens them is the session of a code."""

from typing import Literal

from huiyin.web.mediations.orders import OWN

_MINE = "/mediation/mine"
TABLE: dict[tuple[str, str], Literal["anyone"]] = {
    ("GET", "/mediation"): "anyone",
    ("POST", "/mediation"): "anyone",
    ("POST", "/mediation/leave"): "anyone",
    ("GET", _MINE): "anyone",
    ("GET", f"{_MINE}/news"): "anyone",
    ("GET", f"{_MINE}/code"): "anyone",
    ("POST", f"{_MINE}/code"): "anyone",
    ("GET", f"{_MINE}/agreement.pdf"): "anyone",
    ("GET", f"{_MINE}/calendar/{{ident}}"): "anyone",
    ("GET", f"{_MINE}/pictures/{{ref}}"): "anyone",
    **{
        (method, f"{_MINE}/{path}"): "anyone"
        for name in OWN
        for method, path in (("GET", f"do/{name}"), ("POST", name))
    },
}
