"""`/loras`: which LoRA files lie in the models folder. Fetching them from other sites is not offered."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from scope.core.config import get_models_dir
from scope.server.strict import StrictRoute

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)

FOLDER = "lora"
_ENDINGS = frozenset({".safetensors", ".bin", ".pt"})


class LoraFile(BaseModel):
    """One file in `<models>/lora`; `folder` is the folder in it."""

    name: str
    path: str
    size_mb: float
    folder: str | None
    sha256: str | None = None
    provenance: dict[str, Any] | None = None
    read_only: bool = False


class LoraFiles(BaseModel):
    """Every LoRA, by name."""

    lora_files: list[LoraFile]


@router.get("/loras")
def loras() -> LoraFiles:
    """What is in the folder."""
    folder = get_models_dir() / FOLDER
    found = sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS and path.is_file())
    return LoraFiles(lora_files=[_file(path, folder) for path in found])


def _file(path: Path, folder: Path) -> LoraFile:
    inner = path.parent.relative_to(folder).as_posix()
    size = round(path.stat().st_size / 1e6, 2)
    return LoraFile(name=path.stem, path=str(path), size_mb=size, folder=None if inner == "." else inner)
