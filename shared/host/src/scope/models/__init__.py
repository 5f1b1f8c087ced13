"""The model files that pipelines declare: which are here, and downloads of those that are not."""

from scope.models.download import Download, Progress, size_text
from scope.models.presence import declared_files, missing_files, remove, size_of, verify

__all__ = ["Download", "Progress", "declared_files", "missing_files", "remove", "size_of", "size_text", "verify"]
