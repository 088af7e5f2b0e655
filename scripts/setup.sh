# shellcheck shell=bash
# Prepares a checkout: the distribution's packages, .venv, and the project in it. Sourced by scripts/demo, up and
# test, which call `setup PACKAGE ...`. Does only what is missing; nothing that runs on the machine is touched.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$checkout/.venv
cd "$checkout" || exit 1

setup() { # setup PACKAGE ...: these packages of the distribution, then the Python environment
  need_packages util-linux "$@"
  make_environment
}

fail() { # fail LINE ...: says what is wrong and what to do, and leaves
  printf '\n' >&2
  printf '!! %s\n' "$@" >&2
  exit 1
}

step() { # step LABEL COMMAND ...: shows that it works and how long it took; its output only when it fails
  local label=$1 began=$SECONDS status=0 ticker log
  shift
  log=$(mktemp)
  printf '== %s ' "$label"
  (while sleep 3; do printf .; done) &
  ticker=$!
  # The ticker must not outlive a script that is ended in the middle of a step.
  trap 'kill "$ticker" 2>/dev/null; rm -f "$log"' EXIT
  "$@" </dev/null >"$log" 2>&1 || status=$?
  kill "$ticker" 2>/dev/null
  wait "$ticker" 2>/dev/null
  trap - EXIT
  if [ "$status" -eq 0 ]; then
    printf ' done (%d s)\n' "$((SECONDS - began))"
  else
    printf ' FAILED\n'
    tail -n 25 "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}

# --- the distribution's packages ----------------------------------------------------------------------------

is_installed() { # is_installed PACKAGE: by what it brings, for it may have come from elsewhere
  case $1 in
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb ;;
    rabbitmq-server) [ -e /usr/lib/rabbitmq/bin/rabbitmq-server ] ;;
    dcmtk) command -v storescu && command -v dcmqrscp ;;
    chromium | git) command -v "$1" ;;
    orthanc) command -v Orthanc || [ -x /usr/sbin/Orthanc ] ;;
    orthanc-dicomweb) [ -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] ;;
    libgdcm-tools) command -v gdcmscu ;;
    util-linux) command -v setpriv ;;
    *) dpkg -s "$1" ;;
  esac >/dev/null 2>&1
}

need_packages() { # need_packages PACKAGE ...: installs what is missing
  local package missing=()
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  [ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
}

install_packages() { # install_packages PACKAGE ...
  local by_hand="apt-get update && apt-get install --yes --no-install-recommends $*"
  command -v apt-get >/dev/null || fail "Missing: $*" "This machine has no apt-get: install them by its own means."
  become_root || fail "Missing: $*" \
    "Installing needs root or sudo, and there is neither. An administrator runs:" "    $by_hand" "Then start this again."
  step "Installing $* (not started as system services)" "${as_root[@]}" sh -c "$apt_script" apt "$@" ||
    fail "The packages could not be installed; the lines above say why. By hand, as root:" "    $by_hand"
}

become_root() { # sets as_root to what must stand before a command; fails when there is no way
  if [ "$(id -u)" -eq 0 ]; then
    as_root=(env)
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
    as_root=(sudo -n)
  else
    return 1
  fi
}

# Debian starts the servers it installs. policy-rc.d is its way to say no; one that is there stays as it is.
# shellcheck disable=SC2016 # expanded by the sh that runs it
apt_script='
  set -e
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap "rm -f $policy" EXIT
    trap "exit 130" INT TERM
    printf "#!/bin/sh\nexit 101\n" >"$policy"
    chmod 755 "$policy"
  fi
  install() { apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=600 "$@"; }
  update() { apt-get update -o DPkg::Lock::Timeout=600; }
  if ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
    update
    install "$@"
  else
    install "$@" || { update; install "$@"; }
  fi
'

# --- the Python environment ---------------------------------------------------------------------------------

suits='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'

find_python() { # prints the first Python that is new enough and can make an environment
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python3.14 /usr/bin/python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c "$suits" 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

make_environment() { # .venv with the pinned packages and this checkout; again when what is asked for has changed
  local stamp=$venv/.dosewire-stamp python wanted
  wanted=$(cat requirements/dev.txt pyproject.toml | sha256sum)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted $checkout" ] && "$venv/bin/python" -c '' 2>/dev/null; then
    return
  fi
  if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    find_python >/dev/null || need_packages python3 python3-venv
    python=$(find_python) || fail "There is no Python 3.11 or newer with venv." \
      "Install one, or name it: PYTHON=/path/to/python3 $0"
    rm -rf "$venv"
    step "Making .venv with $("$python" --version)" "$python" -m venv "$venv" || fail "$python cannot make $venv."
  fi
  rm -f "$stamp"
  step "Installing the Python packages into .venv" \
    "$venv/bin/python" -m pip install --disable-pip-version-check --require-hashes -r requirements/dev.txt ||
    fail "pip could not install requirements/dev.txt; the lines above say why." \
      "Without access to the package index, name a mirror in PIP_INDEX_URL."
  step "Installing Dosewire into .venv" \
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable . ||
    fail "pip could not install the checkout; the lines above say why."
  printf '%s' "$wanted $checkout" >"$stamp"
}
