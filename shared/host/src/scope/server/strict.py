"""Routes whose JSON bodies are read within limits, and the form in which routes say no."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from scope.control.strict_json import JsonError, read_json


class Problem(BaseModel):
    """Why a request was refused, in one sentence."""

    detail: str


def problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that refuses with these status codes."""
    return {code: {"model": Problem} for code in codes}


class StrictRequest(Request):
    """A request whose JSON is finite, shallow and small."""

    async def json(self) -> Any:
        """The body.

        Raises:
            HTTPException: 400 with a sentence.
        """
        try:
            return read_json(await self.body())
        except JsonError as error:
            raise HTTPException(400, str(error)) from error


class StrictRoute(APIRoute):
    """A route that reads its body as StrictRequest does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind a stricter request."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict
