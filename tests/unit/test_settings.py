"""No default secret works outside development."""

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from server.recordings.stores import build_authority
from server.settings import DEMO_INSURER, DEMO_INSURER_PHONE, DEMO_INSURER_SHORT, Settings
from storage.db.crypto import FieldCipher

SECRETS = {
    "data_key": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE",
    "ticket_key": "t" * 40,
    "internal_token": "i" * 40,
    "core_api_key": "c" * 40,
}


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_production_refuses_to_start_without_each_secret(missing: str, tmp_path: Path) -> None:
    given = {name: value for name, value in SECRETS.items() if name != missing}
    with pytest.raises(ValidationError, match=f"DR_{missing.upper()}"):
        Settings(mode="production", data_dir=tmp_path, **given)  # type: ignore[arg-type]


def test_development_makes_its_own_secrets_readable_by_the_owner_only(tmp_path: Path) -> None:
    first = Settings(mode="development", data_dir=tmp_path)
    again = Settings(mode="development", data_dir=tmp_path)
    other = Settings(mode="development", data_dir=tmp_path / "other")
    assert first.ticket_key.get_secret_value() == again.ticket_key.get_secret_value()
    assert first.ticket_key.get_secret_value() != other.ticket_key.get_secret_value()
    assert (tmp_path / "development-secrets" / "ticket_key").stat().st_mode & 0o077 == 0


def production(folder: Path, **more: str) -> dict[str, object]:
    named = {"insurer_name": "长安人寿保险有限公司", "seal_key_file": folder / "seal.pem"}
    return {"mode": "production", "data_dir": folder, **SECRETS, **named, **more}


def test_production_refuses_to_start_without_the_insurers_time_stamps_or_seal_key(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="DR_TSA_URL"):
        Settings(**production(tmp_path))  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="DR_TSA_CERTIFICATES"):
        Settings(**production(tmp_path, tsa_url="http://tsa.example/"))  # type: ignore[arg-type]
    whole = production(tmp_path, tsa_url="http://tsa.example/", tsa_certificates=str(tmp_path / "root.pem"))
    assert Settings(**whole).tsa_url  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="DR_SEAL_KEY_FILE"):
        Settings(**{**whole, "seal_key_file": None})  # type: ignore[arg-type]


def test_the_insurer_has_a_name_of_its_own_in_production_and_a_demo_name_else(tmp_path: Path) -> None:
    demo = Settings(mode="development", data_dir=tmp_path)
    assert (demo.insurer_name, demo.insurer_short_name) == (DEMO_INSURER, DEMO_INSURER_SHORT)
    assert demo.insurer_phone == DEMO_INSURER_PHONE
    own = Settings(mode="development", data_dir=tmp_path, insurer_name="长安人寿保险有限公司")
    assert own.insurer_phone == "", "a real insurer never shows the demo number"
    with pytest.raises(ValidationError, match="DR_INSURER_NAME：生产模式必须设置"):
        Settings(**production(tmp_path, insurer_name=" "))  # type: ignore[arg-type]
    whole = production(tmp_path, tsa_url="http://tsa.example/", tsa_certificates=str(tmp_path / "root.pem"))
    assert Settings(**whole).insurer_short_name == "长安人寿保险有限公司"  # type: ignore[arg-type]
    assert Settings(**whole, insurer_short_name="长安人寿").insurer_short_name == "长安人寿"  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["ticket_key", "internal_token", "core_api_key"])
def test_production_refuses_secrets_that_can_be_guessed(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=f"DR_{name.upper()}：至少 32 个字符"):
        Settings(**production(tmp_path, **{name: "short"}))  # type: ignore[arg-type]


KEY_A, KEY_B = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"a", b"b"))


def test_fields_of_every_key_that_is_accepted_can_be_read_again(tmp_path: Path) -> None:
    for given in (KEY_A, f"{KEY_A},{KEY_B}", f"2025_a:{KEY_A}, 2026-b:{KEY_B}"):
        cipher = FieldCipher(Settings(data_dir=tmp_path, data_key=SecretStr(given)).data_keys())
        assert cipher.decrypt(cipher.encrypt("王", "t.c:1"), "t.c:1") == "王"
    for wrong in (f"2026.1:{KEY_A}", f"a:{KEY_A},a:{KEY_B}", f"k1:{KEY_A},{KEY_B}", f"年:{KEY_A}"):
        with pytest.raises(ValidationError, match="DR_DATA_KEY"):
            Settings(data_dir=tmp_path, data_key=SecretStr(wrong))


def test_production_never_stamps_with_the_development_authority(tmp_path: Path) -> None:
    settings = Settings(mode="development", data_dir=tmp_path)
    assert build_authority(settings).is_development is True
    with pytest.raises(ValueError, match="DR_TSA_URL"):
        build_authority(settings.model_copy(update={"mode": "production"}))
