"""`scope bench wan`: how fast the pipeline is on this machine.

scope bench wan --random-weights --all --json figures.json
scope bench wan --random-weights --height 480 --width 832 --vae lighttae --profile trace.json
scope bench wan --tiny
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from scope_wan_vace.bench.options import Options


def run(arguments: Sequence[str]) -> int:
    """Measure, print the table and write the files asked for; the exit code."""
    import torch

    from scope_wan_vace.bench.options import parse

    options = parse(arguments)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        told = (_all if options.all else _one)(options, device, arguments)
    except (ValueError, RuntimeError) as error:
        print(error)
        return 1
    if options.json:
        Path(options.json).write_text(told, encoding="utf-8")
    return 0


def _one(options: "Options", device: "torch.device", arguments: Sequence[str]) -> str:
    from scope_wan_vace.bench.measure import measure
    from scope_wan_vace.bench.report import as_json, table

    result = measure(options, device)
    print(table(options, result, arguments))
    return as_json(options, result, arguments)


def _all(options: "Options", device: "torch.device", arguments: Sequence[str]) -> str:
    from scope_wan_vace.bench.report import rows_json, table
    from scope_wan_vace.bench.rows import MAIN_ROW, head, line, measured

    found, size = [], None
    for row, result in measured(options, device):
        if row.size != size:
            size = row.size
            print("", head(size, result.device), sep="\n")
        found.append((row, result))
        print(line(row, options, result), flush=True)
    print("", table(MAIN_ROW.options(options), dict(found)[MAIN_ROW], arguments), sep="\n")
    return rows_json(options, found, arguments)
