"""The table, and the same as JSON."""

import json
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from scope_testkit.bench.measure import UNEVEN, Subject

LEGEND = (
    "Clones are of cold caches, in which every row begins as well, as between the other work of a live host; out of the"
    " cache a clone takes what the second line says. Faults: pages that the system supplied to a frame, in the median; one"
    " whose memory it has all to supply takes a multiple."
)
_PACKAGES = ("torch", "scope-fx", "scope-control", "scope-synth", "kornia", "opencv-python-headless")


def conditions(size: tuple[int, int], rounds: int, device: torch.device) -> dict[str, Any]:
    """All that a figure depends on beside the code."""
    versions = {name: metadata.version(name) for name in _PACKAGES if _is_installed(name)}
    card = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {
        "size": f"{size[1]}x{size[0]}",
        "rounds": rounds,
        "device": card or f"{platform.machine()} CPU",
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "versions": versions,
    }


def table(subjects: Sequence[Subject], clone: Subject) -> str:
    """Milliseconds a frame, the least in clones beside the target, the longest frame in medians, page faults, and growth in
    MB.
    """
    width = max(len(subject.name) for subject in subjects)
    lines = [f"{'':{width}}  least ms  median ms  clones  target  longest  faults  grown"]
    for subject in subjects:
        target = f"{subject.target:6.1f}" if subject.target else "     -"
        cost = subject.least / clone.least
        mark = "  missed" if subject.target and cost > subject.target else ""
        mark += "  uneven" if subject.unevenness > UNEVEN else ""
        lines.append(
            f"{subject.name:{width}}  {subject.least * 1e3:8.2f}  {subject.middle * 1e3:9.2f}  {cost:6.1f}  {target}"
            f"  {subject.unevenness:7.1f}  {subject.faults_a_frame:6.0f}  {subject.grown / 1e6:5.1f}{mark}"
        )
    return "\n".join(lines)


def write(path: Path, subjects: Sequence[Subject], clone: Subject, about: dict[str, Any]) -> None:
    rows = [
        {
            "name": subject.name,
            "least_ms": round(subject.least * 1e3, 3),
            "median_ms": round(subject.middle * 1e3, 3),
            "longest_in_medians": round(subject.unevenness, 2),
            "faults": subject.faults_a_frame,
            "grown_mb": round(subject.grown / 1e6, 2),
            "longest_ms": round(max(subject.times) * 1e3, 3),
            "clones": round(subject.least / clone.least, 2),
            "target": subject.target,
        }
        for subject in subjects
    ]
    path.write_text(json.dumps({"conditions": about, "rows": rows}, indent=2) + "\n", encoding="utf-8")


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
