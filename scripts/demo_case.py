"""`make demo-case`: one whole case without a person watching; leaves a sealed package and a reviewed case.

The last line is JSON: `case`, `package`, `duration_s`, `answers`, `verified`. With `--url` an already running development service
is used instead (`--key` is its core-system key).
"""

import argparse
import asyncio
import contextlib
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from scripts.demo.assets import AssetsMissing
from scripts.demo.service import running
from scripts.demo.whole_case import Outcome, Shots, run
from scripts.verify_evidence import main as verify
from server.settings import ROOT


async def _main(options: argparse.Namespace) -> Outcome:
    async with AsyncExitStack() as stack:
        url, key = options.url, options.key
        if not url:
            service = await stack.enter_async_context(running(options.out / "data"))
            url, key = service.url, service.core_api_key
            print(f"服务已启动：{url}（数据在 {service.data_dir}）", flush=True)
        return await run(url, key, options.out, Shots(options.shots))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="无人值守地跑完一个完整的双录案例")
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "demo-case")
    parser.add_argument("--shots", type=Path, help="folder for screenshots")
    parser.add_argument("--url", default="")
    parser.add_argument("--key", default="")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        outcome = asyncio.run(_main(options))
    except AssetsMissing as error:
        print(f"缺少素材：{error}", file=sys.stderr)
        return 2
    with contextlib.redirect_stdout(sys.stderr):
        is_verified = verify([str(outcome.package)]) == 0
    answers: dict[str, int] = {}
    for answer in outcome.answers:
        answers[answer["verdict"]] = answers.get(answer["verdict"], 0) + 1
    result = {
        "case": outcome.case_id,
        "package": str(outcome.package),
        "duration_s": round(outcome.recording["duration_ms"] / 1000, 1),
        "answers": answers,
        "verified": is_verified,
        "callback": outcome.callback.get("state"),
    }
    print(json.dumps(result, ensure_ascii=False))
    return 0 if is_verified else 1


if __name__ == "__main__":
    raise SystemExit(main())
