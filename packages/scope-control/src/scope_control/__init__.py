"""Control maps for Scope: edges, lines, motion and more by `control`; by networks, depth and masks of people."""

import logging

from scope.core.plugins.hookspecs import hookimpl

logger = logging.getLogger(__name__)


@hookimpl
def register_pipelines(register):
    """Register the pipelines. Never raises: in the original host that would cost every plugin its pipelines."""
    try:
        from scope_control.networks.pipelines import DepthPipeline, MattePipeline
        from scope_control.pipeline import ControlPipeline

        for pipeline in (ControlPipeline, DepthPipeline, MattePipeline):
            register(pipeline)
    except Exception:
        logger.exception("scope-control: could not register its pipelines")
