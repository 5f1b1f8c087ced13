"""The order of what one client says in two ways: requests and its control socket, which may overtake each other."""

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Header

from scope.server.host import HostDep

# A socket that is so far behind a request is taken to have gone.
_PATIENCE_SECONDS = 1.0


async def _in_order(
    host: HostDep, scope_after: Annotated[str | None, Header(pattern=r"^[A-Za-z0-9_.-]{1,60} \d{1,15}$")] = None
) -> None:
    """`Scope-After: page-3 41` waits until 41 messages of this client's control socket were acted on."""
    name, _, count = (scope_after or "").partition(" ")
    client = host.show.clients.get(name)
    if client is not None:
        with suppress(TimeoutError):
            await asyncio.wait_for(client.has_said(int(count)), _PATIENCE_SECONDS)


IN_ORDER = Depends(_in_order)
