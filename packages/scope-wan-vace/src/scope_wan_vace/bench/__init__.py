"""`scope bench wan`: how fast the pipeline is on this machine.

scope bench wan --random-weights --height 480 --width 832 --vae lighttae --json figures.json
scope bench wan --tiny
"""

from collections.abc import Sequence
from pathlib import Path


def run(arguments: Sequence[str]) -> int:
    """Measure, print the table and write the files asked for; the exit code."""
    import torch

    from scope_wan_vace.bench.measure import measure
    from scope_wan_vace.bench.options import parse
    from scope_wan_vace.bench.report import as_json, table

    options = parse(arguments)
    try:
        result = measure(options, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    except (ValueError, RuntimeError) as error:
        print(error)
        return 1
    print(table(options, result, arguments))
    if options.json:
        Path(options.json).write_text(as_json(options, result, arguments), encoding="utf-8")
    return 0
