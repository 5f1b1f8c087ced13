"""`/keys`: a person's keys at model sites. What was stored is never told again."""

import os
from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from scope.models.keys import SERVICES, Keys, Service
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/keys", route_class=StrictRoute)


class KeyInfo(BaseModel):
    """Whether a service has a key. `source`: "stored" here, or "env", the server's environment."""

    id: str
    name: str
    description: str
    is_set: bool
    source: str | None
    env_var: str | None
    key_url: str | None


class KeyList(BaseModel):
    """Every service that keys are known for."""

    keys: list[KeyInfo]


class KeyBody(BaseModel):
    """The key, without spaces."""

    model_config = ConfigDict(extra="ignore")

    value: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[!-~]+$")]


class Outcome(BaseModel):
    """What was done."""

    success: bool
    message: str


@router.get("")
def keys() -> KeyList:
    """Which keys are set."""
    stored = Keys().stored()
    return KeyList(keys=[_info(service, service.id in stored) for service in SERVICES.values()])


@router.put("/{service_id}", responses=problems(404, 507))
def put(service_id: str, body: KeyBody) -> Outcome:
    """Store a key; downloads use it from now on."""
    service = _known(service_id)
    try:
        Keys().put(service.id, body.value)
    except OSError as error:
        raise HTTPException(507, f"the key cannot be stored: {error.strerror or error}") from error
    return Outcome(success=True, message=f"The key for {service.name} is stored")


@router.delete("/{service_id}", responses=problems(404, 507))
def delete(service_id: str) -> Outcome:
    """Forget a stored key; one in the environment of the server stays."""
    service = _known(service_id)
    try:
        removed = Keys().remove(service.id)
    except OSError as error:
        raise HTTPException(507, f"the key cannot be removed: {error.strerror or error}") from error
    if not removed:
        raise HTTPException(404, f"no key for {service.name} is stored")
    return Outcome(success=True, message=f"The key for {service.name} is forgotten")


def _known(service_id: str) -> Service:
    if service_id not in SERVICES:
        raise HTTPException(404, f"expected one of {', '.join(SERVICES)}, got {service_id!r}")
    return SERVICES[service_id]


def _info(service: Service, stored: bool) -> KeyInfo:
    source = "stored" if stored else "env" if os.environ.get(service.variable) else None
    return KeyInfo(
        id=service.id,
        name=service.name,
        description=service.purpose,
        is_set=source is not None,
        source=source,
        env_var=service.variable,
        key_url=service.page,
    )
