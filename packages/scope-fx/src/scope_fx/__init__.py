"""Real-time video effects for Scope: one pipeline, `fx`, that changes nothing until a control is moved."""

import logging

from scope.core.plugins.hookspecs import hookimpl

logger = logging.getLogger(__name__)


@hookimpl
def register_pipelines(register):
    """Register `fx`. Never raises: in the original host that would cost every plugin its pipelines."""
    try:
        from scope_fx.pipeline import FxPipeline

        register(FxPipeline)
    except Exception:
        logger.exception("scope-fx: could not register the pipeline 'fx'")
