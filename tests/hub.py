"""A real JupyterHub with configurable-http-proxy, whose people have Unix accounts: for the length of a test.

The hub is the first process of a process namespace of its own and sees a copy of the machine's /etc in which `useradd`
makes the accounts: when it ends, its servers, its proxy and the accounts are gone with it, however it ended.
"""

import contextlib
import itertools
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from browser import OFFLINE, PROGRAMS, settle_news, wait
from scratch import OPEN, showing_python

_PROXY = shutil.which("configurable-http-proxy")
_FIRST_UID, _UIDS = 61_200, 4_000  # no number of ours, nor of Debian's
_MOST, _HUBS = 4, itertools.count()  # people of one hub; hubs of this process
_ISOLATED = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
_DYING = ("setpriv", "--pdeathsig", "KILL")  # with the tests, were they killed

_CONFIG = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}{base_url}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{ports[1]}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie-secret"
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.open_sessions = False
c.Authenticator.allowed_users = set({people!r})
c.Spawner.cmd = ["{programs}/jupyterhub-singleuser"]
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = c.Spawner.http_timeout = 60
c.Spawner.args = ["--ServerApp.log_level=INFO"]
"""


def needed() -> None:
    """Skip the test where there can be no hub, and say why; where CI is set, a missing proxy fails it."""
    if os.getuid() != 0:
        pytest.skip("a hub that starts servers as its users, who get accounts for the test, has to be root's")
    if _PROXY is None:
        missing = "configurable-http-proxy is not installed: sudo apt-get install node-configurable-http-proxy"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    tried = subprocess.run([*_ISOLATED, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no namespace for a hub and its accounts: {tried.stderr.strip()}")


@dataclass
class Person:
    """Somebody with an account.

    Attributes:
        name: of the account.
        uid: of the account, and the gid of the group by the same name.
        home: nobody else may enter it.
        password: of the account.
    """

    name: str
    uid: int
    home: Path
    password: str = field(default_factory=secrets.token_hex, repr=False)

    def own(self, *paths: Path) -> None:
        """Give them what lies below these paths."""
        subprocess.run(["chown", "-R", f"{self.uid}:{self.uid}", *map(str, paths)], check=True)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the system's as they."""
        drop = ("setpriv", "--reuid", str(self.uid), "--regid", str(self.uid), "--clear-groups")
        return subprocess.run([*drop, *command], capture_output=True, text=True, check=False, timeout=30)


