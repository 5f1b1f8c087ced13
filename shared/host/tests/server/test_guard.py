import asyncio

import pytest
from starlette.responses import PlainTextResponse

from scope.server.guard import MAX_JSON, Guard, Rules

OPEN = Rules(port=8000)
SECRET = Rules(port=8000, token="s3cret", any_address=True)
HOST = {"host": "127.0.0.1:8000"}
JSON = {"content-type": "application/json", "content-length": "2"}


async def _app(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    while (await receive()).get("more_body"):
        pass
    await PlainTextResponse("in")(scope, receive, send)


def ask(rules, method="GET", path="/api/v1/x", *, headers, kind="http", body=(b"{}",), guard=None):
    """The messages that a request gets."""
    parts = [{"type": "http.request", "body": part, "more_body": i + 1 < len(body)} for i, part in enumerate(body)]
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": kind, "method": method, "path": path, "headers": raw, "client": ("10.0.0.9", 5)}
    sent = []

    async def receive():
        return parts.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run((guard or Guard(_app, rules))(scope, receive, send))
    return sent


def status(*args, **kwargs) -> int:
    return ask(*args, **kwargs)[0]["status"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("[::1]:8000", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:8001", 421),
        ("127.0.0.1", 421),
        ("evil.example:8000", 421),
        ("evil.example", 421),
        ("192.168.1.5:8000", 421),
        ("localhost:8000@evil.example", 421),
        ("", 421),
    ],
)
def test_only_our_own_hosts_are_answered_for(host, expected):
    assert status(OPEN, headers={"host": host}) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [("192.168.1.5:8000", 200), ("[fe80::1]:8000", 200), ("rebound.example:8000", 421), ("stage.local:8000", 200)],
)
def test_a_server_on_all_addresses_answers_for_addresses_and_given_names(host, expected):
    rules = Rules(port=8000, any_address=True, hosts=frozenset({"stage.local"}))
    assert status(rules, headers={"host": host}) == expected


def test_the_usual_port_may_be_left_out():
    assert status(Rules(port=80), headers={"host": "localhost"}) == 200
    assert status(Rules(port=443, secure=True), headers={"host": "localhost"}) == 200


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"origin": "http://127.0.0.1:8000"}, True),
        ({"origin": "https://127.0.0.1:8000"}, False),
        ({"origin": "http://127.0.0.1:9000"}, False),
        ({"origin": "http://localhost:8000"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://obs.example"}, True),
    ],
)
def test_pages_of_other_origins_are_refused(kind, headers, allowed):
    rules = Rules(port=8000, origins=frozenset({"https://obs.example"}))
    first = ask(rules, headers=HOST | headers, kind=kind)[0]
    if kind == "websocket":
        assert (first["type"] == "websocket.accept") is allowed
    else:
        assert first["status"] == (200 if allowed else 403)


@pytest.mark.parametrize(("method", "expected"), [("POST", 403), ("DELETE", 403), ("GET", 200)])
def test_a_cross_site_form_is_refused_even_without_origin(method, expected):
    assert status(OPEN, method, headers=HOST | JSON | {"sec-fetch-site": "cross-site"}) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (JSON, 200),
        (JSON | {"content-type": "application/json; charset=utf-8"}, 200),
        (JSON | {"content-type": "application/octet-stream"}, 200),
        (JSON | {"content-type": "text/plain"}, 415),
        (JSON | {"content-type": "application/x-www-form-urlencoded"}, 415),
        (JSON | {"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-length": "2"}, 415),
        ({"transfer-encoding": "chunked"}, 415),
        ({}, 200),
        (JSON | {"content-length": str(MAX_JSON + 1)}, 413),
        (JSON | {"content-length": "9" * 50}, 413),
    ],
)
def test_bodies_are_json_or_uploads_and_of_bounded_size(headers, expected):
    assert status(OPEN, "POST", headers=HOST | headers) == expected


def test_a_body_that_announces_no_length_is_counted():
    headers = HOST | {"content-type": "application/json", "transfer-encoding": "chunked"}
    assert status(OPEN, "POST", headers=headers, body=[b"x" * MAX_JSON, b"x"]) == 413


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/", {}, 200),
        ("/main.js", {}, 200),
        ("/health", {}, 200),
        ("/api/v1/login", {}, 200),
        ("/api/v1/setup", {}, 401),
        ("/openapi.json", {}, 401),
        ("/api/v1/setup", {"authorization": "Bearer s3cret"}, 200),
        ("/api/v1/setup", {"authorization": "Bearer wrong"}, 401),
        ("/api/v1/setup", {"authorization": "Bearer w\xf6rng"}, 401),
        ("/api/v1/setup", {"cookie": "scope_8000=s3cret"}, 200),
        ("/api/v1/setup", {"cookie": "scope_8001=s3cret"}, 401),
    ],
)
def test_the_token_is_asked_for_in_a_header_or_cookie(path, headers, expected):
    assert status(SECRET, path=path, headers=HOST | headers) == expected


def test_a_websocket_needs_the_token_too():
    first = ask(SECRET, headers=HOST, kind="websocket")[0]
    assert first == {
        "type": "websocket.close",
        "code": 1008,
        "reason": "this address needs the token that `scope serve` printed",
    }
    assert (
        ask(SECRET, headers=HOST | {"cookie": "scope_8000=s3cret"}, kind="websocket")[0]["type"] == "websocket.accept"
    )


def test_guessing_ends_after_ten_tries_a_minute():
    guard = Guard(_app, SECRET)
    wrong, right = HOST | {"authorization": "Bearer wrong"}, HOST | {"authorization": "Bearer s3cret"}
    assert [status(SECRET, headers=wrong, guard=guard) for _ in range(11)] == [401] * 10 + [429]
    assert status(SECRET, headers=right, guard=guard) == 429


@pytest.mark.parametrize("headers", [HOST, {"host": "evil.example"}])
def test_every_answer_has_the_headers_that_keep_the_page_to_itself(headers):
    sent = dict(ask(OPEN, headers=headers)[0]["headers"])
    assert sent[b"x-content-type-options"] == b"nosniff"
    assert b"frame-ancestors 'none'" in sent[b"content-security-policy"]
    assert not [name for name in sent if name.startswith(b"access-control")]


def test_login_sets_a_cookie_that_scripts_of_a_page_cannot_read(engine, setup, base):
    from fastapi.testclient import TestClient

    from scope.server.app import create_app
    from scope.server.host import Host, Settings

    app = create_app(Host(engine, setup, Settings(rules=SECRET)))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        assert client.get("/api/v1/setup").status_code == 401
        assert client.post("/api/v1/login", json={"token": "wrong"}).status_code == 401
        answer = client.post("/api/v1/login", json={"token": "s3cret"})
        assert answer.status_code == 204
        assert "HttpOnly; Max-Age=2592000; Path=/; SameSite=strict" in answer.headers["set-cookie"]
        assert client.get("/api/v1/setup").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/assets/\nF", "/api/v1/presets/a\x00b", "/a\u2028b"])
def test_an_address_with_control_characters_is_refused(path):
    assert status(OPEN, path=path, headers=HOST) == 400
