"""Which declared model files are on this machine."""

from pathlib import Path

from scope.core.config import get_model_file_path
from scope.core.pipelines.base_schema import BasePipelineConfig


def missing_files(config: type[BasePipelineConfig]) -> list[Path]:
    """The files and folders that the pipeline's artifacts name and that are not there, in the order of declaration."""
    declared = [path for artifact in config.artifacts for path in artifact.local_paths()]
    paths = [get_model_file_path(str(path)) for path in dict.fromkeys(declared)]
    return [path for path in paths if not path.exists()]
