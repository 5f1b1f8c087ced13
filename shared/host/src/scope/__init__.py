"""Scope: the plugin API (`scope.core`) and an embedded host for real-time generative video."""
