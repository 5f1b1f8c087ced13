"""The large pipeline in the page, with tiny weights: prompts, a transition, a LoRA, and control by a preprocessor."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .driving import OpenWindow, Server, show_of, until

pytestmark = pytest.mark.gate


@pytest.fixture
def lora(server: Server) -> Iterator[Path]:
    """A LoRA file in the models folder, beside tiny models with random weights; both go afterwards."""
    tiny = pytest.importorskip("scope_wan_vace.tiny", reason="SKIPPED: needs scope-wan-vace")
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    models = server.folder / "models"
    tiny.write_models(models)
    weights = torch.load(models / "LongLive-1.3B/models/lora.pt")["generator_lora"]
    (models / "lora").mkdir(exist_ok=True)
    save_file({name: weight.contiguous() for name, weight in weights.items()}, models / "lora/look.safetensors")
    yield models / "lora/look.safetensors"
    shutil.rmtree(models)


def test_a_model_is_played_with_prompt_transition_control_and_lora(
    server: Server, open_window: OpenWindow, lora: Path
) -> None:
    control = {"id": "control", "pipeline": "control", "role": "pre", "values": {"control_send_vace": True}}
    load = {"width": 96, "height": 64, "loras": [{"path": str(lora), "scale": 1.0}]}
    server.put_setup(show_of(control, {"id": "wan", "pipeline": "wan-vace", "role": "main", "load": load}))
    window = open_window()
    page = window.page
    # The libraries of large models take long to import.
    window.until(lambda: window.number > 0, "the first picture", patience=240.0)
    page.get_by_label("Prompt", exact=True).fill("a fox")
    page.get_by_label("Prompt", exact=True).press("Enter")
    until(lambda: server.setup["prompts"] == [{"text": "a fox", "weight": 1.0}], "the prompt")
    page.get_by_label("Transition", exact=True).select_option("2")
    page.get_by_label("Prompt", exact=True).fill("an owl")
    page.get_by_label("Prompt", exact=True).press("Enter")
    until(lambda: server.setup["prompts"] == [{"text": "an owl", "weight": 1.0}], "the second prompt")
    window.next_picture()
    page.locator("[data-stage=wan]").click()
    autoencoder = page.locator(".row[data-field=vae_type] option:checked")
    window.until(lambda: autoencoder.text_content() == "Auto: Lighttae", "the autoencoder that was chosen")
    page.get_by_label("Strength of look").press("End")
    strongest = [{"path": str(lora), "scale": 2.0}]
    until(lambda: server.setup["stages"][1]["values"].get("lora_scales") == strongest, "the LoRA's strength")
    window.next_picture()
    assert window.pixels().mean() > 60, "noise around mid-grey"
    page.locator("[data-stage=control]").click()
    mask = page.locator(".row[data-field=control_send_mask] input")
    mask.dispatch_event("click")
    # What is black in the mask is kept, and there the map is black as well.
    window.until(lambda: window.pixels().mean() < 40, "a picture that the mask keeps")
    assert [message for message in window.messages if "fault" in message] == []
