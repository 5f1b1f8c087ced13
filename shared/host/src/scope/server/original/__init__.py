"""The HTTP API of the original host, for its clients: the same routes, fields and answers on top of the one show.

Each module holds one group of routes. What this host does not have (cloud, DMX) answers truthfully that it is absent.
"""

from scope.server.original import (
    absent,
    keys,
    loras,
    osc,
    pipelines,
    plugins,
    recordings,
    session,
    sources,
    tempo,
    workflow,
)

ROUTERS = (
    pipelines.router,
    session.router,
    tempo.router,
    osc.router,
    loras.router,
    plugins.router,
    sources.router,
    recordings.router,
    keys.router,
    workflow.router,
    absent.router,
)

__all__ = ["ROUTERS"]
