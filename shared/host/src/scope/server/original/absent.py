"""What the original host has and this one has not, answered truthfully: cloud, DMX, its accounts, its onboarding."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import StreamingResponse

from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)

# Proxies end what is silent for longer.
_KEEP_ALIVE_SECONDS = 15.0

NO_CLOUD = "this host runs everything on this machine; it has no cloud"
NO_DMX = "this host does not listen to DMX"


@router.get("/cloud/status")
async def cloud_status() -> dict[str, Any]:
    """Not connected, and never will be."""
    return {
        "connected": False,
        "connecting": False,
        "error": None,
        "connect_stage": None,
        "webrtc_connected": False,
        "app_id": None,
        "connection_id": None,
        "credentials_configured": False,
        "stats": None,
        "last_close_code": None,
        "last_close_reason": None,
    }


@router.post("/cloud/connect", responses=problems(501))
async def cloud_connect() -> None:
    """Refused."""
    raise HTTPException(501, NO_CLOUD)


@router.post("/cloud/disconnect")
async def cloud_disconnect() -> dict[str, Any]:
    """Nothing to do."""
    return await cloud_status()


@router.get("/dmx/status")
async def dmx_status() -> dict[str, Any]:
    """Not listening."""
    return {
        "enabled": False,
        "listening": False,
        "port": None,
        "preferred_port": 6454,
        "host": None,
        "log_all_messages": False,
        "mapping_count": 0,
    }


@router.get("/dmx/paths")
async def dmx_paths() -> dict[str, list[Any]]:
    """None."""
    return {"paths": []}


@router.get("/dmx/config")
async def dmx_config() -> dict[str, Any]:
    """Off, without mappings."""
    return {"enabled": False, "preferred_port": 6454, "log_all_messages": False, "mappings": []}


@router.put("/dmx/settings", responses=problems(501))
@router.put("/dmx/config", responses=problems(501))
@router.post("/dmx/restart", responses=problems(501))
async def dmx_change() -> None:
    """Refused."""
    raise HTTPException(501, NO_DMX)


@router.get("/osc/stream", response_class=StreamingResponse)
async def osc_stream() -> StreamingResponse:
    """Server-sent events, of which none comes: this host applies OSC messages itself, and a page must not do it again."""
    return StreamingResponse(_nothing(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@router.get("/dmx/stream", status_code=204)
async def dmx_stream() -> Response:
    """No events; with this answer a browser does not ask again."""
    return Response(status_code=204)


async def _nothing() -> AsyncGenerator[str]:
    while True:
        yield ": OSC messages are applied by the host\n\n"
        await asyncio.sleep(_KEEP_ALIVE_SECONDS)


@router.get("/onboarding/status")
async def onboarding() -> dict[str, Any]:
    """There is nothing to be led through, so a page does not ask."""
    return {
        "completed": True,
        "inference_mode": "local",
        "onboarding_style": None,
        "referral_source": None,
        "use_case": None,
    }


@router.put("/onboarding/status")
async def set_onboarding() -> dict[str, Any]:
    """Always completed."""
    return await onboarding()
