"""Settings that act: models and LoRA files, outputs to other programs."""

import re
import socket
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ..conftest import Hub
from .driving import PATIENCE_S, OpenWindow, Server, show_of

pytestmark = pytest.mark.gate

MPEG_TS = 0x47
HEADER = b'{"__metadata__":{}}'
CHALK = len(HEADER).to_bytes(8, "little") + HEADER + bytes(1000)


def test_missing_models_are_offered_and_loras_are_downloaded_and_chosen(
    server: Server, model_hub: Hub, open_window: OpenWindow
) -> None:
    loras = server.folder / "models" / "lora"
    loras.mkdir(parents=True, exist_ok=True)
    (loras / "ink.safetensors").write_bytes(b"0" * 100)
    wan = {"id": "wan", "pipeline": "wan-vace", "role": "main", "on": False}
    server.put_setup(show_of(wan, kind="pattern"))
    window = open_window()
    page = window.page
    page.get_by_text("Its model files are not here yet.").wait_for()
    page.get_by_role("button", name="Add a LoRA").click()
    model_hub.members["42"] = "chalk.safetensors"
    model_hub.drive["chalk.safetensors"] = CHALK
    model_hub.stall_after["chalk.safetensors"] = 500
    give_key(page)
    page.get_by_label("Download a LoRA").fill(f"{model_hub.address}/models/7?modelVersionId=42")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("progressbar").wait_for(state="detached")
    window.until(lambda: window.complaints, "the browser's note of a request that was given up")
    window.complaints.clear()
    del model_hub.stall_after["chalk.safetensors"]
    model_hub.released.set()
    page.get_by_role("button", name="Download", exact=True).click()
    page.get_by_role("button", name="Delete chalk").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete chalk").wait_for(state="detached")
    page.get_by_role("button", name=re.compile("^ink")).click()
    page.get_by_label("Strength of ink").wait_for()
    (lora,) = server.setup["stages"][0]["load"]["loras"]
    assert (Path(lora["path"]).name, lora["scale"]) == ("ink.safetensors", 1.0)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("tab", name="Models").click()
    models = page.get_by_role("region", name="wan-vace")
    models.get_by_text("files are missing").wait_for()
    assert models.get_by_role("button", name="Download…").is_visible()


def give_key(page: Page) -> None:
    page.get_by_role("button", name="Keys…").click()
    keys = page.get_by_role("dialog", name="Keys")
    keys.get_by_label("Civitai").fill("sesame")
    page.keyboard.press("Enter")
    keys.get_by_role("button", name="Forget").wait_for()
    keys.get_by_role("button", name="Close").click()


def test_the_show_is_sent_to_an_address_until_it_is_ended(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(kind="pattern"))
    window = open_window()
    page = window.page
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(PATIENCE_S)
        address = f"udp://127.0.0.1:{receiver.getsockname()[1]}"
        page.get_by_role("button", name="Settings").click()
        page.get_by_role("tab", name="Outputs").click()
        page.get_by_label("Send the show to").fill(address)
        page.get_by_role("button", name="Send", exact=True).click()
        assert receiver.recv(2000)[0] == MPEG_TS
    page.locator("li", has_text=address).get_by_text("sending").wait_for()
    page.get_by_role("button", name=f"Stop the output {address}").click()
    page.locator("li", has_text=address).wait_for(state="detached")
    assert server.get("/outputs")["outputs"] == []
