"""The words of a command line, before any command reads them."""

import re
from collections.abc import Sequence

# What a Ray cluster may be named by.
_ADDRESS = re.compile(r"auto|local|ray://\S+|[\w.-]+:\d+")


def join_times(argv: Sequence[str]) -> list[str]:
    """`--at 2.5s name=value` as one value, for an option takes one value and people write two."""
    joined = list(argv)
    for i in range(len(joined) - 2, 0, -1):
        if joined[i - 1] == "--at" and "=" not in joined[i] and i + 1 < len(joined):
            joined[i : i + 2] = [f"{joined[i]} {joined[i + 1]}"]
    return joined


def fill_address(argv: Sequence[str]) -> list[str]:
    """`--ray` without an address as an option with an empty one, for an option takes a value."""
    filled = list(argv)
    for i, word in enumerate(argv):
        following = argv[i + 1] if i + 1 < len(argv) else ""
        if word == "--ray" and not _ADDRESS.fullmatch(following):
            filled[i] = "--ray="
    return filled
