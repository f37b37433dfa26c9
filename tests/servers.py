"""Starts what the tests talk to, PostgreSQL, Chromium, our own program, and ends it by its pid.

Must never touch a cluster, port or browser that somebody else started: all that is made here
lives in a new temporary folder and ends with the test run, also when that is killed.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).parent.parent
START_SECONDS = 30
STOP_SECONDS = 20
# The sandbox is off: the browser opens our own pages only, root cannot have it, and so every run
# is alike. The rest keeps it from asking anything of the internet.
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


def free_port() -> int:
    """A port on the loopback address that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def end(process: subprocess.Popen[bytes], *, politely: signal.Signals) -> None:
    """Ends one process that we started: first politely, after STOP_SECONDS by force."""
    if process.poll() is None:
        process.send_signal(politely)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def postgres_program(name: str) -> str:
    """The newest installed PostgreSQL's own program; Debian keeps them out of PATH."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    found = str(newest) if newest else shutil.which(name)
    if found is None:
        message = f"PostgreSQL's {name} is not installed: run bin/setup --tests"
        raise FileNotFoundError(message)
    return found


def _postgres_user() -> pwd.struct_passwd | None:
    """Whom to run PostgreSQL as: it refuses root, so root borrows an account without rights."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _as_user(user: pwd.struct_passwd | None) -> list[str]:
    # With the death signal of the kernel even `kill -9` of the test run leaves no cluster behind.
    prefix = ["setpriv", "--pdeathsig", "INT"]
    if user is None:
        return prefix
    return [*prefix, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@contextmanager
def postgres() -> Iterator[str]:
    """A cluster of its own on a free port, durable as a real one (fsync on), small otherwise.

    Yields `postgres://user:password@127.0.0.1:port/`; a database's name goes behind it.
    """
    folder = Path(tempfile.mkdtemp(prefix="xiangyue-postgres-"))
    user = _postgres_user()
    password = secrets.token_hex(16)
    (folder / "password").write_text(password)
    if user:
        for path in (folder, folder / "password"):
            os.chown(path, user.pw_uid, user.pw_gid)
    try:
        _initialise(folder, user=user)
        server, port = _start(folder, user=user)
        try:
            yield f"postgres://xiangyue:{password}@127.0.0.1:{port}/"
        finally:
            end(server, politely=signal.SIGINT)  # PostgreSQL's fast shutdown
    finally:
        shutil.rmtree(folder)


def _initialise(folder: Path, *, user: pwd.struct_passwd | None) -> None:
    subprocess.run(
        [
            *_as_user(user),
            postgres_program("initdb"),
            *("-D", folder / "data", "--username=xiangyue", "--auth=scram-sha-256"),
            *(f"--pwfile={folder / 'password'}", "--encoding=UTF8", "--locale=C.UTF-8"),
            "--no-sync",
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def _start(folder: Path, *, user: pwd.struct_passwd | None) -> tuple[subprocess.Popen[bytes], int]:
    log = folder / "log"
    for _ in range(3):  # somebody else may take the port between the look and the start
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on",
            "shared_buffers": "64MB",
            "max_connections": "100",
        }
        with log.open("ab") as output:
            server = subprocess.Popen(
                [
                    *_as_user(user),
                    postgres_program("postgres"),
                    *("-D", folder / "data", "-p", str(port)),
                    *(f"--{name}={value}" for name, value in settings.items()),
                ],
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches pytest alone, which then ends us in order
            )
        if _ready(server, port=port):
            return server, port
        end(server, politely=signal.SIGINT)
    message = f"PostgreSQL did not start:\n{log.read_text()}"
    raise RuntimeError(message)


def _ready(server: subprocess.Popen[bytes], *, port: int) -> bool:
    is_ready = [postgres_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if subprocess.run(is_ready, check=False).returncode == 0:
            return server.poll() is None
        time.sleep(0.05)
    return False


@asynccontextmanager
async def database(cluster: str, *, template: str = "template0") -> AsyncIterator[str]:
    """A fresh database in the cluster, made as a copy of the template; yields its address."""
    name = f"test_{secrets.token_hex(8)}"
    await _administer(cluster, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield cluster + name
    finally:
        await _administer(cluster, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _administer(cluster: str, statement: str) -> None:
    connection = await asyncpg.connect(cluster + "postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def chromium(*more_arguments: str) -> AsyncIterator[Browser]:
    """The machine's own Chromium, without a window."""
    names = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if program is None:
        message = "Chromium is not installed: run bin/setup --tests"
        raise FileNotFoundError(message)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program,
            args=[*CHROMIUM_ARGUMENTS, *more_arguments],
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(frozen=True, kw_only=True)
class Program:
    """A running `xiangyue serve`: its address, where it writes, and its process."""

    url: str
    port: int
    output: Path
    process: subprocess.Popen[bytes]

    def crash(self) -> None:
        """`kill -9`, as a power cut would end it."""
        self.process.kill()
        self.process.wait()


def command(data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs one `xiangyue` command on a data folder to its end; the caller looks at the result."""
    return subprocess.run(
        [sys.executable, "-m", "api", *arguments],
        cwd=ROOT,
        env={**_without_ours(os.environ), "XIANGYUE_DATA": str(data), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def typed(
    data: Path, lines: Sequence[str], *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The same with lines given as somebody would type them."""
    return subprocess.run(
        [sys.executable, "-m", "api", *arguments],
        cwd=ROOT,
        env={**_without_ours(os.environ), "XIANGYUE_DATA": str(data), **environment},
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        check=False,
    )


def started(data: Path, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """One `xiangyue` command under way, for a test that kills it."""
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "api", *arguments],
        cwd=ROOT,
        env={**_without_ours(os.environ), "XIANGYUE_DATA": str(data), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def program(
    data: Path, *arguments: str, start_seconds: float = START_SECONDS, **environment: str
) -> Iterator[Program]:
    """Our own program, as bin/run starts it, on a free port; ended politely afterwards.

    Args:
        data: its data folder.
        arguments: what follows `xiangyue serve`.
        start_seconds: how long it may take until it answers.
        environment: further XIANGYUE_* variables.
    """
    port = free_port()
    output = data.with_name(f"{data.name}-{port}.log")
    ours = {"XIANGYUE_DATA": str(data), "XIANGYUE_PORT": str(port), **environment}
    with output.open("wb") as log:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "api", "serve", *arguments],
            cwd=ROOT,
            env={**_without_ours(os.environ), **ours},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        started = Program(url=f"http://127.0.0.1:{port}", port=port, output=output, process=process)
        _wait_until_it_answers(started, seconds=start_seconds)
        yield started
    finally:
        end(process, politely=signal.SIGTERM)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it left behind in its own session


def _without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in environment.items() if not k.startswith("XIANGYUE_")}


def _wait_until_it_answers(started: Program, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while started.process.poll() is None and time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            httpx.get(started.url, timeout=seconds)
            return
        time.sleep(0.05)
    message = f"xiangyue serve did not answer in {seconds} s:\n{started.output.read_text()}"
    raise RuntimeError(message)
