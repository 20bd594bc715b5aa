"""Verifies evidence packages offline: `python scripts/verify_evidence.py PACKAGE` (a folder or a ZIP), or `--case CASE`.

Needs this file, `storage/evidence` and three Python packages (cryptography, rfc3161-client, pydantic): no service, no network.
Ends with status 0 when nothing was changed, 1 when something was, 2 when the package cannot be read, 3 when a recording of the
case is not sealed yet. `--case` reads the installation's database as well: a recording without a package is named. The case is
looked for in the service's data folder and in those of `make demo-case`; `--data` or `DR_DATA_DIR` names one folder.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from cryptography import x509  # noqa: E402  after the path

from storage.evidence.findings import Finding  # noqa: E402
from storage.evidence.package import PackageError, open_package  # noqa: E402
from storage.evidence.signing import PublicKey, parse_published  # noqa: E402
from storage.evidence.verify import Report, verify  # noqa: E402

STATE = {
    "recording": "正在录制",
    "stopped": "录制已停, 等待处理",
    "finalising": "正在封存",
    "sealed": "已封存",
    "failed": "封存失败, 请在管理页面重试",
    "disposed": "保存期满, 已按规定销毁",
}
OUTCOME = {"aborted": "，中途结束", "declined": "，客户不同意"}

TEXT = {
    "PACKAGE_UNREADABLE": "证据包无法读取",
    "MANIFEST_MISSING": "缺少清单",
    "MANIFEST_CHANGED": "清单被改动",
    "MANIFEST_INVALID": "清单内容无效",
    "SIGNATURE_MISSING": "缺少签名",
    "SIGNATURE_INVALID": "签名无效",
    "KEY_UNKNOWN": "签名密钥不在受信任列表中",
    "KEY_RETIRED": "签名使用了当时已停用的密钥",
    "KEY_FROM_PACKAGE": "公钥取自证据包自身, 只证明完整性, 不证明由谁封存 (可用 --keys 指定公布的公钥)",
    "TIME_STAMP_MISSING": "缺少可信时间戳",
    "TIME_STAMP_INVALID": "可信时间戳无效",
    "TIME_STAMP_DEVELOPMENT": "时间戳由本机开发用授时机构签发",
    "TIME_STAMP_UNTRUSTED": "授时机构根证书取自证据包自身 (可用 --tsa-root 指定)",
    "TIME_STAMP_APART": "封存时间与可信时间相差一小时以上, 以可信时间为准",
    "FILE_MISSING": "文件缺失",
    "FILE_CHANGED": "文件被改动",
    "FILE_CUT": "文件被截短",
    "FILE_EXTENDED": "文件被加长",
    "FILE_UNREADABLE": "文件无法读取",
    "FILE_UNLISTED": "清单之外的文件",
    "SEGMENT_REMOVED": "录制切片被移除",
    "SEGMENT_REORDERED": "录制切片被调换",
    "SEGMENT_CHAIN_BROKEN": "录制切片哈希链断开",
    "JOURNAL_MISMATCH": "录制日志与清单不符",
    "EVENT_CHANGED": "会话事件被改动",
    "EVENT_REMOVED": "会话事件被移除",
    "EVENT_TAIL_CUT": "末尾的会话事件被删除",
    "EVENT_ADDED": "多出会话事件",
    "EVENT_REORDERED": "会话事件次序被改动",
}

NOT_SEALED = {
    "index.html": "离线查看页面, 其中的内容以封存文件为准",
    "annex/access-log.json": "导出时的调阅记录, 以服务中的记录为准",
    "annex/inspection.json": "导出时的质检记录, 以服务中的记录为准",
    "annex/recordings-of-case.json": "导出时同一任务的录制清单, 以服务中的记录为准",
}
"""What an export adds to the sealed files, and what to go by instead."""


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="离线校验双录证据包")
    parser.add_argument("package", type=Path, nargs="?", help="证据包文件夹或 ZIP")
    parser.add_argument("--case", help="校验本机数据文件夹里这个双录任务的全部录制")
    named = Path(os.environ["DR_DATA_DIR"]) if os.environ.get("DR_DATA_DIR") else None
    parser.add_argument("--data", type=Path, default=named, help="数据文件夹 (不给出时依次查找服务和演示任务的数据文件夹)")
    parser.add_argument("--keys", type=Path, help="受信任的公钥列表 (服务公布的 keys.json)")
    parser.add_argument("--tsa-root", type=Path, help="受信任的授时机构根证书 (PEM)")
    parser.add_argument("--json", action="store_true", help="每个证据包只输出一行 JSON")
    options = parser.parse_args(arguments)
    if (options.package is None) == (not options.case):
        parser.error("请给出证据包 (make verify PACKAGE=文件夹或ZIP), 或双录任务编号 (make verify CASE=case_…)")
    if not options.case:
        return check(options.package, options)
    looked = [options.data] if options.data else data_folders()
    found = next((folder for folder in looked if has_case(folder, options.case)), None)
    if found is None:
        print(f"✗ 没有找到双录任务 {options.case}。找过的数据文件夹:", *(f"    {folder}" for folder in looked), sep="\n")
        print("  请核对任务编号 (任务页面地址末尾的 case_…)；数据在别处时, 用 DR_DATA_DIR=文件夹 指明。")
        return 2
    options.data = found
    _tell(options, f"数据文件夹 {found}", None)
    options.keys = options.keys or _if_there(options.data / "seal-keys" / "keys.json")
    options.tsa_root = options.tsa_root or _if_there(options.data / "time-stamp-authority" / "root.pem")
    return check_case(options)


def data_folders() -> list[Path]:
    """Data folders of this project: the service's, then those of the demo cases, the newest first."""
    demo = ROOT / "data" / "demo-case"
    return [ROOT / "data", *sorted(demo.glob("*/data"), reverse=True), *demo.glob("data")]


