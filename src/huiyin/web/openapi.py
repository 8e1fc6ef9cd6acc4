"""The OpenAPI document: Litestar's, and what it cannot see: the complaint's body, headers, who may."""

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Tag

from huiyin.bus.envelope import ComplaintData
from huiyin.web.app import ROUTES
from huiyin.web.openapi_bodies import BODIES, EXAMPLES, UNKEYED
from huiyin.web.who import ANYONE, COOKIE, TABLE

_ABOUT = (
    "诉求有人接,接了有人办,办了有回音。错误一律为 RFC 9457 problem details,`code` 稳定不变。"
    "数据库不可用时 2 秒内应答 503,不会给出假回执。"
)
_EXAMPLE = {
    "text": "3栋2单元楼上漏水,厨房天花板已经发霉,找过物业两次没有人来。",
    "title": "楼上漏水",
    "place": {"estate": "桂语花园", "building": "3栋", "unit": "2单元", "room": "1102"},
    "about": "neighbour",
    "reporter": {"name": "王女士", "phone": "13800000000"},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "同一个键加同样的内容得到同样的结果;键相同而内容不同则为 422",
    "schema": {"type": "string", "minLength": 1, "maxLength": 256},
    "example": "7f3c1f0e-5b0e-4a63-9f5e-0d6c1a5b9f42",
}

_AGAIN = _KEY | {"description": "同一个人用同一个键、同样的内容重复提交,得到同样的结果"}


@cache
def document() -> bytes:
    """The whole document as JSON."""
    return msgspec.json.encode(_schema())


def _schema() -> dict[str, Any]:
    schema = Litestar(route_handlers=ROUTES, openapi_config=_config()).openapi_schema.to_schema()
    _add_complaint(schema)
    _add_orders(schema)
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            if TABLE.get((method.upper(), path)) != ANYONE:
                operation["security"] = [{"bearer": []}, {"session": []}]
            operation.get("responses", {}).pop("400", None) if "400" not in _declared(operation) else None
    return schema


def _declared(operation: dict[str, Any]) -> set[str]:
    """Statuses that our own table declares: their media type is problem+json."""
    return {
        status
        for status, answer in operation.get("responses", {}).items()
        if "application/problem+json" in answer.get("content", {})
    }


def _add_complaint(schema: dict[str, Any]) -> None:
    """The body is decoded by our own eyes, so that unknown fields are kept out and not refused."""
    (reference,), parts = msgspec.json.schema_components([ComplaintData], ref_template="#/components/schemas/{name}")
    for part in parts.values():
        part.pop("additionalProperties", None)
    schema["components"].setdefault("schemas", {}).update(parts)
    operation = schema["paths"]["/api/v1/complaints"]["post"]
    operation["parameters"] = [*operation.get("parameters", []), _KEY]
    operation["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": reference, "example": _EXAMPLE}},
    }


def _add_orders(schema: dict[str, Any]) -> None:
    """The bodies that are read by `bodies.read`, and the key that makes a repeat a repeat."""
    references, parts = msgspec.json.schema_components(BODIES.values(), ref_template="#/components/schemas/{name}")
    schema["components"]["schemas"].update(parts)
    for (path, shape), reference in zip(BODIES.items(), references, strict=True):
        operation = schema["paths"][path]["post"]
        if path not in UNKEYED:
            operation["parameters"] = [*operation.get("parameters", []), _AGAIN]
        needed = any(field.required for field in msgspec.structs.fields(shape))
        content: dict[str, Any] = {"schema": reference}
        if path in EXAMPLES:
            content["example"] = EXAMPLES[path]
        operation["requestBody"] = {"required": needed, "content": {"application/json": content}}


def _config() -> OpenAPIConfig:
    schemes: dict[str, Any] = {
        "bearer": SecurityScheme(type="http", scheme="bearer", description="huiyin user add 给出的令牌"),
        "session": SecurityScheme(type="apiKey", name=COOKIE, security_scheme_in="cookie"),
    }
    tags = [Tag("居民"), Tag("机器客户端"), Tag("工作人员"), Tag("吹哨报到"), Tag("人民调解"), Tag("账号"), Tag("运行")]
    return OpenAPIConfig(
        title="回音 Huiyin",
        version=version("huiyin"),
        description=_ABOUT,
        components=Components(security_schemes=schemes),
        tags=tags,
        create_examples=False,
    )
