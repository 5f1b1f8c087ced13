"""`/loras` and `/lora/…`: the LoRA files in the models folder, brought from the hub, Civitai or an address."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from scope.models.child import DownloadCancelledError
from scope.models.lora_sources import Origin, from_address, from_civitai, from_hub
from scope.models.loras import Lora, Loras
from scope.models.sentences import FetchError
from scope.server.host import Host, HostDep
from scope.server.jobs import CancelledJobError, Handle, JobError
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)

Text = Annotated[str, Field(max_length=300)]
Address = Annotated[str, Field(min_length=1, max_length=2000)]


class Provenance(BaseModel):
    """Where a file came from."""

    model_config = ConfigDict(extra="ignore")

    source: Literal["huggingface", "civitai", "url", "local"]
    repo_id: Text | None = None
    hf_filename: Text | None = None
    model_id: Text | None = None
    version_id: Text | None = None
    url: Address | None = None


class LoraFile(BaseModel):
    """One file in `<models>/lora`; `folder` is the folder in it. What nobody recorded is null."""

    name: str
    path: str
    size_mb: float
    folder: str | None
    sha256: str | None = None
    provenance: Provenance | None = None
    read_only: bool = False


class LoraFiles(BaseModel):
    """Every LoRA, by name."""

    lora_files: list[LoraFile]


class Install(BaseModel):
    """An address, and the name under which its file is kept; that of the site without."""

    model_config = ConfigDict(extra="ignore")

    url: Address
    filename: Text | None = None


class Installed(BaseModel):
    """What has come."""

    message: str
    file: LoraFile


class Download(BaseModel):
    """What to fetch: `repo_id` and `hf_filename`, or `version_id`, or `url`, as `source` says."""

    model_config = ConfigDict(extra="ignore")

    source: Literal["huggingface", "civitai", "url"]
    repo_id: Text | None = None
    hf_filename: Text | None = None
    model_id: Text | None = None
    version_id: Text | None = None
    url: Address | None = None
    subfolder: Text | None = None
    expected_sha256: Annotated[str | None, Field(pattern=r"^[0-9A-Fa-f]{64}$")] = None
    civitai_token: Text | None = None


class Downloaded(BaseModel):
    """What has come; `filename` is its path in the LoRA folder."""

    filename: str
    path: str
    sha256: str
    size_bytes: int


class Removed(BaseModel):
    """What is gone."""

    message: str


class ManifestEntry(BaseModel):
    """What is recorded of a file."""

    filename: str
    provenance: Provenance
    sha256: str
    size_bytes: int
    added_at: str


@router.get("/loras")
def loras() -> LoraFiles:
    """What is in the folder."""
    return LoraFiles(lora_files=[_file(lora) for lora in Loras().list()])


@router.post("/loras", responses=problems(400, 409))
def install(body: Install, host: HostDep) -> Installed:
    """Fetch a file, and answer when it is there; the download is a job that can be watched and cancelled."""
    lora = _brought(host, _origin(lambda: from_address(body.url)), filename=body.filename)
    return Installed(message=f"Installed {lora.name}", file=_file(lora))


@router.delete("/loras/{name:path}", responses=problems(404))
def remove(name: str) -> Removed:
    """Delete a file, by its path in the folder or its name."""
    lora = _known(name)
    Loras().remove(lora)
    return Removed(message=f"Deleted {lora.name}")


@router.post("/lora/download", responses=problems(400, 409))
def download(body: Download, host: HostDep) -> Downloaded:
    """Fetch a file of a site, and answer when it is there."""
    lora = _brought(host, _origin(lambda: _asked(body)), folder=body.subfolder, sha256=body.expected_sha256)
    assert lora.record is not None  # it was just noted
    return Downloaded(filename=lora.name, path=str(lora.path), sha256=lora.record["sha256"], size_bytes=lora.size)


@router.put("/lora/{filename:path}/provenance", responses=problems(404))
def set_provenance(filename: str, body: Provenance) -> ManifestEntry:
    """Record where a file came from."""
    lora = Loras().set_provenance(_known(filename), body.model_dump(exclude_none=True))
    assert lora.record is not None  # it was just noted
    return ManifestEntry(filename=lora.name, size_bytes=lora.size, **lora.record)


def _asked(body: Download) -> Origin:
    if body.source == "huggingface":
        return from_hub(body.repo_id or "", body.hf_filename or "")
    if body.source == "civitai":
        return from_civitai(body.version_id or "", body.model_id, body.civitai_token)
    return from_address(body.url or "")


def _origin(make: Callable[[], Origin]) -> Origin:
    try:
        return make()
    except FetchError as error:
        raise HTTPException(400, str(error)) from error


def _brought(host: Host, origin: Origin, **how: Any) -> Lora:
    """The file, once its job is done."""
    brought: list[Lora] = []

    def work(handle: Handle) -> dict[str, Any]:
        def tell(done: int, total: int | None) -> None:
            handle.step(f"downloading {origin.request['source']}", done / total if total else None)

        try:
            brought.append(Loras().bring(*origin, handle.cancelled, on_progress=tell, **how))
        except FetchError as error:
            raise JobError(str(error)) from error
        except DownloadCancelledError as error:
            raise CancelledJobError from error
        return {"filename": brought[0].name}

    job = host.jobs.start("lora", origin.request["source"], work)
    host.jobs.wait(job)
    if job.state == "cancelled":
        raise HTTPException(409, "the download was cancelled")
    if not brought:
        raise HTTPException(400, job.text)
    return brought[0]


def _known(name: str) -> Lora:
    lora = Loras().find(name)
    if lora is None:
        raise HTTPException(404, f"there is no LoRA {name!r}")
    return lora


def _file(lora: Lora) -> LoraFile:
    inner = lora.name.rpartition("/")[0]
    record = lora.record or {}
    return LoraFile(
        name=lora.path.stem,
        path=str(lora.path),
        size_mb=round(lora.size / 1e6, 2),
        folder=inner or None,
        sha256=record.get("sha256"),
        provenance=record.get("provenance"),
    )
