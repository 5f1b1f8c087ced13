"""The plugin API, under the import paths that plugins rely on."""

from scope.core.plugins.hookspecs import hookimpl

__all__ = ["hookimpl"]
