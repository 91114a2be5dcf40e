#!/usr/bin/env bash
# Installs what is missing, and nothing twice: Tesseract with its packs (apt), a virtual environment, the locked packages.
set -euo pipefail
venv=$1
python=${PYTHON:-python3}
packages="tesseract-ocr tesseract-ocr-eng tesseract-ocr-rus tesseract-ocr-ukr"
# Decides where two readings of a name differ; Pravka does without it where it cannot be had.
wished="tesseract-ocr-script-cyrl"

say() { echo "pravka setup: $*" >&2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  say "Python 3.11 or newer is needed: install it, or name it with make PYTHON=/path/to/python3.12"; exit 3; }

have_packs() {
  command -v tesseract >/dev/null || return 1
  local listed; listed=$(tesseract --list-langs 2>/dev/null)
  for pack in "$@"; do grep -qx "$pack" <<<"$listed" || return 1; done
}

install() {
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $1 >/dev/null
}

missing=""
have_packs eng rus ukr || missing="$packages"
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null || { say "there is no apt-get here: install by hand: $missing"; exit 3; }
  [ -z "$as_root" ] || command -v sudo >/dev/null || { say "neither root nor sudo: have somebody install: $missing"; exit 3; }
  say "installing $missing"
  $as_root apt-get update -qq
  install "$missing"
fi
wish() {
  say "installing $wished"
  as_root=${as_root:+sudo -n}
  install "$wished" || { $as_root apt-get update -qq && install "$wished"; }
}
have_packs Cyrillic || wish 2>/dev/null ||
  say "$wished cannot be had here: names that two readings spell differently stay as they are"

[ -x "$venv/bin/python" ] || { say "making $venv"; "$python" -m venv "$venv"; }
say "installing the locked packages into $venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
say "compiling the search (once)"
"$venv/bin/pravka" fix <<<"6onblueBuKu" >/dev/null
