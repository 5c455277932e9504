"""compose.yaml, .env.example and docs/vm.md, held against the settings, the doors and one another."""

import os
import re
import shutil
import subprocess
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from pisar.adapters.celery_queue import Role
from pisar.wiring import settings
from tests.support.brokers import exchanges, free_port
from tests.support.composed import COMPOSE, DOORS, ROOT, SECRETS, door_commands, is_ours, services

TEXT = COMPOSE.read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
SERVICES = services()
DEFAULTS = {field.metadata["name"]: field.default for group in settings.GROUPS for field in fields(group)}
BOTO3 = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS"}
ONCE = {"setup", "pisar"}
"""Services that do something and end."""
TO_THE_WORLD = {"https"}
GENERATED = {"TELEGRAM_WEBHOOK_SECRET", "AWS_SECRET_ACCESS_KEY", "BROKER_PASSWORD", "GRAFANA_PASSWORD"}

each_service = pytest.mark.parametrize("name", SERVICES)


STORE_KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
WORKERS = STORE_KEYS | {"PISAR_BROKER_URL", "PISAR_RESULTS_URL", "TELEGRAM_BOT_TOKEN"}
TOLD = {
    "setup": STORE_KEYS,
    "api": STORE_KEYS | {"PISAR_BROKER_URL"},
    "bot": STORE_KEYS | {"PISAR_BROKER_URL", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"},
    "errands": WORKERS,
    "worker": WORKERS,
    "lectures": WORKERS,
    "pisar": STORE_KEYS | {"PISAR_BROKER_URL", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"},
    "broker": {"RABBITMQ_DEFAULT_PASS"},
    "redis": {"REDISCLI_AUTH"},
    "store": STORE_KEYS,
    "botapi": {"TELEGRAM_API_HASH"},
    "grafana": {"GF_SECURITY_ADMIN_PASSWORD"},
}
"""The secrets that each service is told, by the names under which it is; all others are told none."""
OF_THE_CLOUD = (settings.Cloud, settings.Queue, settings.Monitoring)
NOT_ON_A_VM = {field.metadata["name"] for group in OF_THE_CLOUD for field in fields(group)}
NOT_ON_A_VM |= {"PISAR_CALLBACK_QUEUE_URL", "PISAR_BEHIND_GATEWAY"}
THE_IMAGES_OWN = {"PISAR_HOST", "PORT"}


def variables(text: str) -> set[str]:
    return set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)", text))


def example() -> dict[str, str]:
    """The variables of .env.example, those that are commented out too."""
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE))


def test_every_door_is_named_by_a_service_and_exists():
    commands = door_commands()
    doors = {command[0] for command in commands.values()}
    there = {path.name for path in DOORS.glob("*.py")} - {"health.py"}
    assert there <= doors
    assert doors - there <= {"bot.py"}
    assert {command[1] for command in commands.values() if command[0] == "worker.py"} == {role.value for role in Role}


def test_every_name_that_is_told_to_our_services_is_a_setting():
    told = {name for service in SERVICES.values() if is_ours(service) for name in service.get("environment", {})}
    assert told - set(DEFAULTS) - BOTO3 == set()


def secret(name: str, value: Any) -> bool:
    """Whether a variable of a service holds a secret, by its name or by what fills it in."""
    named = re.search(r"SECRET|TOKEN|PASS|_KEY|_HASH|AUTH|BROKER_URL|RESULTS_URL", name) is not None
    return named or bool(variables(str(value)) & (GENERATED | SECRETS))


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_told_its_own_secrets_and_no_others(name: str):
    service = SERVICES[name]
    assert "env_file" not in service  # it would hand on all of .env
    assert {one for one, value in service.get("environment", {}).items() if secret(one, value)} == TOLD.get(name, set())
    elsewhere = {key: value for key, value in service.items() if key != "environment"}
    assert variables(str(elsewhere)) & (GENERATED | SECRETS) == set()


def test_what_is_a_secret_to_the_settings_is_one_here():
    every = [field for group in settings.GROUPS for field in fields(group)]
    assert {field.metadata["name"] for field in every if "Secret" in str(field.type)} - NOT_ON_A_VM == SECRETS - STORE_KEYS


