#!/usr/bin/env bash
# The sorting machine's software to a machine, over ssh: beside what runs there, tried, switched to, and taken back
# where it does not prove itself. What it does there is in deploy/target.sh.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
    cat <<'TEXT'
./deploy.sh [OPTIONS] USER@HOST   installs or upgrades; asks once before it changes the system
  --profile FILE  the machine's settings, for /etc/sorter/profile.toml; needed the first time
  --offline       carry all wheels along: the machine needs no network
  --healthy S     how long the new release is watched before it stays (60)
  --dry-run       say what would change, and change nothing
  --rollback      back to the release before
  --uninstall     remove everything, settings and records too
  --yes           do not ask
USER needs sudo without a password there, or is root. SSH_CONFIG names a configuration file for ssh.
TEXT
}

refuse() { printf 'deploy: %s\n' "$*" >&2; exit "${STATUS:-2}"; }
say() { printf '== %s\n' "$*"; }
[ "${BASH_VERSINFO[0]}" -ge 4 ] || refuse "bash $BASH_VERSION is too old: run it with bash 4 or later, on Linux"

host='' profile='' offline=no healthy=60 what=install yes=no
while [ $# -gt 0 ]; do
    case "$1" in
    --profile)
        profile="${2:-}"
        [ -f "$profile" ] || refuse "--profile ${profile:-?}: no such file"
        shift
        ;;
    --healthy)
        healthy="${2:-}"
        [[ "$healthy" =~ ^[0-9]{1,5}$ ]] || refuse "--healthy ${healthy:-?}: a number of seconds"
        shift
        ;;
    --offline) offline=yes ;;
    --dry-run) what=plan ;;
    --rollback) what=rollback ;;
    --uninstall) what=uninstall ;;
    --yes) yes=yes ;;
    --help | -h) usage; exit 0 ;;
    -*) refuse "$1: no such option; see --help" ;;
    *) [ -z "$host" ] || refuse "one machine at a time: $host or $1?"; host="$1" ;;
    esac
    shift
done
[ -n "$host" ] || { usage >&2; exit 2; }

SSH=(ssh -o BatchMode=yes -o ConnectTimeout=15 ${SSH_CONFIG:+-F "$SSH_CONFIG"})
PYTHON="${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)}"
STAGE=.cache/sorter-deploy

for tool in ssh rsync "$PYTHON"; do command -v "$tool" >/dev/null || refuse "$tool is not here: install it"; done
"$PYTHON" -m pip --version >/dev/null 2>&1 || refuse "$PYTHON has no pip: apt install python3-pip, or make sim once"

there() { "${SSH[@]}" "$host" "$@"; }

probe() {
    # shellcheck disable=SC2016  # the other side expands it
    there 'set -e; uname -m; python3 -c "import sys; print(\"%d.%d\" % sys.version_info[:2])"
        if [ "$(id -u)" = 0 ]; then echo root; elif sudo -n true 2>/dev/null; then echo sudo; else echo none; fi' 2>&1
}
mapfile -t found < <(probe)
[ "${#found[@]}" -eq 3 ] || refuse "$host: ${found[*]:-no answer}"
machine="${found[0]}" version="${found[1]}" sudo=''
case "${found[2]}" in
root) ;;
sudo) sudo='sudo -n ' ;;
*) refuse "$host: sudo wants a password; let it not: sudo visudo -f /etc/sudoers.d/deploy" ;;
esac
[[ "$machine:$version" =~ ^(aarch64|x86_64):3\.1[123]$ ]] ||
    refuse "$host: Python $version on $machine; it needs 3.11 to 3.13 on aarch64 or x86_64 (a 64-bit system)"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# The device's part alone: neither simulator, nor training, nor the plant's office.
