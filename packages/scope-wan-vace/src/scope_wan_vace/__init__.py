"""Streaming Wan2.1 with VACE control for Daydream Scope. Importing this module does not import torch."""

import logging

from scope.core.plugins.hookspecs import hookimpl

logger = logging.getLogger(__name__)


@hookimpl
def register_pipelines(register):
    """Register `wan-vace`."""
    try:
        from .pipeline import WanVacePipeline
    # An exception out of this hook would take every other plugin's pipelines with it.
    except Exception as error:  # noqa: BLE001
        logger.error("scope-wan-vace: cannot be offered: %s: %s", type(error).__name__, error)
        return
    register(WanVacePipeline)
