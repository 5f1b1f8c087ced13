"""The pipeline that a host sees."""

from .pipeline import WanVacePipeline

__all__ = ["WanVacePipeline"]
