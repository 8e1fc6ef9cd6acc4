"""The documentation is whole and ours; every answer has its safe headers; errors are problem details."""

import re
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from huiyin.web.openapi_bodies import BODIES, EXAMPLES
from huiyin.web.problems import CODES
from huiyin.web.who import ANYONE, TABLE
from tests.web.conftest import Site


async def test_the_docs_need_no_internet(site: Site) -> None:
    page = (await site.http.get("/docs")).text
    found = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert found
    assert not re.search(r"https?:|//[a-z]", page)
    for address in found:
        if address.startswith("/"):
            answer = await site.http.get(address)
            assert answer.status_code == 200, address
    assert re.findall(r"url\((?!['\"]?data:)[^)]*\)", (await site.http.get("/static/vendor/swagger-ui.css")).text) == []


async def test_openapi_is_complete(site: Site) -> None:
    document = (await site.http.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    described = {
        (method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    programs = ("/api/", "/healthz", "/readyz", "/metrics")
    pages = {(method, path) for method, path in TABLE if not path.startswith(programs)}
    assert set(described) == set(TABLE) - pages
    for key, operation in described.items():
        assert operation["summary"]
        assert ("security" in operation) == (TABLE[key] != ANYONE), key
    body = described["POST", "/api/v1/complaints"]["requestBody"]["content"]["application/json"]
    assert body["example"]["text"]
    for reference in re.findall(r'"#/components/schemas/([^"]+)"', str(document).replace("'", '"')):
        assert reference in document["components"]["schemas"], reference


BARE = {"/api/v1/complaints/{receipt}/urge", "/api/v1/mediations/{number}/parties/{party}/code"}


async def test_every_body_is_described_and_every_example_is_read(site: Site) -> None:
    """What is sent without a word is written down here."""
    document = (await site.http.get("/openapi.json")).json()
    posts = {path: item["post"] for path, item in document["paths"].items() if "post" in item}
    assert {path for path, one in posts.items() if "requestBody" not in one} == BARE
    for path, example in EXAMPLES.items():
        content = posts[path]["requestBody"]["content"]["application/json"]
        assert content["example"] == example
        msgspec.json.decode(msgspec.json.encode(example), type=BODIES[path])
    own = document["components"]["schemas"]["OwnMarkAsked"]["properties"]
    assert set(own) == {"digest", "form", "at"}, "a party says nothing of who it is"


HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy")


@pytest.mark.parametrize("path", ["/", "/docs", "/healthz", "/nope", "/api/v1/tickets", "/static/docs.js"])
async def test_safe_headers_everywhere(site: Site, path: str) -> None:
    answer = await site.http.get(path)
    assert all(answer.headers.get(name) for name in HEADERS)
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert "server" not in answer.headers
    if not path.startswith("/static"):
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/nope", "not-found"),
        ("GET", "/static/../app.py", "not-found"),
        ("GET", "/static/%2e%2e/app.py", "not-found"),
        ("PUT", "/healthz", "wrong-method"),
        ("TRACE", "/healthz", "wrong-method"),
        ("DELETE", "/api/v1/tickets/HY000000001", "wrong-method"),
        ("GET", "/api/v1/tickets", "log-in-first"),
    ],
)
async def test_errors_are_problem_details(site: Site, method: str, path: str, code: str) -> None:
    answer = await site.http.request(method, path)
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (CODES[code][0], code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) >= {"type", "title", "status", "detail", "code"}
    if code == "wrong-method":
        assert "GET" in answer.headers["allow"]


async def test_metrics_count_and_name_nobody(site: Site) -> None:
    await site.http.post("/api/v1/complaints", json={"text": "漏水"})
    text = (await site.http.get("/metrics")).text
    assert "huiyin_intake_accepted_total 1.0" in text
    assert 'route="/api/v1/complaints",status="201"' in text


def test_what_is_vendored_has_its_licence() -> None:
    folder = files("huiyin.web") / "static" / "vendor"
    assert "swagger-ui-dist 5." in (folder / "VERSION").read_text()
    assert "Apache License" in (folder / "swagger-ui.LICENSE").read_text()
