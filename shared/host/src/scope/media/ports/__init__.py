"""Pictures to and from other programs. Each way is a `Port`; what it needs is imported when it is asked for.

Pixels are uint8 (H, W, 3) RGB arrays. A port belongs to one thread, which opens, uses and closes it.
"""

from scope.media.ports.catalog import IN_PORTS, OUT_PORTS, open_in, open_out
from scope.media.ports.port import InPort, OutPort, PortError, PortKind

__all__ = ["IN_PORTS", "OUT_PORTS", "InPort", "OutPort", "PortError", "PortKind", "open_in", "open_out"]