@dataclass
class Hub:
    """A hub: first a folder with people's homes, then, within `running`, its address.

    Attributes:
        folder: which everybody may enter.
        people: with accounts, by a name for what they are.
        base_url: begins and ends with a slash.
        settings: for jupyterhub_config.py besides.
        everybodys: nbgrader's configuration for everybody on the machine.
        address: without a slash at its end.
    """

    folder: Path
    people: dict[str, Person]
    base_url: str = "/"
    settings: str = ""
    everybodys: str = "c = get_config()\n"
    address: str = ""

    @property
    def origin(self) -> str:
        """The address without the base_url."""
        return self.address.removesuffix(self.base_url.rstrip("/"))

    def user_url(self, person: Person) -> str:
        """Return the address of somebody's server, without a slash at its end."""
        return f"{self.address}/user/{person.name}"

    @contextlib.contextmanager
    def running(self) -> Iterator["Hub"]:
        """Run the hub."""
        ports = free_ports(3)
        (self.folder / "hub").mkdir(mode=0o700)
        self._write_etc()
        config = self.folder / "hub" / "jupyterhub_config.py"
        names = [person.name for person in self.people.values()]
        values = {"ports": ports, "base_url": self.base_url, "people": names, "programs": PROGRAMS}
        config.write_text(_CONFIG.format(folder=config.parent, **values) + self.settings)
        self.address = f"http://127.0.0.1:{ports[0]}{self.base_url.rstrip('/')}"
        passwords = "".join(f"{person.name}:{person.password}\n" for person in self.people.values())
        command = [*_DYING, *_ISOLATED, "sh", "-ec", self._script(), "sh", str(PROGRAMS / "jupyterhub")]
        # Debian's proxy finds its libraries by itself under Debian's Node.js alone.
        environment = os.environ | {
            "HOME": str(config.parent),
            "NODE_PATH": "/usr/share/nodejs",
            "PASSWORDS": passwords,
        }
        with (config.parent / "log").open("w") as log:
            process = subprocess.Popen(
                [*command, "-f", str(config)], cwd=config.parent, env=environment, stdout=log, stderr=log
            )
            try:
                wait(f"{self.address}/hub/health", process, config.parent / "log")
                yield self
            finally:
                process.kill()  # and with it all that runs in its namespace
                process.wait(timeout=30)

    def _write_etc(self) -> None:
        etc = self.folder / "etc"
        shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True)
        etc.chmod(0o755)
        (etc / "jupyter").mkdir(exist_ok=True)
        (etc / "jupyter" / "nbgrader_config.py").write_text(self.everybodys)
        (etc / "jupyter" / "jupyter_lab_config.py").write_text(OFFLINE)

    def _script(self) -> str:
        lines = [*showing_python(self.folder), f"mount --bind {self.folder}/etc /etc"]
        for person in self.people.values():
            options = f"--no-log-init --no-create-home --home-dir {person.home} --shell /bin/bash --user-group"
            lines.append(f"useradd {options} --uid {person.uid} {person.name}")
        return "; ".join([*lines, 'printf %s "$PASSWORDS" | chpasswd', "unset PASSWORDS", 'exec "$@"'])

    def log(self) -> str:
        """Return what the hub and its servers have said."""
        return (self.folder / "hub" / "log").read_text(errors="replace")

    def api(self, person: Person, path: str) -> requests.Response:
        """Log somebody in without a browser and let them POST to the hub's API, as its own pages do."""
        with requests.Session() as session:
            session.get(f"{self.address}/hub/login")
            (xsrf,) = [one.value for one in session.cookies if one.name == "_xsrf"]
            form = {"username": person.name, "password": person.password, "_xsrf": xsrf}
            session.post(f"{self.address}/hub/login", form, params={"next": f"{self.base_url}hub/token"})
            (xsrf,) = [one.value for one in session.cookies if one.name == "_xsrf"]
            return session.post(f"{self.address}/hub/api/{path}", json={}, headers={"X-XSRFToken": xsrf})

    def terminal(self, person: Person, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the virtual environment as in a terminal of somebody's server, which has to run."""
        pid = next(process for process in processes_of(person.uid) if b"singleuser" in _read(process, "cmdline"))
        pairs = (pair.partition("=") for pair in _read(pid, "environ").decode().split("\0") if pair)
        drop = ("setpriv", "--reuid", str(person.uid), "--regid", str(person.uid), "--clear-groups")
        enter = ("nsenter", "--mount", "--pid", "--target", str(pid), *drop)
        inside = ("sh", "-c", 'cd "$0" && exec "$@"', str(folder), str(PROGRAMS / command[0]))
        return subprocess.run(
            [*enter, *inside, *command[1:]],
            env={name: value for name, _, value in pairs},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def login(self, page: Any, person: Person) -> None:
        """Log somebody in in a browser, and wait for JupyterLab."""
        page.goto(f"{self.address}/hub/login")
        page.locator("#username_input").fill(person.name)
        page.locator("#password_input").fill(person.password)
        page.locator("#login_submit").click()
        page.wait_for_url(re.compile(re.escape(f"{self.user_url(person)}/lab")), timeout=60_000)
        page.wait_for_selector(".jp-LauncherCard:visible", timeout=60_000)


@contextlib.contextmanager
def made(*roles: str, base_url: str = "/") -> Iterator[Hub]:
    """Make the folder of a hub with somebody for each role; it goes, and all that came of it, with the block."""
    needed()
    folder = Path(tempfile.mkdtemp(prefix="hub-", dir=OPEN))
    folder.chmod(0o711)
    first = _FIRST_UID + (os.getpid() * 4 + next(_HUBS)) * _MOST % _UIDS
    people = {role: Person(f"hub-{role}", first + n, folder / role) for n, role in enumerate(roles)}
    try:
        for person in people.values():
            person.home.mkdir(mode=0o700)
            settle_news(person.home / ".jupyter")
            person.own(person.home)
        yield Hub(folder, people, base_url)
    finally:
        shutil.rmtree(folder)


def processes_of(uid: int) -> set[int]:
    """Return the processes of a user."""
    found = set()
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                found.add(int(entry.name))
    return found


def _read(pid: int, name: str) -> bytes:
    return Path(f"/proc/{pid}/{name}").read_bytes()


def free_ports(number: int) -> list[int]:
    """Return as many ports of the loopback interface to which nobody listens."""
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]
