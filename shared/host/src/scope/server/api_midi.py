"""MIDI devices of the server's machine, for shows without a browser; a page has its own."""

from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from scope.control.outside import OutsideError
from scope.server.host import HostDep
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/midi", route_class=StrictRoute)


class MidiDevice(BaseModel):
    """A device and whether it is listened to."""

    name: str
    opened: bool


class Midi(BaseModel):
    """Every device; `problem` says why there are none."""

    devices: list[MidiDevice]
    problem: str | None


class MidiBody(BaseModel):
    """The devices to listen to; others are let go."""

    model_config = ConfigDict(extra="forbid")

    open: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=16)]


@router.get("")
def devices(host: HostDep) -> Midi:
    """What is plugged in."""
    try:
        names = host.outside.midi.names()
    except OutsideError as error:
        return Midi(devices=[], problem=str(error))
    opened = host.outside.midi.opened
    return Midi(devices=[MidiDevice(name=name, opened=name in opened) for name in names], problem=None)


@router.put("", responses=problems(409))
def listen(body: MidiBody, host: HostDep) -> Midi:
    """Listen to these devices; mappings of the set-up say what they move."""
    midi = host.outside.midi
    for name in set(midi.opened) - set(body.open):
        midi.close(name)
    for name in body.open:
        try:
            midi.open(name)
        except OutsideError as error:
            raise HTTPException(409, str(error)) from error
    return devices(host)
