"""The windows and scripts that watch the show, and what each is still to be told."""

import asyncio
import json
import math
from collections import deque
from collections.abc import Mapping
from typing import Any

# A client that is so many messages behind does not read any more; it may connect again and is told everything anew.
MAX_BEHIND = 2000
MAX_CLIENTS = 64


class Client:
    """One control socket. Used on the event loop only."""

    def __init__(self, client_id: str) -> None:
        self.id = client_id
        self.lost = False
        self._said = 0
        self._spoke = asyncio.Event()
        self._outbox: deque[str] = deque()
        self._wake = asyncio.Event()

    def tell(self, text: str) -> None:
        """Queue a message, unless the client is too far behind: then it is lost."""
        if len(self._outbox) >= MAX_BEHIND:
            self.lost = True
            self._outbox.clear()
        elif not self.lost:
            self._outbox.append(text)
        self._wake.set()

    def note_said(self) -> None:
        """One more message of the client was acted on."""
        self._said += 1
        self._spoke.set()
        self._spoke.clear()

    async def has_said(self, count: int) -> None:
        """Wait until so many messages of the client were acted on."""
        while self._said < count:
            await self._spoke.wait()

    async def next(self) -> str | None:
        """The next message, when there is one; None when the client is lost."""
        while not self._outbox and not self.lost:
            self._wake.clear()
            await self._wake.wait()
        return None if self.lost else self._outbox.popleft()


class Clients:
    """All control sockets."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._count = 0

    def join(self, name: str) -> Client | None:
        """A new client with an id made of its name; None when there are too many."""
        if len(self._clients) >= MAX_CLIENTS:
            return None
        self._count += 1
        client = Client(f"{name}-{self._count}")
        self._clients[client.id] = client
        return client

    def get(self, client_id: str) -> Client | None:
        """The client of this id, if it is still there."""
        return self._clients.get(client_id)

    def leave(self, client: Client) -> None:
        """Forget a client."""
        self._clients.pop(client.id, None)

    def tell(self, client_id: str, message: Mapping[str, Any]) -> bool:
        """Send to one client; False if it is not there."""
        client = self.get(client_id)
        if client is not None:
            client.tell(as_text(message))
        return client is not None

    def tell_all(self, message: Mapping[str, Any]) -> None:
        """Send to everyone."""
        text = as_text(message)
        for client in list(self._clients.values()):
            client.tell(text)


def as_text(message: Any) -> str:
    """JSON as browsers read it: what is not finite becomes null."""
    try:
        return json.dumps(message, separators=(",", ":"), allow_nan=False, default=str)
    except ValueError:
        return json.dumps(_finite(message), separators=(",", ":"), default=str)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
