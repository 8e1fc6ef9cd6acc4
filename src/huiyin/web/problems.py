"""What went wrong, said the same way everywhere (RFC 9457): a stable code, a sentence, never a value."""

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from msgspec import UNSET, Struct, UnsetType

from huiyin.desk import Answer, Away
from huiyin.web.refusals import REFUSALS

MEDIA = "application/problem+json"
RETRY_AFTER = "2"

# code: (status, what people read)
CODES: dict[str, tuple[int, str]] = {
    "not-json": (400, "内容不是 JSON 对象(UTF-8)"),
    "no-text": (400, "缺少诉求内容(text)"),
    "text-too-long": (400, "文字超过 8000 字"),
    "missing-field": (400, "缺少必填的内容"),
    "wrong-type": (400, "字段的类型或取值不对"),
    "bad-query": (400, "查询参数不对"),
    "bad-key": (400, "Idempotency-Key 应为 1 到 256 个可见字符"),
    "bad-request": (400, "请求不对"),
    "log-in-first": (401, "请先登录,或出示令牌"),
    "wrong-login": (401, "用户名或密码不对"),
    "totp-needed": (401, "请填写动态口令(六位数字)"),
    "not-your-post": (403, "您现在不担任这个岗位"),
    "post-ended": (403, "您在这个岗位的任期已结束或尚未开始;岗位上的工单留给接任的人"),
    "not-your-role": (403, "这个岗位不能做这件事"),
    "cross-origin": (403, "请求来自别的网站,不予办理"),
    "not-found": (404, "没有这个页面、工单或诉求"),
    "unknown-receipt": (404, "没有这个回执号"),
    "receipt-mistyped": (404, "回执号有误:请核对十六位数字,其中至少有一位不对"),
    "on-its-way": (404, "还没有这件诉求,或还在路上"),
    "wrong-method": (405, "这个地址不支持这种请求方法"),
    "body-too-large": (413, "内容超过 64 KB"),
    "bad-picture": (422, "这个文件不是能用的照片:请选 JPEG、PNG 或 WebP 照片,或重新拍一张"),
    "picture-too-large": (413, "照片太大:每张不超过 12 MB、5000 万像素;请在手机上缩小,或重新拍一张"),
    "too-many-pictures": (422, "照片太多:一次最多 4 张;请去掉几张,其余的以后可以再补"),
    "pictures-busy": (503, "现在传照片的人太多;请过一会儿再试,或先不带照片提交,以后再补"),
    "idempotency-key-reused": (422, "这个 Idempotency-Key 已用于另一件诉求"),
    "wrong-finding": (422, "这一件缺少内容或内容太长"),
    "identifies-complainant": (409, "文中有可能认出诉求人的内容,请删改后再发"),
    "too-many-guesses": (429, "今天被退回的告知书太多,请明天再写,或请上一级撰写"),
    "too-many-complaints": (429, "您所在的网络提交得太多,暂时不能再收;有急事请拨打 12345,有危险请拨打 110、119 或 120"),
    "too-many-logins": (429, "登录失败次数过多,请稍后再试"),
    "too-many-windows": (429, "同时打开的实时页面太多,请关掉几个再试"),
    "fault": (500, "出错了,已记录"),
    "database-away": (503, "数据库暂时不可用,没有受理;请稍后用同一 Idempotency-Key 重试"),
    **{code: (409, said) for code, said in REFUSALS.items()},
}
_BY_STATUS = {400: "bad-request", 401: "log-in-first", 404: "not-found", 405: "wrong-method", 413: "body-too-large"}

_log = structlog.get_logger()


class ProblemDetails(Struct, frozen=True):
    """RFC 9457 problem details; `field` names where in the body, never what stood there."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | UnsetType = UNSET


class Problem(Exception):
    """Ends a request with the problem called `code`; `detail` adds to its sentence."""

    def __init__(self, code: str, detail: str = "", field: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.code, self.detail, self.field, self.headers = code, detail, field, headers


def done(answer: Answer, refusal: Callable[[str], Problem] = Problem) -> str:
    """The number of what an order was about; raises Problem where the desk did not do it."""
    if answer.outcome == "failed":
        raise Problem("fault")
    if answer.code is not None:
        raise refusal(answer.code)
    return answer.number or ""


def respond(problem: Problem) -> Response[ProblemDetails]:
    """The answer that says so."""
    status, title = CODES.get(problem.code, (409, "工单不允许这样办理"))
    details = ProblemDetails(
        f"urn:huiyin:problem:{problem.code}",
        title,
        status,
        problem.detail or title,
        problem.code,
        problem.field or UNSET,
    )
    headers = dict(problem.headers or {})
    if status in (429, 503):
        headers.setdefault("Retry-After", RETRY_AFTER)
    if status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return Response(details, status_code=status, media_type=MEDIA, headers=headers)


def _ours(_request: Request[Any, Any, Any], error: Problem) -> Response[ProblemDetails]:
    return respond(error)


def _invalid(_request: Request[Any, Any, Any], error: ValidationException) -> Response[ProblemDetails]:
    first = error.extra[0] if isinstance(error.extra, Sequence) and error.extra else {}
    about = first if isinstance(first, dict) else {}
    code = "wrong-type" if str(about.get("source", "body")).endswith("body") else "bad-query"
    return respond(Problem(code, field=str(about.get("key", ""))[:64]))


def _framework(_request: Request[Any, Any, Any], error: HTTPException) -> Response[ProblemDetails]:
    """What Litestar refuses itself: its own words may quote the request, so ours stand instead."""
    code = _BY_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "fault")
    kept = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    return respond(Problem(code, headers=kept))


def _fault(_request: Request[Any, Any, Any], _error: Exception) -> Response[ProblemDetails]:
    _log.error("failed", noun="request", exc_info=True)
    return respond(Problem("fault"))


def _away(_request: Request[Any, Any, Any], _error: Away) -> Response[ProblemDetails]:
    return respond(Problem("database-away"))


HANDLERS: Any = {
    Away: _away,
    Problem: _ours,
    ValidationException: _invalid,
    HTTPException: _framework,
    Exception: _fault,
}


def spec(*codes: str) -> dict[int, ResponseSpec]:
    """The problems a route may answer with, for its OpenAPI entry."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(CODES[code][0], []).append(code)
    return {
        status: ResponseSpec(
            ProblemDetails,
            generate_examples=False,
            description="; ".join(f"`{code}` {CODES[code][1]}" for code in some),
            media_type=MEDIA,
        )
        for status, some in by_status.items()
    }