def test_every_setting_may_stand_in_env_and_reaches_the_services():
    settable = set(DEFAULTS) - SECRETS - NOT_ON_A_VM - THE_IMAGES_OWN - {"TELEGRAM_WEBHOOK_URL"}
    for name, service in SERVICES.items():
        if is_ours(service):
            assert settable - set(service["environment"]) == set(), f"{name} is not told these: add them to x-settings"


def test_redis_asks_for_a_password_and_is_told_it_where_no_list_of_processes_shows_it(tmp_path: Path):
    """Its own command line is run, with an answer from whoever does and does not say the password."""
    redis, port = shutil.which("redis-server"), str(free_port())
    if redis is None:
        pytest.fail("redis-server is missing. Run: ./setup.sh debian redis-server")
    shell, option, script = SERVICES["redis"]["command"]
    command = [shell, option, script.replace("$$", "$").replace("redis-server -", f"redis-server - --port {port} --dir {tmp_path}")]
    environment = {"PATH": f"{Path(redis).parent}:/usr/bin:/bin", "REDISCLI_AUTH": "hush"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 20
            while not exchanges(int(port), b"AUTH hush\r\nPING\r\n", b"+OK\r\n+PONG"):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert exchanges(int(port), b"PING\r\n", b"-NOAUTH")
            shown = Path(f"/proc/{process.pid}/cmdline").read_bytes()
            assert (b"redis-server" in shown, b"hush" in shown) == (True, False)
        finally:
            process.terminate()


def test_brokers_and_store_are_reached_from_the_inner_network_alone():
    declared = yaml.safe_load(TEXT)["networks"]
    assert declared["inside"] == {"internal": True}
    for name in ("broker", "redis", "store", "botfiles", "prometheus"):
        assert (SERVICES[name]["networks"], SERVICES[name].get("ports")) == (["inside"], None)


def test_prometheus_asks_each_process_that_serves_numbers():
    (ours, _) = yaml.safe_load((ROOT / "containers" / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    (found,) = ours["dns_sd_configs"]
    assert set(found["names"]) == set(door_commands())
    for name in found["names"]:
        told = SERVICES[name]["environment"]
        assert (told["PISAR_METRICS_PORT"], told["PISAR_METRICS_HOST"]) == (str(found["port"]), "0.0.0.0")


def test_the_example_has_every_variable_and_nothing_that_nobody_reads():
    names = set(example())
    assert variables(TEXT) - names == set()
    assert names - variables(TEXT) - set(DEFAULTS) - BOTO3 == {"COMPOSE_PROFILES"}


def test_each_variable_of_the_example_has_a_line_about_it_and_no_secret():
    lines = EXAMPLE.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"#?[A-Z][A-Z0-9_]*=", line):
            above = next(one for one in reversed(lines[:number]) if not re.match(r"#?[A-Z][A-Z0-9_]*=", one))
            assert above.startswith("# "), line
    assert {name: value for name, value in example().items() if re.search("PASSWORD|SECRET|TOKEN|HASH", name) and value} == {}


def test_the_example_shows_the_defaults():
    written = dict(re.findall(r"\$\{([A-Z][A-Z0-9_]*):-([^${}]+)\}", TEXT))
    shown = {name: value for name, value in example().items() if name in written}
    assert shown == written | {"DOMAIN": ""}
    settings_shown = {name: value for name, value in example().items() if name in DEFAULTS and value and name not in written}
    assert {name: type(DEFAULTS[name])(value) for name, value in settings_shown.items()} == {
        name: DEFAULTS[name] for name in settings_shown
    }


@each_service
def test_every_service_has_its_limits_and_rights(name: str):
    service = SERVICES[name]
    assert service["mem_limit"]
    assert "cpus" in service
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"]["max-size"]
    if is_ours(service):
        assert (service["read_only"], service["pull_policy"]) == (True, "never")
        assert "init" not in service  # it would have the secrets too, and ffmpeg, of the same user, could read its environment


@each_service
def test_every_service_that_stays_is_looked_at_and_started_again(name: str):
    service = SERVICES[name]
    if name in ONCE:
        assert service["restart"] != "unless-stopped"
        assert service["healthcheck"] == {"disable": True}
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"


@each_service
def test_no_name_of_a_container_stands_in_the_way_of_scaling(name: str):
    assert "container_name" not in SERVICES[name]


@each_service
def test_nothing_but_the_proxy_listens_to_the_world(name: str):
    ports = SERVICES[name].get("ports", [])
    assert name in TO_THE_WORLD or all(port.startswith("127.0.0.1:") for port in ports)
    assert {other for other, service in SERVICES.items() if service.get("ports") and not service.get("profiles")} == {"api"}


@each_service
def test_images_are_pinned_and_say_where_they_come_from(name: str):
    service = SERVICES[name]
    if is_ours(service):
        assert service["image"] == "pisar:${TAG:-local}"
    else:
        assert re.fullmatch(r"\$\{[A-Z]+_IMAGE:-docker\.io/[a-z0-9-]+/[a-z0-9-]+:v?\d+\.\d+(\.\d+)?\}", service["image"])


@each_service
def test_what_is_mounted_is_in_the_repository_or_a_volume_that_is_declared(name: str):
    declared = set(re.findall(r"^  ([a-z]+):$", TEXT[TEXT.index("\nvolumes:") :], re.MULTILINE))
    for mount in SERVICES[name].get("volumes", []):
        source = mount.split(":")[0]
        assert (ROOT / source).exists() if source.startswith("./") else source in declared


def test_a_worker_has_time_to_hand_its_job_back():
    (seconds,) = {example()["STOP_SECONDS"]} | set(re.findall(r"stop_grace_period: \$\{STOP_SECONDS:-(\d+)\}s", TEXT))
    assert int(seconds) >= 2 * DEFAULTS["PISAR_GRACE_SECONDS"]


def test_rabbitmq_lets_a_worker_hold_a_message_for_as_long_as_a_lecture_may_take():
    assert int(example()["BROKER_HOLD_MILLISECONDS"]) > 1.1 * 1000 * DEFAULTS["PISAR_LECTURE_SECONDS"]


def test_nothing_starts_before_the_store_was_tried_out():
    ours = {name: service for name, service in SERVICES.items() if is_ours(service) and name != "setup"}
    assert {service["depends_on"]["setup"]["condition"] for service in ours.values()} == {"service_completed_successfully"}
    assert SERVICES["setup"]["command"] == ["-m", "pisar.cli", "storage", "check", "--create"]
    # Else it would post to the proxy, which waits for the API, which waits for it.
    assert SERVICES["setup"]["environment"]["PISAR_UPLOAD_URL"] == ""


def test_what_a_profile_leaves_out_holds_nobody_up():
    optional = {name for name, service in SERVICES.items() if service.get("profiles")}
    for service in SERVICES.values():
        assert all(how.get("required") is False for name, how in service.get("depends_on", {}).items() if name in optional)


def test_the_secrets_that_can_be_made_up_are_and_stay(tmp_path: Path):
    (tmp_path / "containers").mkdir()
    shutil.copy(ROOT / "containers" / "env.sh", tmp_path / "containers")
    shutil.copy(ROOT / ".env.example", tmp_path)

    def run() -> dict[str, str]:
        subprocess.run([tmp_path / "containers" / "env.sh"], check=True, timeout=60)
        return dict(re.findall(r"^([A-Z_0-9]+)=(.*)$", (tmp_path / ".env").read_text(), re.MULTILINE))

    first = run()
    assert {name for name in GENERATED if re.fullmatch("[0-9a-f]{48}", first[name])} == GENERATED
    assert len({first[name] for name in GENERATED}) == len(GENERATED)
    assert first["TELEGRAM_BOT_TOKEN"] == ""
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    (tmp_path / ".env").write_text((tmp_path / ".env").read_text().replace("TELEGRAM_BOT_TOKEN=", "TELEGRAM_BOT_TOKEN=1:abc"))
    assert run() == first | {"TELEGRAM_BOT_TOKEN": "1:abc"}


def test_images_that_are_here_are_noted_by_their_digests(tmp_path: Path):
    for one in ("compose.yaml", ".env.example", "containers/pin.sh"):
        (tmp_path / one).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / one, tmp_path / one)
    (tmp_path / ".env").write_text(
        "TAG=local\n#CADDY_IMAGE=docker.io/library/caddy:2.10\nCADDY_IMAGE=docker.io/library/caddy:2.9@sha256:old\n"
    )
    (tmp_path / "bin").mkdir()
    docker = tmp_path / "bin" / "docker"  # one that has Caddy's image and no other
    docker.write_text('#!/bin/sh\ncase "$*" in *library/caddy:2.10) echo caddy@sha256:1234 ;; *) exit 1 ;; esac\n')
    docker.chmod(0o755)
    subprocess.run([tmp_path / "containers" / "pin.sh"], check=True, timeout=60, env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"})
    assert (tmp_path / ".env").read_text() == "TAG=local\nCADDY_IMAGE=docker.io/library/caddy:2.10@sha256:1234\n"


def test_the_secrets_stay_out_of_git_and_of_the_image():
    assert "/.env" in (ROOT / ".gitignore").read_text().split()
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    assert not any(".env" in line for line in ignored)


def test_what_is_compiled_for_the_image_is_let_into_its_build():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", (DOORS / "Dockerfile").read_text(), re.MULTILINE)) - {"."}
    assert {path.replace("${REQUIREMENTS}", one) for path in copied for one in ("transcriber", "vm")} <= allowed
    assert SERVICES["setup"]["build"]["args"]["REQUIREMENTS"] == "vm"
    args = SERVICES["setup"]["build"]["args"]
    assert set(args) <= set(re.findall(r"^ARG ([A-Z_0-9]+)", (DOORS / "Dockerfile").read_text(), re.MULTILINE))


def compose() -> list[str]:
    """The command, if there is one here: Docker's client alone has it as a plugin, and needs no daemon to read a file."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            said = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=False, timeout=60).stdout
            if re.match(r"v?[2-9]\.", said):
                return command
    return []


def read_by_compose(folder: Path, command: list[str], changed: dict[str, str]) -> Any:
    """Return what compose makes of the file with a filled-in .env."""
    import json  # noqa: PLC0415 - only where there is a compose

    shutil.copy(COMPOSE, folder)
    shutil.copytree(ROOT / "containers", folder / "containers", dirs_exist_ok=True)
    (folder / ".env").write_text(EXAMPLE)
    subprocess.run([folder / "containers" / "env.sh"], check=True, timeout=60)
    with (folder / ".env").open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in changed.items())
    environment = {name: value for name, value in os.environ.items() if name not in example()}
    said = subprocess.run(
        [*command, "config", "--format", "json"], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (said.returncode, said.stderr) == (0, "")
    return json.loads(said.stdout)["services"]


# Not a skip, which would look like something to mend: with no compose here there is nothing to ask.
if COMMAND := compose():

    @pytest.mark.parametrize(
        ("changed", "beside", "broker"),
        [
            ({}, {"broker", "store"}, r"amqp://pisar:[0-9a-f]{48}@broker:5672//"),
            (
                {"COMPOSE_PROFILES": "redis,store", "PISAR_BROKER_URL": "redis://:${BROKER_PASSWORD}@redis:6379/0"},
                {"redis", "store"},
                "redis://:[0-9a-f]{48}@redis:6379/0",
            ),
            ({"COMPOSE_PROFILES": "", "PISAR_BROKER_URL": "sqs://", "AWS_ENDPOINT_URL_S3": "https://s3.example.org"}, set(), "sqs://"),
            (
                {"COMPOSE_PROFILES": "rabbitmq,store,botapi,https,monitoring", "DOMAIN": "scribe.example.org"},
                {"broker", "store", "botapi", "botfiles", "https", "prometheus", "grafana"},
                "amqp://.+",
            ),
        ],
        ids=["as it comes", "redis", "the cloud's store and queue", "everything"],
    )
    def test_compose_reads_every_variant(tmp_path: Path, changed: dict[str, str], beside: set[str], broker: str):
        found = read_by_compose(tmp_path, COMMAND, changed)
        assert set(found) == {"setup", *door_commands()} | beside
        told = {name: found[name]["environment"] for name in door_commands()}
        assert all(re.fullmatch(broker, one["PISAR_BROKER_URL"]) for one in told.values())
        domain = changed.get("DOMAIN", "")
        assert {one["PISAR_UPLOAD_URL"] for one in told.values()} == {f"https://{domain}" if domain else ""}
        assert told["bot"]["TELEGRAM_WEBHOOK_URL"] == (f"https://{domain}/telegram" if domain else "")
        assert {one["AWS_ENDPOINT_URL_S3"] for one in told.values()} == {changed.get("AWS_ENDPOINT_URL_S3", "http://store:8333")}
