"""Pictures from nothing for Scope: one pipeline, `synth`, with noise, cells, a tunnel, fractals and animated type."""

import logging

from scope.core.plugins.hookspecs import hookimpl

logger = logging.getLogger(__name__)


@hookimpl
def register_pipelines(register):
    """Register `synth`. Never raises: in the original host that would cost every plugin its pipelines."""
    try:
        from scope_synth.pipeline import SynthPipeline

        register(SynthPipeline)
    except Exception:
        logger.exception("scope-synth: could not register the pipeline 'synth'")
