"""What the deploy files and docs/operations.md say must be what the code does."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from cli.app import app
from crawler.config.config import Config, variable
from web.options import DEFAULT_PORT
from web.server import STOP_SECONDS

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "nkwire.service"
WEB_UNIT = DEPLOY / "nkwire-web.service"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
FLEET: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.fleet.yaml").read_text())
DOCS = ROOT / "docs"
STOPS_WITHIN = 15  # seconds, docs/running.md

COMMANDS: dict[str, Any] = getattr(get_command(app), "commands")  # noqa: B009 - typer hides the group's type


def unit(path: Path = UNIT) -> dict[str, list[str]]:
    settings: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            settings.setdefault(name, []).append(value)
    return settings


def instructions(name: str, text: str = DOCKERFILE) -> list[str]:
    joined = text.replace("\\\n", " ")
    return [
        line.removeprefix(name).strip()
        for line in joined.splitlines()
        if line.startswith(f"{name} ")
    ]


def check_command(words: list[str]) -> None:
    """Fail unless the command and each of its options are there."""
    command, *options = words
    known = {name for each in COMMANDS[command].params for name in each.opts}
    assert {word for word in options if word.startswith("-")} <= known


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(shlex.split(unit()["ExecStart"][0])[1:], id="systemd"),
        pytest.param(yaml.safe_load(instructions("CMD")[-1]), id="Dockerfile"),
        pytest.param(COMPOSE["services"]["collector"]["command"], id="compose"),
        pytest.param(shlex.split(unit(WEB_UNIT)["ExecStart"][0])[1:], id="systemd web"),
        pytest.param(COMPOSE["services"]["web"]["command"], id="compose web"),
        pytest.param(FLEET["services"]["collector"]["command"], id="clock"),
        pytest.param(FLEET["services"]["worker"]["command"], id="worker"),
    ],
)
def test_what_is_started_is_a_command(words: list[str], request: pytest.FixtureRequest) -> None:
    name = request.node.name
    assert words[0] == ("web" if "web" in name else "worker" if "worker" in name else "run")
    check_command(words)


def test_variables_that_are_set_are_settings() -> None:
    own = r"\bNKWIRE_(?!DB_|ARCHIVE_SECRET)[A-Z_]+"
    compose = (DEPLOY / "compose.yaml", DEPLOY / "compose.fleet.yaml")
    files = (UNIT, WEB_UNIT, DEPLOY / "Dockerfile", *compose)
    named = {name for file in files for name in re.findall(own, file.read_text())}
    assert named <= {variable(name) for name in Config.model_fields}
    assert {"NKWIRE_HOME", "NKWIRE_CONTACT", "NKWIRE_DATABASE_URL"} <= named


def test_the_unit_lets_the_service_stop_its_children_itself() -> None:
    settings = unit()
    assert settings["KillMode"] == ["mixed"]
    assert int(settings["TimeoutStopSec"][0]) > STOPS_WITHIN
    assert settings["OOMPolicy"] == ["continue"]
    home = dict(each.split("=") for each in settings["Environment"][0].split())["NKWIRE_HOME"]
    assert home == f"/var/lib/{settings['StateDirectory'][0]}"


@pytest.fixture(params=[UNIT, WEB_UNIT], ids=lambda path: path.name)
def analysable(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The unit with a program that is there: systemd-analyze looks whether it is."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze on this machine")
    copy: Path = tmp_path / request.param.name
    copy.write_text(request.param.read_text().replace("/opt/nkwire/bin/nkwire", sys.executable))
    return copy


def analyse(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )


def test_systemd_understands_the_unit(analysable: Path) -> None:
    done = analyse("verify", str(analysable))
    complaints = [line for line in done.stderr.splitlines() if analysable.name in line]
    assert complaints == []


def test_the_unit_is_hardened(analysable: Path) -> None:
    done = analyse("security", "--offline=true", str(analysable))
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    if exposure is None:
        pytest.skip(f"this systemd-analyze does not judge files: {done.stderr.strip()}")
    assert float(exposure[1]) < 2


def test_the_image_runs_as_nobody_in_particular() -> None:
    found = re.search(r"--gid (\d+) nkwire .*--uid (\d+) --gid nkwire", DOCKERFILE, re.DOTALL)
    assert found
    user = f"{found[2]}:{found[1]}"  # a number, so that Kubernetes sees that it is not root
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    for stage in stages[1:]:
        users = instructions("USER", stage)
        assert users[-1:] in ([], [user])
    assert instructions("USER", stages[1]) == [user]
    assert re.match(r"plain AS nkwire\b", stages[-1])


def test_the_image_holds_all_that_is_shipped() -> None:
    copied = {word for line in instructions("COPY") for word in line.split()[:-1]}
    text = (ROOT / "pyproject.toml").read_text()
    wheel = text.partition("[tool.hatch.build.targets.wheel]")[2].partition("only-include = [")[2]
    shipped = set(re.findall(r'"([^"]+)"', wheel.partition("]")[0]))
    assert shipped <= copied
    assert all((ROOT / word).exists() for word in copied if not word.startswith(("-", "/")))


def test_the_image_asks_the_port_that_it_opens() -> None:
    (check,) = instructions("HEALTHCHECK")
    (port,) = instructions("EXPOSE")
    assert f"127.0.0.1:{port}/health" in check
    assert yaml.safe_load(instructions("CMD")[-1])[-2:] == ["--port", port]


def test_the_compose_file_is_whole() -> None:
    services = COMPOSE["services"]
    nkwire, postgres = services["collector"], services["postgres"]
    assert nkwire["build"] == {"context": "..", "dockerfile": "deploy/Dockerfile"}
    assert nkwire["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "@postgres/nkwire" in nkwire["environment"]["NKWIRE_DATABASE_URL"]
    assert postgres["environment"]["POSTGRES_DB"] == "nkwire"
    assert nkwire["read_only"]
    assert nkwire["init"]
    assert int(nkwire["stop_grace_period"].removesuffix("s")) > STOPS_WITHIN
    mounted = {each.split(":")[0] for name in services for each in services[name]["volumes"]}
    assert mounted == set(COMPOSE["volumes"])
    assert nkwire["volumes"][0].endswith(f":{instructions('VOLUME')[0]}")


def test_both_services_of_the_compose_file_are_closed_to_other_machines() -> None:
    collector, web = COMPOSE["services"]["collector"], COMPOSE["services"]["web"]
    for service in (collector, web):
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["read_only"]
        assert service["init"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert web["image"] == collector["image"]
    assert (
        web["environment"]["NKWIRE_DATABASE_URL"]
        == (collector["environment"]["NKWIRE_DATABASE_URL"])
    )
    assert web["depends_on"]["postgres"] == {"condition": "service_healthy"}
    assert web["ports"] == [f"127.0.0.1:{DEFAULT_PORT}:{DEFAULT_PORT}"]
    assert int(web["stop_grace_period"].removesuffix("s")) > STOP_SECONDS
    assert ":?" in web["environment"]["NKWIRE_WEB_TOKEN"]


def test_a_fleet_of_containers_shares_database_and_archive_and_nothing_else() -> None:
    services, before = FLEET["services"], COMPOSE["services"]
    clock, worker, bucket = services["collector"], services["worker"], services["bucket"]
    archive = {name: clock["environment"][name] for name in clock["environment"]}
    assert archive["NKWIRE_ARCHIVE"].startswith("s3://nkwire/")
    assert worker["environment"].items() >= archive.items()
    assert services["web"]["environment"] == bucket["environment"] == archive
    for name in ("NKWIRE_DATABASE_URL", "NKWIRE_CONTACT"):
        assert worker["environment"][name] == before["collector"]["environment"][name]
    server = services["archive"]
    port = archive["AWS_ENDPOINT_URL"].removeprefix("http://archive")
    assert server["command"][:2] == ["--port", port]
    assert server["environment"]["ROOT_ACCESS_KEY"] == archive["AWS_ACCESS_KEY_ID"]
    assert server["environment"]["ROOT_SECRET_KEY"] == archive["AWS_SECRET_ACCESS_KEY"]
    assert not any("ports" in services[name] for name in services)
    assert {each.split(":")[0] for each in server["volumes"]} == set(FLEET["volumes"])


def test_workers_in_containers_are_closed_and_stop_in_order() -> None:
    worker, bucket = FLEET["services"]["worker"], FLEET["services"]["bucket"]
    assert int(worker["stop_grace_period"].removesuffix("s")) > STOPS_WITHIN
    assert worker["volumes"] == [instructions("VOLUME")[0]]  # of its own
    for service in (worker, bucket):
        assert service["image"] == COMPOSE["services"]["collector"]["image"]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["healthcheck"] == {"disable": True}  # it would ask the service's port


def test_the_image_of_a_fleet_has_its_extras() -> None:
    asked = FLEET["services"]["collector"]["build"]["args"]["EXTRAS"].split()
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert asked[::2] == ["--extra", "--extra"]
    assert {"fleet", "s3"} == set(asked[1::2]) <= set(known)
    assert 'EXTRAS=""' in instructions("ARG")
    synced = [line for line in instructions("RUN") if line.startswith("uv sync")]
    assert all(line.endswith(" ${EXTRAS}") for line in synced)
    assert synced


def test_the_web_unit_shares_the_folder_and_outlasts_a_clean_stop() -> None:
    settings = unit(WEB_UNIT)
    assert settings["StateDirectory"] == unit()["StateDirectory"]
    assert int(settings["TimeoutStopSec"][0]) > STOP_SECONDS


@pytest.mark.parametrize("page", ["operations.md", "running.md", "scaling.md", "web.md"])
def test_commands_in_the_documentation_exist(page: str) -> None:
    text = (DOCS / page).read_text()
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = [line.partition("  #")[0] for block in blocks for line in block.splitlines()]
    found = [
        re.search(
            r"\bnkwire ((?:run|worker|crawl|archive|import|recluster|cluster|export|backup|runs|status|verify|tidy|web|demo)\b.*)",
            line,
        )
        for line in lines
    ]
    commands = [shlex.split(match[1]) for match in found if match]
    for words in commands:
        check_command(words)
    assert commands or page != "operations.md"
