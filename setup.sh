#!/usr/bin/env bash
# Installs what is missing, and nothing twice: Tesseract with its packs (apt), a virtual environment, the locked packages.
set -euo pipefail
venv=$1
python=${PYTHON:-python3}
packages="tesseract-ocr tesseract-ocr-eng tesseract-ocr-rus tesseract-ocr-ukr"

say() { echo "pravka setup: $*" >&2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  say "Python 3.11 or newer is needed: install it, or name it with make PYTHON=/path/to/python3.12"; exit 3; }

have_packs() {
  command -v tesseract >/dev/null || return 1
  local listed; listed=$(tesseract --list-langs 2>/dev/null)
  for pack in eng rus ukr; do grep -qx "$pack" <<<"$listed" || return 1; done
}

missing=""
have_packs || missing="$packages"
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null || { say "there is no apt-get here: install by hand: $missing"; exit 3; }
  as_root=""
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "neither root nor sudo: have somebody install: $missing"; exit 3; }
    as_root=sudo
  fi
  say "installing $missing"
  $as_root apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

[ -x "$venv/bin/python" ] || { say "making $venv"; "$python" -m venv "$venv"; }
say "installing the locked packages into $venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
say "compiling the search (once)"
"$venv/bin/pravka" fix <<<"6onblueBuKu" >/dev/null
