"""Every way in and out, whether or not this machine has it."""

import sys

from scope.media.ports.extras import CameraOut, NdiIn, NdiOut, SpoutOut, SyphonOut
from scope.media.ports.network import NetworkIn, NetworkOut
from scope.media.ports.port import InPort, OutPort, PortError, PortKind

OUT_PORTS: dict[str, PortKind[OutPort]] = {
    kind.name: kind
    for kind in (
        PortKind[OutPort]("network", "RTMP, RTSP or UDP", "rtmp://host/app/key", NetworkOut),
        PortKind[OutPort]("ndi", "NDI", "", NdiOut, module="cyndilib", extra="ndi"),
        PortKind[OutPort]("camera", "Virtual camera", "/dev/video10", CameraOut, module="pyvirtualcam", extra="camera"),
        PortKind[OutPort]("spout", "Spout", "", SpoutOut, module="SpoutGL", extra="share", systems=("win32",)),
        PortKind[OutPort]("syphon", "Syphon", "", SyphonOut, module="syphon", extra="share", systems=("darwin",)),
    )
}
IN_PORTS: dict[str, PortKind[InPort]] = {
    kind.name: kind
    for kind in (
        PortKind[InPort]("network", "RTSP, RTMP, UDP or HTTP", "rtsp://camera.local/stream", NetworkIn),
        PortKind[InPort]("ndi", "NDI", "name of the source", NdiIn, module="cyndilib", extra="ndi"),
    )
}


def open_out(kind: str, address: str, name: str = "Scope") -> OutPort:
    """A way out; `name` is what other programs see.

    Raises:
        PortError: no such kind, what it needs is missing, or the address makes no sense.
    """
    return _open(OUT_PORTS, kind, address, name)


def open_in(kind: str, address: str) -> InPort:
    """A way in.

    Raises:
        PortError: as `open_out`, or nobody answers.
    """
    return _open(IN_PORTS, kind, address, "")


def _open[T](kinds: dict[str, PortKind[T]], kind: str, address: str, name: str) -> T:
    if kind not in kinds:
        raise PortError(f"expected a port of kind {', '.join(kinds)}, got {kind!r}")
    if missing := kinds[kind].missing(sys.platform):
        raise PortError(missing)
    return kinds[kind].opens(address, name)
