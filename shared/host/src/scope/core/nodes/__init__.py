"""Nodes: what plugins of the original host may register beside pipelines. This host lists them and runs none."""

from scope.core.nodes.base import BaseNode, NodeDefinition, NodeParam, NodePort

__all__ = ["BaseNode", "NodeDefinition", "NodeParam", "NodePort"]