def has_case(data: Path, case_id: str) -> bool:
    """Whether a data folder, or the database that the environment names, knows recordings of a case."""
    from scripts.case_recordings import Unreadable, recordings_of

    if packages_of(data, case_id):
        return True
    try:
        return bool(recordings_of(data, case_id))
    except Unreadable:
        return False


def check_case(options: argparse.Namespace) -> int:
    """Verify every recording of a case, and name those that cannot be verified; returns the exit status."""
    from scripts.case_recordings import Unreadable, recordings_of

    packages = {package.name: package for package in packages_of(options.data, options.case)}
    statuses = []
    try:
        recordings = recordings_of(options.data, options.case)
    except Unreadable as error:
        recordings = []
        _tell(options, f"! 读不到数据库 ({error})：只校验本机已有的证据包, 尚未封存的录制不在其中。", {"database": str(error)})
    for number, recording in enumerate(recordings, 1):
        kind = "补录" if recording.kind == "supplementary" else "首次录制"
        name = f"第 {number} 次录制（{kind}{OUTCOME.get(recording.outcome or '', '')}）{recording.id}"
        known = {"recording": recording.id, "kind": recording.kind, "state": recording.state, "outcome": recording.outcome}
        if recording.id in packages:
            _tell(options, f"{name}：{STATE.get(recording.state, recording.state)}", None)
            statuses.append(check(packages.pop(recording.id), options))
        elif recording.state == "disposed":
            _tell(options, f"! {name}：{STATE['disposed']}", {**known, "is_intact": None})
        elif recording.state == "sealed" and (exported := options.data.parent / f"{recording.id}.zip").is_file():
            _tell(options, f"{name}：{STATE['sealed']}, 校验演示任务下载的证据包", None)
            statuses.append(check(exported, options))
        elif recording.state == "sealed":
            text = "已封存, 但证据包不在本机。对象存储在 S3 上时, 请先在质检页面下载证据包再校验。"
            _tell(options, f"✗ {name}：{text}", {**known, "is_intact": False, "error": "PACKAGE_MISSING"})
            statuses.append(2)
        else:
            text = f"尚未封存 ({STATE.get(recording.state, recording.state)})"
            _tell(options, f"✗ {name}：{text}", {**known, "is_intact": None, "error": "NOT_SEALED"})
            statuses.append(3)
    statuses += [check(package, options) for package in packages.values()]
    return next((status for status in (1, 2, 3) if status in statuses), 0)


def _tell(options: argparse.Namespace, text: str, wire: dict[str, Any] | None) -> None:
    if not options.json:
        print(text)
    elif wire is not None:
        print(json.dumps(wire, ensure_ascii=False))


