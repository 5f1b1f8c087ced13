"""Who may speak to the server: hosts, origins, tokens, body types and sizes; and the headers that every answer has."""

import hmac
import ipaddress
import time
from collections import deque
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A form of another page can send none of these without asking first.
BODIES = ("application/json", "application/octet-stream", "application/sdp")
MAX_JSON = 1_000_000
MAX_UPLOAD = 2_000_000_000
TRIES_A_MINUTE = 10
LOGIN = "/api/v1/login"

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), midi=(self), display-capture=(self)",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Rules:
    """What is allowed. `hosts`: names beside those of this machine. `any_address`: every IP address as a host, for a
    server that listens on all of them (a foreign page cannot rebind an address, only a name). `origins`: other pages
    that may use the API. Without a `token` none is asked for.
    """

    port: int
    hosts: frozenset[str] = frozenset()
    any_address: bool = False
    origins: frozenset[str] = frozenset()
    token: str | None = None
    secure: bool = False

    @property
    def cookie(self) -> str:
        """The name of the cookie; cookies of one host are shared by all its ports."""
        return f"scope_{self.port}"


class RefusedError(Exception):
    """A request that goes no further: a status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass
class Guard:
    """The outermost layer of the application, for HTTP and WebSockets."""

    app: ASGIApp
    rules: Rules
    _tries: dict[str, deque[float]] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request, then let it through with its body counted and the headers added."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._check(scope, headers)
            scope.setdefault("state", {})["guard"] = self
            if scope["type"] == "http":
                receive, send = _counted(receive, _limit(scope, headers)), _with_headers(send)
            await self.app(scope, receive, send)
        except RefusedError as refusal:
            await _refuse(refusal, scope, receive, send)

    def _check(self, scope: Scope, headers: Headers) -> None:
        if not scope["path"].isprintable():
            # No name here has a line break in it, and patterns of routes stop at one.
            raise RefusedError(400, "expected an address without control characters")
        _check_host(self.rules, headers.get("host", ""))
        _check_origin(self.rules, scope, headers)
        self._check_token(scope, headers)

    def _check_token(self, scope: Scope, headers: Headers) -> None:
        if self.rules.token is None or _is_open(scope):
            return
        given = headers.get("authorization", "").removeprefix("Bearer ")
        given = given or cookie_parser(headers.get("cookie", "")).get(self.rules.cookie, "")
        if not given:
            raise RefusedError(401, "this address needs the token that `scope serve` printed")
        self.check_token(given, (scope.get("client") or ("",))[0])

    def check_token(self, given: str, peer: str) -> None:
        """Compare a token in constant time.

        Raises:
            RefusedError: it is wrong, or the peer has guessed too often in the last minute.
        """
        tries = self._recent(peer)
        if len(tries) >= TRIES_A_MINUTE:
            raise RefusedError(429, "too many wrong tokens; wait a minute")
        if self.rules.token is not None and not hmac.compare_digest(given.encode(), self.rules.token.encode()):
            tries.append(time.monotonic())
            raise RefusedError(401, "the token is wrong")

    def _recent(self, peer: str) -> deque[float]:
        """The peer's wrong tokens of the last minute. Only peers that guessed wrong are remembered."""
        since = time.monotonic() - 60
        self._tries = {p: times for p, times in self._tries.items() if times and times[-1] > since}
        tries = self._tries.setdefault(peer, deque(maxlen=TRIES_A_MINUTE))
        while tries and tries[0] <= since:
            tries.popleft()
        return tries


def _is_open(scope: Scope) -> bool:
    """The page itself, which then asks for the token, and the way to hand one in."""
    path: str = scope["path"]
    return scope["type"] == "http" and (path in (LOGIN, "/health") or not path.startswith(("/api/", "/openapi.json")))


def _check_host(rules: Rules, host: str) -> None:
    name, _, port = host.rpartition(":") if ":" in host.rpartition("]")[2] else (host, "", "")
    name = name.strip("[]").lower()
    expected_port = {"", "443" if rules.secure else "80"} if rules.port in (80, 443) else set()
    if port in expected_port | {str(rules.port)} and (name in _LOCAL | rules.hosts or _is_address(rules, name)):
        return
    raise RefusedError(421, f"this server does not answer for the host {host!r}; --allow-host adds one")


def _is_address(rules: Rules, name: str) -> bool:
    if not rules.any_address:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _check_origin(rules: Rules, scope: Scope, headers: Headers) -> None:
    """Browsers say where a request comes from; scripts do not."""
    origin = headers.get("origin")
    if origin is not None:
        own = f"{'https' if rules.secure else 'http'}://{headers.get('host', '')}"
        if origin != own and origin not in rules.origins:
            raise RefusedError(403, f"pages of {origin!r} may not use this server; --allow-origin adds one")
    elif headers.get("sec-fetch-site") == "cross-site" and scope.get("method") not in _SAFE_METHODS:
        raise RefusedError(403, "other sites may not use this server")


def _limit(scope: Scope, headers: Headers) -> int:
    """How many bytes the body may have; checks its type and the length it announces."""
    if scope["method"] in _SAFE_METHODS:
        return MAX_JSON
    length = headers.get("content-length", "")
    empty = length in ("", "0") and "transfer-encoding" not in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not empty and kind not in BODIES:
        raise RefusedError(415, f"expected a body of type {' or '.join(BODIES)}, got {kind!r}")
    limit = MAX_UPLOAD if kind == "application/octet-stream" else MAX_JSON
    if length.isdecimal() and int(length[:20]) > limit:
        raise RefusedError(413, f"expected a body of at most {limit} bytes, got {length[:20]}")
    return limit


def _counted(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def counting() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise RefusedError(413, f"expected a body of at most {limit} bytes")
        return message

    return counting


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


async def _refuse(refusal: RefusedError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": str(refusal)})
        return
    response = JSONResponse({"detail": str(refusal)}, refusal.status)
    await response(scope, receive, _with_headers(send))
