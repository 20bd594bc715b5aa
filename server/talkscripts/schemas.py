"""Wire models of talk-script storage (话术). The content's own format is `server.domain.talkscript`."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from server.http.endpoint import Schema
from server.http.typed import MOST

ScriptStatus = Literal["draft", "published", "retired"]


class TalkScriptSummary(Schema):
    """A talk script and its versions in short."""

    key: str
    title: str
    published_version: int | None
    latest_version: int
    effective_at: datetime | None
    updated_at: datetime


class TalkScriptList(Schema):
    """All talk scripts."""

    items: list[TalkScriptSummary]


class TalkScriptVersionSummary(Schema):
    """A version. Versions are never deleted; publishing one retires the one before from its effective time on."""

    key: str
    version: int
    status: ScriptStatus
    title: str
    note: str
    nodes: int
    sha256: str
    created_by: str
    created_at: datetime
    published_by: str
    published_at: datetime | None
    effective_at: datetime | None


class TalkScriptVersion(TalkScriptVersionSummary):
    """A version with its content."""

    content: dict[str, Any]


class TalkScriptVersionList(Schema):
    """Versions of one talk script, newest first."""

    items: list[TalkScriptVersionSummary]


class NewTalkScriptVersion(Schema, strict=True):
    """A new draft. The content is checked against the format; 422 `TALK_SCRIPT_INVALID` lists the faults."""

    content: dict[str, Any]
    note: Annotated[str, StringConstraints(max_length=400)] = ""


class PublishBody(Schema, strict=True):
    """From when the version counts; now when not given."""

    effective_at: datetime | None = None


class DiffQuery(Schema):
    """The version to compare with."""

    against: int = Field(ge=0, le=MOST)


class DiffEntry(Schema):
    """One difference: `path` is like `nodes[consent].text`."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: Any
    after: Any


class TalkScriptDiff(Schema):
    """Differences from version `against` to `version`."""

    key: str
    version: int
    against: int
    entries: list[DiffEntry]
