"""How plugins announce their pipelines (`hookspecs`) and how a host finds them (`manager`)."""

from scope.core.plugins.hookspecs import hookimpl

__all__ = ["hookimpl"]
