"""What measurements have in common: quantiles, and what they hold for."""

import math
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the sorted `values` lies; NaN of none."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else math.nan


def machine() -> dict[str, Any]:
    """What the figures hold for."""
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return {
        "machine": f"{processor()}, {os.cpu_count()} cores, {device}{load}",
        "versions": f"python {platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}",
        "date": time.strftime("%Y-%m-%d"),
        "system": f"{platform.system()} {platform.release()}, {sys.platform}",
    }


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
