"""`make demo-case`: one whole case without a person watching; leaves a sealed package and a reviewed case.

Every run has a folder of its own (data, package, camera films), so that nothing that an earlier run sealed is touched. The last
line is JSON: `case`, `package`, `duration_s`, `answers`, `verified`, `store`, `locked`; above it stands how to open the case in
the pages and how to verify it. A run that fails ends with one line of JSON as well (`case`, `failed_at`, `reason`, `log`,
`verified: false`) and a status that is not zero; what Python says of it is in the named log only. With `--url` an already
running development service is used instead (`--key` is its core-system key); it must not have a case of the demo proposal yet.

The object store is the one that the environment names (`DR_OBJECT_STORE=s3`, `DR_S3_…`); `--own-s3` starts a gateway for the
run. On S3 the case counts only when the store was proven to lock, and every object of the package is locked there.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import sys
import tempfile
import traceback
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from scripts.demo.assets import AssetsMissing
from scripts.demo.cast import AGENT, INSPECTOR, PASSWORD
from scripts.demo.service import running
from scripts.demo.whole_case import Outcome, Shots, film_s, run
from scripts.verify_evidence import main as verify
from server.settings import ROOT

LOG = "demo-case.log"
REASON_LENGTH = 400
LENGTH_ERROR_S = 0.5
"""How much longer or shorter than the time on the wall the film may be."""


async def _main(options: argparse.Namespace, outcome: Outcome) -> None:
    async with AsyncExitStack() as stack:
        url, key = options.url, options.key
        if not url:
            extra = _own_s3(stack, options.out) if options.own_s3 else {}
            service = await stack.enter_async_context(running(options.out / "data", **extra))
            url, key = service.url, service.core_api_key
            print(f"服务已启动：{url}（数据在 {service.data_dir}）", flush=True)
        await run(url, key, options.out, Shots(options.shots), outcome=outcome)


def _own_s3(stack: AsyncExitStack, out: Path) -> dict[str, str]:
    """Start a gateway that lives as long as `stack`; its settings for the service."""
    from tests.contract.rgw import ACCESS, INSTALL, SECRET, missing_tools, running_gateway

    if missing_tools():
        raise AssetsMissing(f"RADOS Gateway: {INSTALL}")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rgw", ignore_cleanup_errors=True)))
    gateway = stack.enter_context(running_gateway(folder))
    print(f"对象存储已启动：{gateway.endpoint}", flush=True)
    return {
        "DR_OBJECT_STORE": "s3", "DR_S3_ENDPOINT": gateway.endpoint, "DR_S3_SECURE": "false", "DR_S3_ACCESS_KEY": ACCESS,
        "DR_S3_SECRET_KEY": SECRET, "DR_S3_BUCKET": "demo-case",
    }  # fmt: skip


def new_folder(under: Path) -> Path:
    """A folder for one run, named by the time of day. An earlier run's is never used again."""
    name = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    for number in range(1, 100):
        folder = under / (name if number == 1 else f"{name}-{number}")
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder
    raise FileExistsError(under / name)


def shown(path: Path) -> str:
    """A path as one types it from the project's folder."""
    return str(path.resolve().relative_to(ROOT)) if path.resolve().is_relative_to(ROOT) else str(path.resolve())


def how_to_look(folder: Path, case_id: str, *, own_store: bool) -> list[str]:
    """What people type to see the case, to verify it and to be rid of it."""
    data = shown(folder / "data")
    lines = [
        f"在网页里查看：DR_DATA_DIR={data} make run",
        f"  然后打开 http://127.0.0.1:8080/desk/cases/{case_id}",
        f"  登录：{INSPECTOR}（质检）或 {AGENT}（业务员），密码 {PASSWORD}",
    ]
    if own_store:
        lines.append("  这次用的是临时对象存储，已经关闭：页面里只有记录，录像请看下面的证据包")
    return [*lines, f"离线校验：make verify CASE={case_id}", f"不再需要时可以整个删除：{shown(folder)}"]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="无人值守地跑完一个完整的双录案例")
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "demo-case", help="every run makes a folder of its own here")
    parser.add_argument("--shots", type=Path, help="folder for screenshots")
    parser.add_argument("--own-s3", action="store_true", help="start a RADOS Gateway and keep everything in it")
    parser.add_argument("--url", default="")
    parser.add_argument("--key", default="")
    options = parser.parse_args()
    options.out = new_folder(options.out)
    log = logging.FileHandler(options.out / LOG, encoding="utf-8", delay=True)
    logging.getLogger("asyncio").addHandler(log)  # tasks that fail beside the one that is told of
    logging.getLogger("asyncio").propagate = False
    outcome = Outcome()
    try:
        asyncio.run(_main(options, outcome))
        return _judge(options, outcome)
    except Exception as error:  # whatever it is, the last line says so
        failure = failed(options.out, outcome, error)
        print(f"没有跑完（{failure['failed_at']}）：{failure['reason']}", file=sys.stderr)
        print(json.dumps(failure, ensure_ascii=False))
        return 2 if isinstance(error, AssetsMissing) else 1
    finally:
        log.close()


def failed(folder: Path, outcome: Outcome, error: Exception) -> dict[str, Any]:
    """The last line of a run that failed; the traceback goes into its log. `failed_at`: the last step of ours that it was in."""
    first: BaseException = error
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.writelines(traceback.format_exception(error))
    frames = traceback.extract_tb(first.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT / "scripts")] or frames
    text = " ".join(str(first).split()) or type(first).__name__
    return {
        "case": outcome.case_id or None,
        "failed_at": f"{Path(ours[-1].filename).stem}.{ours[-1].name}" if ours else None,
        "reason": text if len(text) <= REASON_LENGTH else f"{text[:REASON_LENGTH]}…",
        "fault": type(first).__name__,
        "package": str(outcome.package) if outcome.package else None,
        "verified": False,
        "log": shown(folder / LOG),
    }


def _judge(options: argparse.Namespace, outcome: Outcome) -> int:
    """What the case left behind, as the last line; 0 when all of it is as it should be."""
    assert outcome.package is not None
    with contextlib.redirect_stdout(sys.stderr):
        is_verified = verify([str(outcome.package)]) == 0
    shortest, longest = outcome.recorded_s
    length_s = film_s(outcome.package)
    is_as_long = shortest - LENGTH_ERROR_S <= length_s <= longest + LENGTH_ERROR_S
    if not is_as_long:
        print(f"录像长 {length_s:.2f} 秒，浏览器的时钟量得 {shortest:.2f}–{longest:.2f} 秒", file=sys.stderr)
    answers: dict[str, int] = {}
    for answer in outcome.answers:
        answers[answer["verdict"]] = answers.get(answer["verdict"], 0) + 1
    result = {
        "case": outcome.case_id,
        "package": str(outcome.package),
        "duration_s": round(length_s, 1),
        "as_long_as_the_clock": is_as_long,
        "answers": answers,
        "verified": is_verified,
        "callback": outcome.callback.get("state"),
        "store": "s3" if options.own_s3 else os.environ.get("DR_OBJECT_STORE", "local"),
        "locked": outcome.recording["is_locked"],
    }
    if not options.url:
        print("\n".join(how_to_look(options.out, outcome.case_id, own_store=options.own_s3)))
    print(json.dumps(result, ensure_ascii=False))
    return 0 if is_verified and is_as_long and (result["locked"] or result["store"] == "local") else 1


if __name__ == "__main__":
    raise SystemExit(main())
