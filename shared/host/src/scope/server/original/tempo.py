"""`/tempo/…`: the clock of the show through the original host's routes."""

from importlib.util import find_spec
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from scope.control.tempo import MAX_BPM, MIN_BPM
from scope.server.host import Host, HostDep
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/tempo", route_class=StrictRoute)

CLIENT = "tempo"
Bpm = Annotated[float, Field(ge=MIN_BPM, le=MAX_BPM)]


class TempoStatus(BaseModel):
    """Whether a clock runs, from where, and where it stands."""

    enabled: bool
    source: dict[str, Any] | None
    beats_per_bar: int
    beat_state: dict[str, Any] | None


class Enable(BaseModel):
    """Follow an outside clock, or `internal`, this host's own."""

    model_config = ConfigDict(extra="ignore")

    source: Literal["link", "midi_clock", "internal"]
    midi_device: Annotated[str | None, Field(max_length=200)] = None
    bpm: Bpm = 120.0
    beats_per_bar: Annotated[int, Field(ge=1, le=16)] = 4


class SetTempo(BaseModel):
    """Beats a minute."""

    model_config = ConfigDict(extra="ignore")

    bpm: Bpm


class Sources(BaseModel):
    """Clocks by name: `available`, `name`, `install_hint`."""

    sources: dict[str, dict[str, Any]]


@router.get("/status")
async def status(host: HostDep) -> TempoStatus:
    """The clock now."""
    return _status(host)


@router.post("/enable", responses=problems(400))
async def enable(body: Enable, host: HostDep) -> TempoStatus:
    """Start a clock; a MIDI clock comes through the page's Web MIDI, or a device of this machine."""
    found = _sources()[body.source]
    if not found["available"]:
        raise HTTPException(400, f"{found['name']} is not available: {found['install_hint']}")
    source = {"midi_clock": "midi"}.get(body.source, body.source)
    tempo = {"source": source, "bpm": body.bpm, "beats_per_bar": body.beats_per_bar}
    host.show.edit({"tempo": host.show.document.now["tempo"] | tempo}, CLIENT, "tempo")
    host.show.document.flush()
    return _status(host)


@router.post("/disable")
async def disable(host: HostDep) -> TempoStatus:
    """Stop the clock."""
    host.show.edit({"tempo": host.show.document.now["tempo"] | {"source": "off"}}, CLIENT, "tempo")
    host.show.document.flush()
    return _status(host)


@router.post("/set_tempo")
async def set_tempo(body: SetTempo, host: HostDep) -> TempoStatus:
    """Another speed, without a jump."""
    host.performance.set_bpm(body.bpm, CLIENT)
    host.show.document.flush()
    return _status(host)


@router.get("/sources")
async def sources() -> Sources:
    """Which clocks can be followed."""
    return Sources(sources=_sources())


def _sources() -> dict[str, dict[str, Any]]:
    link = find_spec("aalink") is not None
    hint = None if link else "install the extra: uv pip install 'scope-host[link]' (aalink, GPL-3)"
    return {
        "internal": {"available": True, "name": "Internal clock", "install_hint": None},
        "midi_clock": {"available": True, "name": "MIDI clock", "install_hint": None},
        "link": {"available": link, "name": "Ableton Link", "install_hint": hint},
    }


def _status(host: Host) -> TempoStatus:
    tempo, wanted = host.performance.beats.tempo, host.show.document.now["tempo"]
    return TempoStatus(
        enabled=tempo is not None,
        source=None if tempo is None else {"type": wanted["source"]},
        beats_per_bar=wanted["beats_per_bar"],
        beat_state=host.performance.beats.now(),
    )
