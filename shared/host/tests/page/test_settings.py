"""Settings that act: models and LoRA files, outputs to other programs."""

import socket
from pathlib import Path

import pytest

from .driving import PATIENCE_S, OpenWindow, Server, show_of

pytestmark = pytest.mark.gate

MPEG_TS = 0x47


def test_missing_models_are_offered_and_lora_files_listed(server: Server, open_window: OpenWindow) -> None:
    loras = server.folder / "models" / "lora"
    loras.mkdir(parents=True, exist_ok=True)
    (loras / "ink.safetensors").write_bytes(b"0" * 100)
    wan = {"id": "wan", "pipeline": "wan-vace", "role": "main", "on": False}
    server.put_setup(show_of(wan, kind="pattern"))
    window = open_window()
    page = window.page
    page.get_by_text("Its model files are missing.").wait_for()
    page.get_by_role("button", name="Add a LoRA").click()
    page.get_by_role("button", name="ink").click()
    page.get_by_label("Strength of ink").wait_for()
    (lora,) = server.setup["stages"][0]["load"]["loras"]
    assert (Path(lora["path"]).name, lora["scale"]) == ("ink.safetensors", 1.0)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("tab", name="Models").click()
    models = page.get_by_role("region", name="wan-vace")
    models.get_by_text("files are missing").wait_for()
    assert models.get_by_role("button", name="Download…").is_visible()


def test_the_show_is_sent_to_an_address_until_it_is_ended(server: Server, open_window: OpenWindow) -> None:
    server.put_setup(show_of(kind="pattern"))
    window = open_window()
    page = window.page
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(PATIENCE_S)
        address = f"udp://127.0.0.1:{receiver.getsockname()[1]}"
        page.get_by_role("button", name="Settings").click()
        page.get_by_role("tab", name="In and out").click()
        page.get_by_label("Send the show to").fill(address)
        page.get_by_role("button", name="Send", exact=True).click()
        assert receiver.recv(2000)[0] == MPEG_TS
    page.locator("li", has_text=address).get_by_text("sending").wait_for()
    page.get_by_role("button", name=f"End the output {address}").click()
    page.locator("li", has_text=address).wait_for(state="detached")
    assert server.get("/outputs")["outputs"] == []
