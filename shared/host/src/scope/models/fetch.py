"""The only place that talks to a model hub, as a process of its own: `python -m scope.models.fetch`.

A process can be ended at any moment, which no download library can, and a server that starts it stays free of theirs.
Requests come as lines of JSON on stdin, answers go as lines of JSON to stdout; the process ends when stdin does.
Partial files stay in the staging folder and are resumed by the next request for the same file.
"""

import json
import os
import queue
import sys
import threading
from typing import Any

from scope.models.sentences import sentence


def main() -> None:
    """Answer each request with lines of JSON: the last of them holds what was asked for, or the reason why not."""
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_hear, args=(requests,), name="scope:models:parent", daemon=True).start()
    # Xet's partial files can be neither resumed nor watched; plain HTTP's can.
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DOWNLOAD_TIMEOUT", "30")
    while True:
        request = json.loads(requests.get())
        try:
            _say(_answer(request))
        except Exception as error:  # noqa: BLE001 - whatever a download library raises becomes one sentence
            _say({"error": sentence(error, request)})


def _hear(requests: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        requests.put(line)
    # Whoever asked is gone, so nobody wants the rest.
    os._exit(1)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from scope.models import drive, hub, link

    source = {"hub": hub, "drive": drive, "link": link}[request["kind"]]
    if request["do"] == "list":
        return {"listing": source.listing(request).to_json()}
    return {"files": source.fetch(request, _say)}


def _say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
