"""A real Chromium, and real JupyterLab servers for it to open."""

import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import warm
from PIL import Image

playwright_api = pytest.importorskip("playwright.sync_api")

PROGRAMS = Path(sys.executable).parent
TOKEN = "secret-of-these-tests"
_CHROMIUM = shutil.which("chromium")
_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
# JupyterLab itself must not look for news, for a newer version or for extensions on other hosts.
OFFLINE = """
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
"""
_NO_NEWS = "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
_STARTING = 60  # seconds that a server may take


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """Run the browser; yields Playwright's `Browser`. Without Chromium tests are skipped, and fail where CI is set."""
    if _CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed: make test installs it")
        pytest.skip("chromium is not installed: sudo apt-get install chromium")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


def noted_page(browser: Any, **options: Any) -> Any:
    """Return a page in a context of its own that notes every request and every error."""
    page = browser.new_context(**{"viewport": {"width": 1000, "height": 900}, **options}).new_page()
    page.requests, page.errors = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    return page


@contextlib.contextmanager
def lab(folder: Path, home: Path, command: tuple[str, ...] = ("jupyter", "lab"), through: str = "") -> Iterator[str]:
    """Run JupyterLab with nbgrader's extensions and ours in a folder; yields its address.

    Args:
        folder: where it is started.
        home: of whoever starts it; made if need be.
        command: that starts it.
        through: what the command wants before an option of Jupyter's.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_CACHE_HOME": warm.CACHE,
        "JUPYTER_CONFIG_DIR": str(home / "c"),
        "JUPYTER_DATA_DIR": str(home / "d"),
    }
    program, *arguments = command
    options = ["--allow-root", f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0"]
    started = [str(PROGRAMS / program), *arguments, "--no-browser", f"--port={port}"]
    started += [f"{through}{option}" for option in options]
    address = f"http://127.0.0.1:{port}"
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(started, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            wait(f"{address}/api?token={TOKEN}", process, home / "server.log")
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def settle_news(folder: Path) -> None:
    """Answer JupyterLab's question whether to look for news, in somebody's folder of Jupyter's configuration."""
    (folder / _NO_NEWS).parent.mkdir(parents=True)
    (folder / _NO_NEWS).write_text('{"fetchNews": "false", "checkForUpdates": false}')


def wait(address: str, process: subprocess.Popen, log: Path) -> None:
    """Wait until a server of these tests answers at an address."""
    end = time.monotonic() + _STARTING
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address):
            return
        time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


def login(server: str, path: str) -> str:
    """Return the address at which the browser logs in and goes on to a path of the server."""
    return f"{server}/login?token={TOKEN}&next={path}"


def press_access_key(page: Any, key: str) -> None:
    """Press Alt and a letter as a keyboard does; Playwright leaves out the letter by which access keys are found."""
    devtools = page.context.new_cdp_session(page)
    alt, letter = {"modifiers": 1}, {"key": key, "windowsVirtualKeyCode": ord(key.upper()), "unmodifiedText": key}
    for event in ("keyDown", "keyUp"):
        devtools.send("Input.dispatchKeyEvent", {"type": event, **alt, **letter})
    devtools.detach()


def keep_picture(page: Any, path: Path) -> None:
    """Keep a picture of what the page shows, in few colours and so small, for the documentation."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
