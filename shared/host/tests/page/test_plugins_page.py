"""Plugins in the settings: installed from a repository, used at once, a bad update refused, a good one taken back."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ..conftest import Hub
from ..install.workshop import Workshop
from .driving import PATIENCE_S, OpenWindow, Server, Window, assert_usable, show_of

pytestmark = pytest.mark.gate

LONG = 1000 * PATIENCE_S
REPOSITORY = "u/darkroom.git"
FILTER = """
from scope.core import hookimpl
from scope.core.pipelines.base_schema import BasePipelineConfig, ModeDefaults, UsageType
from scope.core.pipelines.interface import Pipeline, Requirements


class Config(BasePipelineConfig):
    pipeline_id = "darkroom"
    pipeline_name = "Darkroom"
    pipeline_description = "Makes every picture black."
    supports_prompts = False
    modes = {"video": ModeDefaults(default=True)}
    usage = [UsageType.POSTPROCESSOR]


class Darkroom(Pipeline):
    @classmethod
    def get_config_class(cls):
        return Config

    def __init__(self, **kwargs):
        pass

    def prepare(self, **kwargs):
        return Requirements(input_size=1)

    def __call__(self, **kwargs):
        return {"video": kwargs["video"][0].float() * 0.0}


@hookimpl
def register_pipelines(register):
    register(Darkroom)
"""
# The same with a file that has to be downloaded first, and that lets a little light in.
LIT = (
    FILTER.replace(
        "from scope.core import hookimpl",
        "from scope.core import hookimpl\nfrom scope.core.config import get_model_file_path\n"
        "from scope.core.pipelines.artifacts import HuggingfaceRepoArtifact",
    )
    .replace(
        "    supports_prompts = False",
        "    supports_prompts = False\n"
        '    artifacts = [HuggingfaceRepoArtifact(repo_id="team/Lamps", files=["lamp.bin"])]',
    )
    .replace(
        "        pass",
        '        self.light = get_model_file_path("Lamps/lamp.bin").read_bytes()[0] / 255',
    )
    .replace("* 0.0", "* 0.0 + self.light")
)
LAMP = bytes([200]) * 3_000_000


def released(workshop: Workshop, root: Path, number: int, code: str) -> str:
    """Publish another release of the repository; gives the address of its folder as a browser shows it."""
    made = workshop.made("scope-darkroom", f"{number}.0.0", code=code)
    if number == 1:
        workshop.repository(root.name, [made])
    else:
        workshop.release(root, number, [made])
        shutil.rmtree(workshop.index / REPOSITORY)
    return f"{workshop.serve(root, REPOSITORY)}/tree/main/packages/scope-darkroom"


def agree(window: Window, title: str) -> None:
    """Read the plan, on a phone too, and go on by the keyboard."""
    page = window.page
    plan = page.get_by_role("dialog", name=title)
    expect(plan.get_by_text("Installing runs this code with your rights.")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert_usable(window, title)
    page.set_viewport_size({"width": 1000, "height": 700})
    plan.get_by_role("button", name="Continue").press("Enter")


def test_a_plugin_is_installed_used_updated_and_rolled_back(
    model_hub: Hub, workshop: Workshop, server: Server, open_window: OpenWindow
) -> None:
    root = workshop.folder / "darkroom"
    address = released(workshop, root, 1, FILTER)
    server.put_setup(show_of())
    window = open_window()
    window.next_picture()
    page = window.page
    open_plugins(page)
    page.get_by_label("Install a plugin").fill(address)
    page.get_by_role("button", name="Install…").click()
    expect(page.get_by_text(f"scope-darkroom 1.0.0, from git+{workshop.address}/{REPOSITORY}#")).to_be_visible()
    agree(window, f"Install {address}")
    block = page.get_by_role("region", name="scope-darkroom")
    expect(block.get_by_text("1.0.0", exact=True)).to_be_visible(timeout=LONG)
    expect(block.get_by_text("Darkroom", exact=True)).to_be_visible()

    page.get_by_role("dialog", name="Settings").get_by_role("button", name="Close").click()
    assert window.pixels().mean() > 20
    page.get_by_role("button", name="Add a stage").click()
    page.locator("[data-pipeline=darkroom]").click()
    window.until(lambda: window.pixels().mean() < 3, "the new pipeline's black picture")

    open_plugins(page)
    released(workshop, root, 2, "import a_module_that_is_not_there")
    update(window, "2.0.0")
    expect(page.get_by_role("alert")).to_contain_text(
        "scope-darkroom could not be imported: ModuleNotFoundError", timeout=LONG
    )
    expect(block.get_by_text("1.0.0", exact=True)).to_be_visible()

    released(workshop, root, 3, LIT)
    update(window, "3.0.0")
    expect(block.get_by_text("3.0.0", exact=True)).to_be_visible(timeout=LONG)
    page.keyboard.press("Escape")
    download(window, model_hub)
    verify_and_delete(page)
    open_plugins(page)
    page.get_by_role("button", name="Roll back to generation 1…").click()
    assert_usable(window, "going back")
    page.get_by_role("button", name="Roll back", exact=True).press("Enter")
    expect(block.get_by_text("1.0.0", exact=True)).to_be_visible(timeout=LONG)
    window.until(lambda: window.pixels().mean() < 3, "the show that goes on")


def open_plugins(page: Page) -> None:
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("tab", name="Plugins").click()
    expect(page.get_by_role("region", name="scope-fx")).to_contain_text("Comes with Scope")


def update(window: Window, version: str) -> None:
    page = window.page
    page.get_by_role("button", name="Check for updates").click()
    page.get_by_role("button", name=f"Update to {version}…").click(timeout=LONG)
    agree(window, "Update scope-darkroom")


def download(window: Window, hub: Hub) -> None:
    """The stage that lacks its model offers it; the connection breaks off and then stands, and it is fetched all the same."""
    hub.files["team/Lamps"] = {"lamp.bin": LAMP}
    hub.break_after["lamp.bin"] = 1_000_000
    hub.stall_after["lamp.bin"] = 2_000_000
    page = window.page
    page.get_by_text("Its model files are not here yet.").wait_for()
    page.get_by_role("button", name="Download…").click()
    offer = page.get_by_role("dialog", name="Download the models of darkroom")
    expect(offer.get_by_text("team/Lamps: license apache-2.0")).to_be_visible(timeout=LONG)
    expect(offer.get_by_text("3 MB to download,", exact=False)).to_be_visible()
    offer.get_by_role("button", name="Download", exact=True).click()
    bar = page.get_by_role("progressbar", name="darkroom")
    window.until(lambda: int(bar.get_attribute("aria-valuenow") or 0) >= 50, "the progress")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("are kept and will be resumed.")).to_be_visible()
    del hub.stall_after["lamp.bin"]
    hub.released.set()
    page.get_by_role("button", name="Download…").click()
    offer.get_by_role("button", name="Download", exact=True).click()
    window.until(lambda: abs(window.pixels().mean() - LAMP[0]) < 5, "the picture of the pipeline that lacked its model")
    assert hub.served["lamp.bin"] < len(LAMP) + 1_000_000


def verify_and_delete(page: Page) -> None:
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("tab", name="Models").click()
    models = page.get_by_role("region", name="darkroom")
    expect(models.get_by_text("3 MB, complete")).to_be_visible()
    models.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("All files match their checksums.")).to_be_visible()
    models.get_by_role("button", name="Delete the model files of darkroom").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Freed 3 MB.")).to_be_visible()
    page.keyboard.press("Escape")