def packages_of(data: Path, case_id: str) -> list[Path]:
    """Package folders of a case in the local object store of a data folder."""
    root = data / "store" / "objects" / "evidence"
    return sorted(path.parent for path in root.glob("*/*/manifest.json") if path.parent.parent.name == case_id)


def check(package: Path, options: argparse.Namespace) -> int:
    """Verify one package and print the result; returns the exit status."""
    read = options.keys
    try:
        keys: dict[str, PublicKey] | None = parse_published(options.keys.read_bytes()) if options.keys else None
        read = options.tsa_root
        roots = x509.load_pem_x509_certificates(options.tsa_root.read_bytes()) if options.tsa_root else None
        read = package
        report = verify(open_package(package), trusted_keys=keys, tsa_roots=roots)
    except (PackageError, OSError, ValueError, KeyError) as error:
        wire = {"package": str(package), "is_intact": False, "error": f"{read}: {error}"}
        print(json.dumps(wire, ensure_ascii=False) if options.json else f"✗ 读不了 {read}: {error}")
        return 2
    wire = {"package": str(package), **to_wire(report)}
    print(json.dumps(wire, ensure_ascii=False) if options.json else f"{package}\n{describe(report)}")
    return 0 if report.is_intact else 1


def _if_there(path: Path) -> Path | None:
    return path if path.is_file() else None


def to_wire(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "is_intact": report.is_intact,
        "files": report.files,
        "bytes": report.bytes,
        "manifest_sha256": report.manifest_sha256,
        "key_id": report.key_id,
        "sealed_at": report.sealed_at.isoformat() if report.sealed_at else None,
        "time_stamp_at": report.stamp.at.isoformat() if report.stamp else None,
        "is_development_stamp": report.stamp.is_development if report.stamp else None,
        "not_covered": report.not_sealed,
        "findings": [
            {"code": f.code, "severity": "error" if f.is_error else "warning", "path": f.path, "offset": f.offset, **f.detail}
            for f in report.findings
        ],
    }


def describe(report: Report) -> str:
    """The report for people."""
    lines = [f"{'✓ 证据完整' if report.is_intact else '✗ 证据被改动'}: {report.files} 个文件, {report.bytes:,} 字节"]
    if report.sealed_at:
        lines.append(f"  封存时间 {report.sealed_at.isoformat()}  密钥 {report.key_id or '未确认'}")
    if report.stamp:
        lines.append(f"  可信时间 {report.stamp.at.isoformat()}{' (开发用)' if report.stamp.is_development else ''}")
    lines += [f"  {'✗' if f.is_error else '!'} {_sentence(f)}" for f in report.findings]
    if report.not_sealed:
        lines.append(f"  以上结论不包括 {len(report.not_sealed)} 个封存之后才生成的文件, 它们没有签名, 改动查不出来:")
        lines += [f"    {name} ({NOT_SEALED.get(name, '附件')})" for name in report.not_sealed]
    return "\n".join(lines)


def _sentence(finding: Finding) -> str:
    text = f"{TEXT.get(finding.code, finding.code)} [{finding.code}]"
    if finding.path:
        text += f" {finding.path}"
    detail = finding.detail
    if finding.offset is not None:
        text += f" 偏移 {finding.offset}"
        for change in detail.get("changes", [])[:1]:
            proof = "已由封存哈希证实" if detail.get("is_proven") else "推断"
            text += f": 封存时 0x{change['sealed']:02x}, 现为 0x{change['found']:02x} ({proof})"
    elif "block_start" in detail:
        text += f" 首处差异在第 {detail['block_start']}–{detail['block_end'] - 1} 字节之间"
    if "t0_ms" in detail:
        text += f" 席位 {detail['seat_id']} {detail['track']} {detail['t0_ms'] / 1000:.1f}–{detail['t1_ms'] / 1000:.1f} 秒"
    for key, label in (("seq", "事件序号"), ("line", "行"), ("position", "位置"), ("first_missing_position", "自位置")):
        if detail.get(key) is not None:
            text += f" {label} {detail[key]}"
    if detail.get("is_before_seal"):
        text += " (封存时已与录制日志不符)"
    for key in ("reason", "holds", "key_id"):
        if key in detail:
            text += f" ({detail[key]})"
    return text


if __name__ == "__main__":
    sys.exit(main())
