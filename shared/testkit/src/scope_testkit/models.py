"""Which declared model files are not on this machine."""

from scope.core.config import get_model_file_path
from scope.core.pipelines.base_schema import BasePipelineConfig


def missing_models(config: type[BasePipelineConfig]) -> str:
    """A sentence that names the first missing file of the declared artifacts; empty if none is missing."""
    paths = [path for artifact in config.artifacts for path in _paths(artifact)]
    missing = [path for path in paths if not get_model_file_path(path).exists()]
    if not missing:
        return ""
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"{config.pipeline_id} needs model files that are not in the models folder: {missing[0]}{more}"


def _paths(artifact: object) -> list[str]:
    found = getattr(artifact, "local_paths", None)
    return [str(path) for path in found()] if callable(found) else []
