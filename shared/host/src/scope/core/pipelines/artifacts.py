"""Model files that a pipeline declares and a host downloads before loading it."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict


class Artifact(BaseModel):
    """Base of all artifacts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def local_paths(self) -> list[PurePosixPath]:
        """Where the files land, relative to the models folder."""
        return []

    def to_json(self) -> dict[str, Any]:
        """The fields and the class's name, as `type`; `artifact_from_json` reads it."""
        return {"type": type(self).__name__} | self.model_dump(mode="json")


class HuggingfaceRepoArtifact(Artifact):
    """Files or folders of a Hugging Face repository; they land in `<models>/<repository name>/<file>`."""

    repo_id: str
    files: list[str]

    def local_paths(self) -> list[PurePosixPath]:
        """Where the files land, relative to the models folder."""
        folder = self.repo_id.rsplit("/", 1)[-1]
        return [PurePosixPath(folder, file) for file in self.files]


class GoogleDriveArtifact(Artifact):
    """One file on Google Drive; it lands in `<models>/<name>/`. A ZIP is unpacked to the named files."""

    file_id: str
    files: list[str] | None = None
    name: str | None = None

    def local_paths(self) -> list[PurePosixPath]:
        """Where the files land, relative to the models folder."""
        folder = self.name or self.file_id
        return [PurePosixPath(folder, file) for file in self.files or [self.file_id]]


def artifact_from_json(value: Mapping[str, Any]) -> Artifact:
    """What `Artifact.to_json` wrote.

    Raises:
        ValueError: another kind of artifact, or fields that do not fit.
    """
    kinds = {kind.__name__: kind for kind in (HuggingfaceRepoArtifact, GoogleDriveArtifact)}
    fields = {name: entry for name, entry in value.items() if name != "type"}
    if value.get("type") not in kinds:
        raise ValueError(f"expected an artifact of type {' or '.join(kinds)}, got {value.get('type')!r}")
    return kinds[value["type"]].model_validate(fields)
