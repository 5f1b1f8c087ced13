"""Routes of model files: what each pipeline needs, downloads as jobs, verification, removal."""

import shutil
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from scope.core.config import get_models_dir
from scope.core.pipelines.artifacts import Artifact, artifact_from_json
from scope.models import Download, Progress, declared_files, remove, size_of, size_text, verify
from scope.models.sentences import FetchError
from scope.server.host import Host, HostDep
from scope.server.jobs import CancelledJobError, Handle, Job, JobError
from scope.server.strict import StrictRoute, problems

router = APIRouter(prefix="/api/v1/models", route_class=StrictRoute)

KIND = "download"


class ModelFile(BaseModel):
    """One declared file or folder; `file` is its path in the models folder, `size` in bytes, null while it is missing."""

    file: str
    present: bool
    size: int | None


class PipelineModels(BaseModel):
    """What one pipeline needs. `job`: the running download, if there is one."""

    files: list[ModelFile]
    downloaded: bool
    job: str | None


class Models(BaseModel):
    """Every pipeline with artifacts, the models folder, and the bytes that are free there."""

    folder: str
    free: int
    pipelines: dict[str, PipelineModels]


class Plan(BaseModel):
    """What a download would fetch: bytes by path, null where the source does not say. `total` in bytes."""

    files: dict[str, int | None]
    total: int
    free: int
    licenses: dict[str, str]


class Started(BaseModel):
    """The job that was begun, or the one that runs already."""

    job: str


class Freed(BaseModel):
    """Bytes that became free."""

    freed: int


class Findings(BaseModel):
    """A sentence for each file that is not what was downloaded; empty when all is well."""

    problems: list[str]


class DownloadBody(BaseModel):
    """The original host's form."""

    model_config = ConfigDict(extra="ignore")
    pipeline_id: Annotated[str, Field(max_length=200)]


class OriginalProgress(BaseModel):
    """How far a download is, in the original host's form; `percentage` from 0 to 100."""

    is_downloading: bool
    percentage: float
    current_artifact: str
    error: str | None


class OriginalStatus(BaseModel):
    """Whether a pipeline's models are there, in the original host's form."""

    downloaded: bool
    progress: OriginalProgress | None


class Message(BaseModel):
    """What was begun."""

    message: str


@router.get("")
def list_models(host: HostDep) -> Models:
    """What each pipeline needs and what is here."""
    found = {name: _state(host, name) for name in host.show.status.pipelines if _artifacts(host, name)}
    return Models(folder=str(get_models_dir()), free=_free(), pipelines=found)


@router.post("/{pipeline_id}/plan", responses=problems(404, 503))
def plan(pipeline_id: str, host: HostDep) -> Plan:
    """Ask the sources for the sizes of what is missing; takes a second or two."""
    work = Download(_known(host, pipeline_id))
    try:
        files = work.sizes()
    except FetchError as error:
        raise HTTPException(503, str(error)) from error
    total = sum(size or 0 for size in files.values())
    return Plan(files=files, total=total, free=_free(), licenses=work.progress.licenses)


@router.post("/{pipeline_id}/download", status_code=202, responses=problems(404))
def download(pipeline_id: str, host: HostDep) -> Started:
    """Fetch what is missing, as a job. One that was cancelled or broke off goes on where it stopped."""
    artifacts = _known(host, pipeline_id)
    running = _job(host, pipeline_id)
    return Started(job=running["id"] if running else _start(host, pipeline_id, artifacts).id)


@router.post("/{pipeline_id}/verify", responses=problems(404))
def verify_models(pipeline_id: str, host: HostDep) -> Findings:
    """Hold the files against the checksums of their download; takes seconds for each gigabyte."""
    return Findings(problems=verify(_known(host, pipeline_id)))


@router.delete("/{pipeline_id}", responses=problems(404, 409))
def remove_models(pipeline_id: str, host: HostDep) -> Freed:
    """Delete the files; pipelines that share one lose it as well."""
    artifacts = _known(host, pipeline_id)
    if _job(host, pipeline_id):
        raise HTTPException(409, f"{pipeline_id} is being downloaded; cancel that first")
    return Freed(freed=remove(artifacts))


@router.get("/status")
def status(host: HostDep, pipeline_id: Annotated[str, Query(max_length=200)]) -> OriginalStatus:
    """The original host's question; pipelines without models and unknown ones are downloaded."""
    state = _state(host, pipeline_id)
    last = _last(host, pipeline_id)
    if state.downloaded or last is None or last["state"] == "done":
        return OriginalStatus(downloaded=state.downloaded, progress=None)
    progress = OriginalProgress(
        is_downloading=last["state"] == "running",
        percentage=100.0 * (last["share"] or 0.0),
        current_artifact=last["step"],
        error=last["text"],
    )
    return OriginalStatus(downloaded=False, progress=progress)


@router.post("/download")
def download_original(body: DownloadBody, host: HostDep) -> Message:
    """The original host's form of a download; it answers the same for every id."""
    if _artifacts(host, body.pipeline_id) and not _job(host, body.pipeline_id):
        _start(host, body.pipeline_id, _artifacts(host, body.pipeline_id))
    return Message(message=f"Model download started for {body.pipeline_id}")


def _start(host: Host, pipeline_id: str, artifacts: list[Artifact]) -> Job:
    def work(handle: Handle) -> dict[str, Any]:
        outcome = Download(artifacts, lambda progress: _tell(handle, progress), handle.cancelled).run()
        if outcome.state == "cancelled":
            handle.job.text = outcome.error
            raise CancelledJobError
        if outcome.error:
            raise JobError(outcome.error)
        host.call_soon(host.show.models_arrived, pipeline_id)
        return outcome.to_json()

    return host.jobs.start(KIND, pipeline_id, work)


def _tell(handle: Handle, progress: Progress) -> None:
    share = progress.done / progress.total if progress.total else None
    of = f" of {size_text(progress.total)}" if progress.total else ""
    if not handle.cancelled.is_set():
        handle.step(f"{progress.state} {progress.file}: {size_text(progress.done)}{of}", share)


def _artifacts(host: Host, pipeline_id: str) -> list[Artifact]:
    """The artifacts that can be downloaded; a plugin's own kind of artifact is its own affair."""
    found = []
    for value in host.show.status.pipelines.get(pipeline_id, {}).get("artifacts", ()):
        with suppress(ValueError):
            found.append(artifact_from_json(value))
    return found


def _known(host: Host, pipeline_id: str) -> list[Artifact]:
    if pipeline_id not in host.show.status.pipelines:
        raise HTTPException(404, f"there is no pipeline {pipeline_id!r}")
    return _artifacts(host, pipeline_id)


def _state(host: Host, pipeline_id: str) -> PipelineModels:
    folder = get_models_dir()
    files = [
        ModelFile(
            file=path.relative_to(folder).as_posix(),
            present=path.exists(),
            size=size_of(path) if path.exists() else None,
        )
        for path in declared_files(_artifacts(host, pipeline_id))
    ]
    running = _job(host, pipeline_id)
    return PipelineModels(
        files=files, downloaded=all(file.present for file in files), job=running["id"] if running else None
    )


def _last(host: Host, pipeline_id: str) -> Mapping[str, Any] | None:
    jobs = [job for job in host.jobs.list() if job["kind"] == KIND and job["title"] == pipeline_id]
    return jobs[-1] if jobs else None


def _job(host: Host, pipeline_id: str) -> Mapping[str, Any] | None:
    last = _last(host, pipeline_id)
    return last if last and last["state"] == "running" else None


def _free() -> int:
    folder = get_models_dir()
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free
