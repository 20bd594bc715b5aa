"""A wrong setting is told in one plain line each, with status 2, and no value of any setting is ever printed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from server.ops.settings_errors import lines_about
from server.settings import ROOT, Settings

SECRET = "TOPSECRET-0123456789"


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DR_")}
    return subprocess.run(
        [sys.executable, "-m", "server", "run"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env={**kept, "DR_DATA_DIR": str(folder), **environment},
    )  # fmt: skip


def test_every_wrong_setting_has_a_line_and_no_value_is_printed(tmp_path: Path) -> None:
    done = run(tmp_path, DR_SMS_WEBHOOK_URL="ftp://hidden.example", DR_SMS_WEBHOOK_SECRET=SECRET[:9], DR_CORE_API_KEY=SECRET)
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if line.strip()]
    assert [line.split()[1].split("：")[0] for line in said[1:]] == ["DR_SMS_WEBHOOK_URL", "DR_SMS_WEBHOOK_SECRET"]
    for hidden in ("TOPSECRET", "hidden.example", "Traceback", "input_value"):
        assert hidden not in done.stdout + done.stderr


def test_a_wrong_kind_and_wrong_json_are_told_by_name(tmp_path: Path) -> None:
    done = run(tmp_path, DR_HTTP_PORT="TOPSECRET", DR_MODE="TOPSECRET", DR_CORE_API_KEY=SECRET)
    assert (done.returncode, "TOPSECRET" in done.stdout + done.stderr) == (2, False)
    assert "DR_HTTP_PORT：必须是整数，请改正后再启动" in done.stderr
    assert "DR_MODE：只能是 'development' 或 'production'，请改正后再启动" in done.stderr
    done = run(tmp_path, DR_TURN_URLS="TOPSECRET")
    assert (done.returncode, "TOPSECRET" in done.stdout + done.stderr) == (2, False)
    assert "DR_TURN_URLS：必须是 JSON 列表" in done.stderr


@pytest.mark.parametrize(
    "url", ["http://", "https:///send", "sms.example/send", "https://sms.example:x/", "http://[", "https://:80"]
)
def test_an_address_without_a_host_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="DR_SMS_WEBHOOK_URL") as refused:
        Settings(data_dir=tmp_path, sms_webhook_url=url, sms_webhook_secret=SecretStr(SECRET))
    assert SECRET not in str(refused.value)


def test_a_secret_without_an_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="DR_SMS_WEBHOOK_URL：设置了"):
        Settings(data_dir=tmp_path, sms_webhook_secret=SecretStr(SECRET))


def test_production_names_all_that_is_missing_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(mode="production", data_dir=tmp_path, data_key=SecretStr("no key"))
    said = "\n".join(lines_about(refused.value))
    names = ("DATA_KEY", "TICKET_KEY", "INTERNAL_TOKEN", "CORE_API_KEY", "SEAL_KEY_FILE", "TSA_URL", "INSURER_NAME")
    assert [name for name in names if f"DR_{name}：" not in said] == []
    assert "no key" not in said + str(refused.value)
    assert not (tmp_path / "development-secrets").exists()


def test_settings_print_no_secret(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, core_api_key=SecretStr(SECRET))
    assert SECRET not in repr(settings) + json.dumps(settings.model_dump(mode="json"))
