"""A plugin as the reference text writes them, which notes what a host does with it."""

from scope.core.plugins.hookspecs import hookimpl


@hookimpl
def register_pipelines(register):
    from .pipeline import WitnessMulti, WitnessText, WitnessVideo

    register(WitnessText)
    register(WitnessVideo)
    register(WitnessMulti)
