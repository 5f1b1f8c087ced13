"""The words of a command line, before any command reads them."""

from collections.abc import Sequence


def join_times(argv: Sequence[str]) -> list[str]:
    """`--at 2.5s name=value` as one value, for an option takes one value and people write two."""
    joined = list(argv)
    for i in range(len(joined) - 2, 0, -1):
        if joined[i - 1] == "--at" and "=" not in joined[i] and i + 1 < len(joined):
            joined[i : i + 2] = [f"{joined[i]} {joined[i + 1]}"]
    return joined
