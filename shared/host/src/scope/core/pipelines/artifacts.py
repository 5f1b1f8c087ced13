"""Model files that a pipeline declares and a host downloads before loading it."""

from pathlib import PurePosixPath

from pydantic import BaseModel, ConfigDict


class Artifact(BaseModel):
    """Base of all artifacts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def local_paths(self) -> list[PurePosixPath]:
        """Where the files land, relative to the models folder."""
        return []


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
