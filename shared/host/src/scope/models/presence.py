"""Which declared model files are on this machine, and whether they are what they should be."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from scope.core.config import get_model_file_path, get_models_dir
from scope.core.pipelines.artifacts import Artifact
from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.models.checksums import digest_of
from scope.models.records import Records


def missing_files(config: type[BasePipelineConfig]) -> list[Path]:
    """The files and folders that the pipeline's artifacts name and that are not there, in the order of declaration."""
    return [path for path in declared_files(config.artifacts) if not path.exists()]


def declared_files(artifacts: Sequence[Artifact]) -> list[Path]:
    """Where the files and folders of artifacts lie or would lie, each once."""
    declared = [path for artifact in artifacts for path in artifact.local_paths()]
    return [get_model_file_path(str(path)) for path in dict.fromkeys(declared)]


def size_of(path: Path) -> int:
    """Bytes of a file or of all files in a folder; 0 if it is not there."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def verify(artifacts: Sequence[Artifact]) -> list[str]:
    """Hold what should be there against the records of its download: a sentence for each file that is missing or differs.

    Files that were not downloaded by this host have no record; they are named as unknown.
    """
    models, records = get_models_dir(), Records(get_models_dir()).read()
    problems = []
    for path in declared_files(artifacts):
        if not path.exists():
            problems.append(f"{path.relative_to(models).as_posix()} is missing.")
        for file in sorted(f for f in (path.rglob("*") if path.is_dir() else [path]) if f.is_file()):
            name = file.relative_to(models).as_posix()
            record = records.get(name)
            if record is None:
                problems.append(f"{name} was not downloaded by this host, so its checksum is not known.")
            elif file.stat().st_size != record.size:
                problems.append(f"{name} has {file.stat().st_size} bytes, expected {record.size}.")
            elif digest_of(file, record.digest.partition(":")[0]) != record.digest:
                problems.append(f"{name} does not have the checksum it had when it was downloaded.")
    return problems


def remove(artifacts: Sequence[Artifact]) -> int:
    """Delete the files and folders of artifacts; the bytes that became free."""
    models, freed, names = get_models_dir(), 0, []
    for path in declared_files(artifacts):
        freed += size_of(path)
        names += [f.relative_to(models).as_posix() for f in (path.rglob("*") if path.is_dir() else [path])]
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    Records(models).remove(names)
    return freed
