"""Keys of a person's accounts at model sites, kept in a file of the base folder that only its owner can read."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scope.core.config import get_base_dir
from scope.core.files import write


@dataclass(frozen=True)
class Service:
    """A site with accounts. `variable`: where its own tools look for the key; `page`: where a person gets one."""

    id: str
    name: str
    purpose: str
    variable: str
    page: str


SERVICES = {
    service.id: service
    for service in (
        Service(
            "huggingface",
            "Hugging Face",
            "Models and LoRAs that are gated or private.",
            "HF_TOKEN",
            "https://huggingface.co/settings/tokens",
        ),
        Service(
            "civitai",
            "Civitai",
            "LoRAs that are given to members only.",
            "CIVITAI_API_TOKEN",
            "https://civitai.com/user/account",
        ),
    )
}


class Keys:
    """The stored keys, by the id of their service; a stored one goes before that of the environment."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or get_base_dir() / "keys.json"

    def stored(self) -> dict[str, str]:
        """Every stored key; none where the file is missing or damaged, for they can be given again."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            return {name: key for name, key in found.items() if name in SERVICES and isinstance(key, str)}
        except (OSError, ValueError, AttributeError):
            return {}

    def put(self, service: str, key: str) -> None:
        """Store a key in place of the one before.

        Raises:
            OSError: the file cannot be written.
        """
        self._write(self.stored() | {service: key})

    def remove(self, service: str) -> bool:
        """Forget a stored key; False where there was none.

        Raises:
            OSError: the file cannot be written.
        """
        kept = self.stored()
        if kept.pop(service, None) is None:
            return False
        self._write(kept)
        return True

    def environment(self) -> Mapping[str, str]:
        """This process's environment with the stored keys under the names that downloads look for."""
        own = {SERVICES[name].variable: key for name, key in self.stored().items()}
        return os.environ | own

    def _write(self, keys: Mapping[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write(self._path, json.dumps(dict(keys)))
