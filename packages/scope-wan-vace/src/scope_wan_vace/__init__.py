"""Streaming Wan2.1 with VACE control for Daydream Scope: one pipeline, `wan-vace`."""

import logging

from scope.core.plugins.hookspecs import hookimpl

logger = logging.getLogger(__name__)


@hookimpl
def register_pipelines(register):
    """Register `wan-vace`. Never raises: in the original host that would cost every plugin its pipelines."""
    try:
        from scope_wan_vace.pipeline import WanVacePipeline

        register(WanVacePipeline)
    except Exception:
        logger.exception("scope-wan-vace: could not register the pipeline 'wan-vace'")
