"""docker-compose.yml says only what the service understands, and every part of it can be asked how it is."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from server.commands import COMMANDS
from server.settings import ROOT, Settings

OWN = {"migrate", "web", "media", "speech", "vision", "jobs", "jobs-two"}


@pytest.fixture(scope="module")
def composition() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def test_it_runs_every_part_apart_in_production(composition: dict[str, Any]) -> None:
    services = composition["services"]
    assert set(services) == OWN | {"postgres", "store", "turn"}
    for name in OWN:
        service = services[name]
        assert service["environment"]["DR_MODE"] == "production"
        assert service["command"][0] in COMMANDS
        assert service["build"]["dockerfile"] == "scripts/docker/Dockerfile"
    names = [services[name]["command"][2] for name in ("jobs", "jobs-two")]
    assert len(set(names)) == 2, "two workers, two names"


def test_every_lasting_part_has_a_health_check(composition: dict[str, Any]) -> None:
    lasting = {name for name in composition["services"] if name != "migrate"}
    assert {name for name, service in composition["services"].items() if "healthcheck" in service} == lasting


def test_every_variable_and_every_secret_is_a_setting(composition: dict[str, Any]) -> None:
    known = {f"DR_{name.upper()}" for name in Settings.model_fields}
    for name in OWN:
        service = composition["services"][name]
        assert set(service["environment"]) <= known, name
        given = {secret.upper() for secret in service["secrets"]} - {"DR_SEAL_KEY", "DR_TSA_CERTIFICATES"}
        assert given <= known, name
    assert all(entry["file"].startswith("./secrets/") for entry in composition["secrets"].values())


def test_nothing_that_production_demands_is_left_out(composition: dict[str, Any], tmp_path: Path) -> None:
    service = composition["services"]["web"]
    given: dict[str, Any] = {name.lower().removeprefix("dr_"): "x" for name in service["environment"]}
    given |= {name.removeprefix("dr_"): "x" * 43 for name in service["secrets"]}
    fields = {
        name: value for name, value in given.items() if name in ("insurer_name", "seal_key_file", "tsa_url", "tsa_certificates")
    }
    secrets = {
        name: value for name, value in given.items() if name.endswith(("_key", "_token")) and name in Settings.model_fields
    }
    assert Settings(mode="production", data_dir=tmp_path, **fields, **secrets).mode == "production"


def test_the_image_is_built_from_the_lock_file() -> None:
    text = (ROOT / "scripts/docker/Dockerfile").read_text(encoding="utf-8")
    assert "pip install --no-cache-dir -r requirements.lock" in text
    assert "npm ci" in text
    assert "USER service" in text
