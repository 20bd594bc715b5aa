"""Settings: `DR_…` environment variables, or files of the same lower-case name in the secrets folder.

Development mode (`DR_MODE=development`, the default of `make run`) makes its own keys inside the data folder; production
refuses to start without given secrets. No default secret works outside development.
"""

import os
import pkgutil
import re
import secrets
import socket
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DEMO_INSURER, DEMO_INSURER_SHORT = "示例人寿保险股份有限公司", "示例人寿"
DEMO_INSURER_PHONE = "400-000-0000（演示号码）"
"""Nobody's number, and said to be: pages offer no link to dial what is not digits alone."""
_DATA_KEY = "DR_DATA_KEY：必须是 32 字节的 base64；有多个时写成 id:base64，用逗号隔开，id 只用字母、数字、- 和 _，互不相同"
_KEY_ID = re.compile(r"[A-Za-z0-9_\-]{1,20}")
"""It stands in every encrypted field, before a dot."""
_GUESSED_AT = {
    "ticket_key": "客户的凭证用它签名",
    "internal_token": "各进程用它证明身份",
    "core_api_key": "核心系统用它证明身份",
}


class Settings(BaseSettings):
    """Everything that differs between installations."""

    model_config = SettingsConfigDict(
        env_prefix="DR_",
        extra="ignore",
        secrets_dir=os.environ.get("DR_SECRETS_DIR") or None,
        hide_input_in_errors=True,  # the input holds every secret
    )

    mode: Literal["development", "production"] = "development"
    data_dir: Path = ROOT / "data"
    database_url: str = ""
    public_url: str = ""
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    trusted_proxies: list[str] = Field(default_factory=list)
    """Addresses or networks of our own proxies: their `X-Forwarded-For` says who called. Limits by address need it behind one."""
    https: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    demo_data: bool = True
    insurer_name: str = ""
    """The insurer as its customers hear and read it: in the recording, its papers and the callback. Development: a demo name."""
    insurer_short_name: str = ""
    """How its short messages are signed; the whole name where none is given."""
    insurer_phone: str = ""
    """Its service telephone, for customers of the callback; without one they read where to find it. Development: a demo one."""

    media_host: str = "127.0.0.1"
    media_public_ip: str = ""
    media_udp_port: int = 50000
    media_rpc_port: int = 8091
    media_workers: int = 0
    """Media workers of this machine; 0 takes two cores off for everything else (at least one worker)."""
    media_node: str = ""
    """Name of this machine among those with media workers; the host name by default. It must not change while rooms run."""
    internal_host: str = "127.0.0.1"
    """Address where the processes of this machine answer others of the installation; loopback while there is one machine only."""
    media_cpu_limit: float = 0.7
    """Share of a core above which a media worker takes no new room."""
    media_disk_hours: float = 2.0
    """Hours of recording, at the measured rate, that must be left on the disk for a new room."""
    media_drain_limit_s: float = 1800.0
    """How long SIGTERM lets a media worker wait for its rooms to end."""
    keep_local_hours: float = 24.0
    """How long a sealed recording stays on the disk of the media worker too; then the confirmed copy in the store is enough."""
    speech_rpc_port: int = 8092
    vision_rpc_port: int = 8093
    jobs_port: int = 8094

    model_dir: Path = ROOT / "models"
    model_mirror: Path | None = None
    prompt_recordings_dir: Path | None = None
    voice: str = "espeak"

    object_store: Literal["local", "s3"] = "local"
    s3_endpoint: str = ""
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_bucket: str = "dual-recording"
    s3_region: str = "default"
    s3_secure: bool = True
    s3_ca_file: Path | None = None
    s3_encryption: str = ""
    """Encryption on the store: empty, `sse-s3`, or `sse-kms:<key id>`."""

    turn_urls: list[str] = Field(default_factory=list)
    turn_secret: SecretStr = SecretStr("")

    data_key: SecretStr = SecretStr("")
    """Base64 of 32 bytes; encrypts personal data. Several, oldest first, separated by commas as `id:base64`."""
    ticket_key: SecretStr = SecretStr("")
    internal_token: SecretStr = SecretStr("")
    metrics_token: SecretStr = SecretStr("")
    """Bearer token for /metrics from other machines; without one only the machine itself may ask."""
    core_api_key: SecretStr = SecretStr("")
    seal_key_file: Path | None = None

    tsa_url: str = ""
    """Address of the insurer's RFC 3161 authority. Without one, development uses its own; production does not start."""
    tsa_certificates: Path | None = None
    """PEM file with the certificates to trust for its tokens: the root, and intermediate ones if there are any."""
    tsa_policy: str = ""
    tsa_user: str = ""
    tsa_password: SecretStr = SecretStr("")

    sms_provider: str = ""
    """Class that sends messages, as `package.module:Class`, made with the settings. Empty: the webhook, where one is set."""
    sms_webhook_url: str = ""
    """Where messages are posted as signed JSON, where no class is named."""
    sms_webhook_secret: SecretStr = SecretStr("")

    registration_needs_approval: bool = True
    """Whether an agent who registers waits for an administrator, who checks the licence number; false opens it at once."""
    time_zone: str = "Asia/Shanghai"
    telephone_recordings_dir: Path | None = None
    """Where a telephone system leaves recordings of calls, as `<reference>.<ending>`; without it they are uploaded by hand."""
    callback_rulebook: str = "S1"
    """The callback rulebook: an id shipped in server/domain/data/callback/rulebooks, or published by an administrator."""

    inspection_rulebook: Path | None = None
    """The installation's own rules of inspection; without it the shipped server/domain/data/inspection-rulebook.yaml."""

    @model_validator(mode="after")
    def _fill(self) -> "Settings":
        if not self.database_url:
            self.database_url = f"sqlite+aiosqlite:///{self.data_dir / 'service.db'}"
        self.media_node = self.media_node or socket.gethostname()
        if self.media_workers <= 0:
            self.media_workers = max(1, len(os.sched_getaffinity(0)) - 2)
        if not self.public_url:
            self.public_url = f"{'https' if self.https else 'http'}://{self.http_host}:{self.http_port}"
        faults = [*self._fill_insurer(), *self._fill_secrets(), *self._sms_faults(), *self._authority_faults()]
        faults += self._proxy_faults()
        if self.inspection_rulebook and not self.inspection_rulebook.is_file():
            faults.append(f"DR_INSPECTION_RULEBOOK：没有文件 {self.inspection_rulebook}")
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _fill_insurer(self) -> Iterator[str]:
        if not self.insurer_name.strip():
            if self.mode == "production":
                yield "DR_INSURER_NAME：生产模式必须设置为保险公司全称，客户在录制、文件和回访中听到、看到的都是它"
            self.insurer_name, self.insurer_short_name = DEMO_INSURER, self.insurer_short_name or DEMO_INSURER_SHORT
            self.insurer_phone = self.insurer_phone or DEMO_INSURER_PHONE
        self.insurer_short_name = self.insurer_short_name.strip() or self.insurer_name

    def _proxy_faults(self) -> Iterator[str]:
        for name in self.trusted_proxies:
            try:
                ip_network(name)
            except ValueError:
                yield f"DR_TRUSTED_PROXIES：{name[:60]} 不是 IP 地址或网段"

    def _fill_secrets(self) -> Iterator[str]:
        """Development makes the secrets that are not given. Yields what is wrong, a line each, never with a value."""
        for name in ("data_key", "ticket_key", "internal_token", "core_api_key"):
            if given := getattr(self, name).get_secret_value():
                if self.mode == "production" and name in _GUESSED_AT and len(given) < 32:
                    yield f"DR_{name.upper()}：至少 32 个字符，{_GUESSED_AT[name]}"
                continue
            if self.mode == "production":
                yield f"DR_{name.upper()}：生产模式必须设置，没有默认值"
            else:
                setattr(self, name, SecretStr(_development_secret(self.data_dir, name)))
        if self.data_key.get_secret_value():
            try:
                self.data_keys()
            except ValueError:
                yield _DATA_KEY
        if self.mode == "production" and self.seal_key_file is None:
            yield "DR_SEAL_KEY_FILE：生产模式必须设置，录制封存用的 Ed25519 私钥文件"

    def _authority_faults(self) -> Iterator[str]:
        if self.mode == "production" and not self.tsa_url:
            yield "DR_TSA_URL：生产模式必须设置为时间戳服务的地址，开发用的时间戳不能证明时间"
        if self.tsa_url and self.tsa_certificates is None:
            yield "DR_TSA_CERTIFICATES：设置了 DR_TSA_URL 就必须设置，是用来核对时间戳的证书文件"

    def _sms_faults(self) -> Iterator[str]:
        if self.sms_provider:
            try:
                found = pkgutil.resolve_name(self.sms_provider)
            except (ImportError, AttributeError, ValueError):
                yield "DR_SMS_PROVIDER：找不到这个类，请写成 package.module:Class，并确认已经安装"
            else:
                if not isinstance(found, type) or not callable(getattr(found, "send", None)):
                    yield "DR_SMS_PROVIDER：必须是一个有 send 方法的类（见 server/outbox/provider.py）"
        if self.sms_webhook_url:
            if not _is_web_address(self.sms_webhook_url):
                yield "DR_SMS_WEBHOOK_URL：必须是完整的 http 或 https 地址，例如 https://sms.example/send"
            if len(self.sms_webhook_secret.get_secret_value()) < 16:
                yield "DR_SMS_WEBHOOK_SECRET：至少 16 个字符，对方用它确认是我们发的"
        elif self.sms_webhook_secret.get_secret_value() and not self.sms_provider:
            yield "DR_SMS_WEBHOOK_URL：设置了 DR_SMS_WEBHOOK_SECRET 就必须设置；不用短信接口时请把它去掉"

    def data_keys(self) -> dict[str, bytes]:
        """Field-encryption keys by id, oldest first."""
        import base64

        keys: dict[str, bytes] = {}
        for index, part in enumerate(self.data_key.get_secret_value().split(",")):
            key_id, _, value = part.rpartition(":")
            key, key_id = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), key_id.strip() or f"k{index}"
            if len(key) < 32 or not _KEY_ID.fullmatch(key_id) or key_id in keys:
                raise ValueError(_DATA_KEY)
            keys[key_id] = key[:32]
        return keys


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an address in brackets that is none
        return False


def _development_secret(data_dir: Path, name: str) -> str:
    """A random secret of this data folder, made once, readable by its owner only."""
    folder = data_dir / "development-secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    value = secrets.token_urlsafe(32)
    with os.fdopen(handle, "w") as file:
        file.write(value)
    return value
