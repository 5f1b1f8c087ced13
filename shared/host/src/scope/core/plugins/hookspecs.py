"""The hooks a plugin implements: `register_pipelines`, and `register_nodes` in some.

A plugin is an importable module named by the single entry point of its distribution in the group `scope`:

    from scope.core.plugins.hookspecs import hookimpl

    @hookimpl
    def register_pipelines(register):
        from .pipeline import MyPipeline

        register(MyPipeline)
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from scope.core.nodes.base import BaseNode
    from scope.core.pipelines.interface import Pipeline

PROJECT_NAME = "scope"

hookspec = pluggy.HookspecMarker(PROJECT_NAME)
hookimpl = pluggy.HookimplMarker(PROJECT_NAME)


@hookspec
def register_pipelines(register: "Callable[[type[Pipeline]], None]") -> None:
    """Call `register(PipelineClass)` once for each pipeline of this plugin.

    Import heavy modules inside the function, and never raise: in the original host an exception here costs every
    plugin its pipelines.
    """


@hookspec
def register_nodes(register: "Callable[[type[BaseNode]], None]") -> None:
    """Call `register(NodeClass)` once for each node of this plugin. This host lists nodes and runs none."""
