"""Control maps for Scope: one preprocessor, `control`, that turns video into edges, lines, motion and more."""

import logging

from scope.core.plugins.hookspecs import hookimpl

logger = logging.getLogger(__name__)


@hookimpl
def register_pipelines(register):
    """Register `control`. Never raises: in the original host that would cost every plugin its pipelines."""
    try:
        from scope_control.pipeline import ControlPipeline

        register(ControlPipeline)
    except Exception:
        logger.exception("scope-control: could not register the pipeline 'control'")
