"""The compose file, the image and the example settings say what is there."""

import json
import re
from typing import Any

import pytest
import yaml

from xeno.embedded.tests.conftest import PROJECT

COMPOSE = (PROJECT / "docker-compose.yml").read_text()
EXAMPLE = set(re.findall(r"^#?([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.M))
# the keys of a service in the compose specification that we use
SERVICE_KEYS = {
    "build", "command", "depends_on", "environment", "healthcheck", "image", "init", "ports",
    "restart", "shm_size", "stop_grace_period", "volumes",
}  # fmt: skip
PROCESSES = ("migrate", "web", "worker", "beat")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE)
    return loaded


def test_it_has_the_processes_of_make_run_and_the_engines(compose: dict[str, Any]) -> None:
    services = compose["services"]

    assert set(services) == {*PROCESSES, "postgres", "valkey"}
    assert services["postgres"]["image"] == "postgres:18"
    assert services["valkey"]["image"] == "valkey/valkey:9"
    assert [set(service) - SERVICE_KEYS for service in services.values()] == [set()] * 6


def test_every_volume_and_dependency_exists(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert {v.partition(":")[0] for v in service.get("volumes", ())} <= set(compose["volumes"])
        for name, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"
            assert not healthy or "healthcheck" in compose["services"][name]


def test_every_lasting_service_has_a_health_check(compose: dict[str, Any]) -> None:
    of_the_image = {"web"}  # the Dockerfile's
    lasting = set(compose["services"]) - {"migrate"} - of_the_image

    assert [name for name in lasting if "healthcheck" not in compose["services"][name]] == []
    assert "HEALTHCHECK" in (PROJECT / "Dockerfile").read_text()


def test_the_application_never_gets_a_stronger_login(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        environment = compose["services"][name]["environment"]
        assert environment["DATABASE_URL"].startswith("postgresql://xeno_app:")
        assert not {"DATABASE_ADMIN_URL", "DATABASE_SUPERUSER_URL"} & set(environment)
        assert "POSTGRES_PASSWORD" not in json.dumps(environment)


def test_no_secret_has_a_value_in_the_file(compose: dict[str, Any]) -> None:
    secret = re.compile("SECRET|PASSWORD|KEY|_URL")
    written = [
        name
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
        if secret.search(name) and "${" not in value and value != "redis://valkey:6379/0"
    ]
    assert written == []


def test_every_variable_is_in_the_example(compose: dict[str, Any]) -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))
    settings = (PROJECT / "xeno" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))

    assert asked - EXAMPLE == set()
    assert read - EXAMPLE == set()


def test_the_image_holds_no_secret_and_is_not_root() -> None:
    text = (PROJECT / "Dockerfile").read_text()
    ignored = (PROJECT / ".dockerignore").read_text().split()

    assert not re.search(r"(SECRET|PASSWORD|KEY|DATABASE_URL)\w*=", text)
    assert text.index("USER xeno") < text.index('CMD ["granian')
    assert {".env", ".xeno", ".git"} <= set(ignored)