build() {
    local part isolation=() wheel
    mkdir "$work/tree" "$work/stage"
    for part in edge firmware_config; do
        rsync --archive --exclude='__pycache__' "$part" "$work/tree/"
    done
    cp pyproject.toml README.md LICENSE NOTICE "$work/tree/"
    ! "$PYTHON" -c 'import setuptools; raise SystemExit(int(setuptools.__version__.split(".")[0]) < 77)' 2>/dev/null ||
        isolation=(--no-build-isolation)
    SOURCE_DATE_EPOCH=315532800 "$PYTHON" -m pip --quiet --disable-pip-version-check wheel --no-deps \
        "${isolation[@]}" --wheel-dir "$work/stage" "$work/tree"
    wheel="$(basename "$work"/stage/*.whl)"
    "$PYTHON" deploy/narrow.py locks/device.txt "$machine" "$version" >"$work/lock.txt"
    ID="$(cat "$work/stage/$wheel" "$work/lock.txt" | sha256sum | cut -c1-12)"
    cp "$work/lock.txt" "$work/stage/lock.txt"
    printf './%s --hash=sha256:%s\n' "$wheel" "$(sha256sum <"$work/stage/$wheel" | cut -d' ' -f1)" \
        >>"$work/stage/lock.txt"
    [ -z "$profile" ] || cp "$profile" "$work/stage/profile.toml"
}

# The wheels that the lock names, kept between runs.
carry() {
    local kept platform glibc
    kept="${SORTER_WHEELS:-${XDG_CACHE_HOME:-$HOME/.cache}/sorter}/wheels-$(sha256sum "$work/lock.txt" | cut -c1-12)"
    if [ ! -d "$kept" ]; then
        platform=()
        for glibc in 17 27 28 34 36; do platform+=("--platform=manylinux_2_${glibc}_$machine"); done
        rm -rf "$kept.part"
        # The lock is whole; it is another Python that asks, so what a package says of its Python is no answer to it.
        "$PYTHON" -m pip --quiet --disable-pip-version-check download --no-deps --require-hashes --only-binary=:all: \
            --ignore-requires-python "--python-version=$version" "${platform[@]}" "--abi=cp${version/./}" --abi=abi3 \
            --abi=none --dest "$kept.part" --requirement "$work/lock.txt"
        mv "$kept.part" "$kept"
    fi
    cp -r "$kept" "$work/stage/wheels"
}

ask() {
    [ "$yes" = no ] || return 0
    [ -t 0 ] || refuse "nobody to ask here: --yes does it unasked"
    read -rp "$1 [y/N] " answer
    [[ "$answer" =~ ^[yY] ]] || STATUS=0 refuse "nothing was changed"
}

# As a unit of its own: it goes on if this connection breaks, and no two run at once.
remotely() {
    local waited=0
    while there systemctl is-active sorter-deploy 2>/dev/null | grep -qx -e active -e activating -e deactivating; do
        [ "$waited" -gt 0 ] || say "a deploy is under way there: waiting for it"
        [ "$waited" -lt 300 ] || refuse "$host: the other deploy does not end; see journalctl -u sorter-deploy"
        waited=$((waited + 1))
        sleep 2
    done
    # shellcheck disable=SC2029  # expanded here on purpose
    there "${sudo}systemd-run --quiet --wait --pipe --collect --unit=sorter-deploy --property=TimeoutStopSec=5 \
        --setenv=ID=$ID --setenv=HEALTHY=$healthy --setenv=PROFILE=$given --setenv=OFFLINE=$offline \
        bash \"\$HOME/$STAGE/target.sh\" $1"
}

copy() {
    cp deploy/target.sh deploy/system.sh "$work/stage/"
    there command -v rsync >/dev/null || there "${sudo}sh -c 'apt-get update -qq; apt-get install -qq -y rsync'" ||
        refuse "$host: there is no rsync, and it cannot be installed"
    rsync --archive --delete --mkpath --rsh="${SSH[*]}" "$work/stage/" "$host:$STAGE/"
}

ID='' given=no
[ -z "$profile" ] || given="$(sha256sum <"$profile" | cut -d' ' -f1)"
case "$what" in
rollback)
    ask "Back to the release before, on $host?"
    mkdir "$work/stage"
    ;;
uninstall)
    ask "Remove the sorting machine's software, settings and records from $host?"
    mkdir "$work/stage"
    ;;
*)
    say "building for Python $version on $machine"
    build
    cat deploy/system.sh deploy/target.sh >"$work/target.sh"
    changes="$(there "${sudo}env ID=$ID PROFILE=$given OFFLINE=$offline bash -s plan" <"$work/target.sh")" || exit 2
    say "on $host:"
    printf '%s\n' "${changes:-nothing to do}"
    [ "$what" = install ] || exit 0
    ask "Do this?"
    [ "$offline" = no ] || carry
    ;;
esac
say "copying"
copy
remotely "$what"
[ "$what" != uninstall ] || there "rm -rf $STAGE; rmdir --ignore-fail-on-non-empty .cache"
