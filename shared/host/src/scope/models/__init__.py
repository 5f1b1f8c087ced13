"""The model files that pipelines declare."""

from scope.models.presence import missing_files

__all__ = ["missing_files"]
