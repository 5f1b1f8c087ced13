"""The application: routes, sockets and the page, behind the guard."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from importlib import metadata
from pathlib import Path

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from scope.server import (
    api_cues,
    api_files,
    api_host,
    api_midi,
    api_models,
    api_plugins,
    api_ports,
    api_setup,
    api_sound,
    control,
    ingest,
    original,
    view,
)
from scope.server.guard import Guard
from scope.server.host import Host
from scope.server.rtc import api as rtc
from scope.server.rtc import whip
from scope.server.strict import problems

PAGE = Path(__file__).with_name("page")
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
# What the guard and the strict reading of bodies answer, whatever the route.
_REFUSALS = (400, 401, 403, 413, 415, 421, 429)
log = logging.getLogger(__name__)


def create_app(host: Host, page: Path = PAGE) -> FastAPI:
    """The ASGI application of one host; its lifespan starts and stops the host."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        await host.start()
        yield
        await host.stop()

    app = FastAPI(
        title="Scope",
        version=metadata.version("scope-host"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.host = host
    app.router.routes.extend(_routes())
    app.add_exception_handler(Exception, _unforeseen)
    app.add_middleware(Guard, rules=host.settings.rules)
    app.add_api_route("/api/{path:path}", _unknown, methods=_METHODS, include_in_schema=False)
    app.mount("/", Page(directory=page, html=True), name="page")
    return app


@cache
def _routes() -> list[BaseRoute]:
    """Every route of the API, made once a process: reading their signatures takes longer than anything else here."""
    api = APIRouter(responses=problems(*_REFUSALS))
    for room in (
        api_cues,
        api_files,
        api_host,
        api_midi,
        api_models,
        api_plugins,
        api_ports,
        api_setup,
        api_sound,
        control,
        view,
        ingest,
        rtc,
        whip,
    ):
        api.include_router(room.router)
    for router in original.ROUTERS:
        api.include_router(router)
    return api.routes


async def _unknown(path: str) -> None:
    raise HTTPException(404, f"there is no route /api/{path}")


class Page(StaticFiles):
    """The page's files. Browsers ask each time whether a file has changed, so an update shows at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Files only: a WebSocket to an unknown path is refused."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": f"there is no socket {scope['path']}"})
            return
        await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file; `/output` is `output.html`."""
        if not Path(path).suffix and path not in (".", ""):
            path += ".html"
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) or response.status_code == 304:
            response.headers["Cache-Control"] = "no-cache"
        return response


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return JSONResponse({"detail": f"the server failed: {type(error).__name__}; its log says more"}, 500)
