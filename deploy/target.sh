#!/usr/bin/env bash
# The target's side of deploy.sh, as root: `target.sh plan|install|rollback|uninstall`. Every step may be killed and
# done again: a release counts once it is marked complete, what runs is one symlink, and /opt/sorter/trial says that it
# has not proved itself yet.
set -euo pipefail

TOP=/opt/sorter
HERE="$(cd "$(dirname "$0")" && pwd)"
HEALTHY="${HEALTHY:-60}"
LOG=/var/log/sorter-deploy.log

say() { printf '== %s\n' "$*"; }
refuse() { printf 'deploy: %s\n' "$*" >&2; exit 1; }
# shellcheck source=deploy/system.sh
[ -n "${LINKS+known}" ] || . "$HERE/system.sh"

points_to() { if [ -L "$TOP/$1" ]; then basename "$(readlink "$TOP/$1")"; fi; }
complete() { [ -n "$1" ] && [ -e "$TOP/releases/$1/complete" ]; }

# Atomically: `point NAME ID`.
point() {
    ln -sfn "releases/$2" "$TOP/.$1"
    mv -T "$TOP/.$1" "$TOP/$1"
    sync -f "$TOP"
}

# A run that was killed left it: what is not complete, and a switch that has not proved itself to another release.
settle() {
    local folder before after
    for folder in "$TOP"/releases/*/; do
        if [ -d "$folder" ] && [ ! -e "$folder/complete" ]; then
            say "removing $(basename "$folder"), which was not finished"
            rm -rf "$folder"
        fi
    done
    if [ -e "$TOP/trial" ]; then
        read -r before after <"$TOP/trial" || true
        if [ "${after:-}" != "$ID" ] && complete "${before:-none}"; then
            say "going back to $before: a deploy was cut off before ${after:-another release} had proved itself"
            back "$before"
        fi
    fi
}

release() {
    local folder="$TOP/releases/$ID"
    if complete "$ID"; then return; fi
    say "release: a virtual environment in $folder"
    mkdir -p "$folder"
    python3 -m venv --system-site-packages "$folder"
    say "release: what the lock names"
    local source=()
    [ ! -d "$HERE/wheels" ] || source=(--no-index "--find-links=$HERE/wheels")
    (cd "$HERE" && "$folder/bin/python" -m pip --quiet --disable-pip-version-check install --only-binary=:all: \
        --no-deps --no-warn-conflicts --ignore-installed --require-hashes "${source[@]}" -r lock.txt)
    ln -sfn "$(cd "$folder" && echo lib/python3*/site-packages/firmware_config)" "$folder/system"
}

# What is new must hold here before it may move a gate. The old one sorts on.
examine() {
    local bin="$TOP/releases/$ID/bin" profile=/etc/sorter/profile.toml
    [ "$PROFILE" = no ] || profile="$HERE/profile.toml"
    say "sorter check"
    "$bin/sorter" check "$profile" || refuse "the profile and release $ID do not fit each other"
    say "sorter doctor"
    "$bin/sorter" doctor --profile "$profile" || say "the doctor found faults (above)"
    "$bin/sorter" doctor --profile "$profile" --only software --only bundle >/dev/null ||
        refuse "the doctor finds fault with release $ID itself"
    sync -f "$TOP"
    touch "$TOP/releases/$ID/complete"
    sync -f "$TOP"
}

start() {
    systemctl daemon-reload
    systemd-sysusers /etc/sysusers.d/sorter.conf
    udevadm control --reload 2>/dev/null || true
    udevadm trigger --settle --subsystem-match={gpio,media,video4linux,dma_heap} 2>/dev/null || true
    systemctl reset-failed sorter 2>/dev/null || true
    systemctl restart sorter
}

back() {
    [ ! -e "$TOP/profile.before" ] || cp "$TOP/profile.before" /etc/sorter/profile.toml
    if complete "$1"; then
        point current "$1"
        start || say "$1 does not start either: journalctl -u sorter"
    else
        systemctl disable --now "${UNITS[@]}" 2>/dev/null || true
        rm -f "$TOP/current"
    fi
    rm -f "$TOP/trial" "$TOP/profile.before"
}

state() { systemctl show sorter --value --property="$1"; }

# READY, and then so many seconds without an end; and where the one before sorted, it has sorted within them.
proves_itself() {
    local second restarts sorted=no
    start || return 1
    restarts="$(state NRestarts)"
    say "READY; watching it for $HEALTHY s"
    for ((second = 0; second < HEALTHY; second++)); do
        sleep 1
        if [ "$(state ActiveState)" != active ] || [ "$(state NRestarts)" != "$restarts" ]; then return 1; fi
        [ "$(state StatusText)" != sorting ] || sorted=yes
    done
    [ "$1" != sorting ] || [ "$sorted" = yes ]
}

switch() {
    local before did folder
    before="$(points_to current)"
    did="$(state StatusText)"
    # A switch that was cut off goes on from where it came.
    if [ -e "$TOP/trial" ]; then before="$(cut -d' ' -f1 "$TOP/trial")"; fi
    printf '%s %s\n' "${before:-none}" "$ID" >"$TOP/.trial"
    sync "$TOP/.trial"
    mv "$TOP/.trial" "$TOP/trial"
    say "switching from ${before:-nothing} to $ID"
    point current "$ID"
    if ! proves_itself "$did"; then
        journalctl --no-pager --output=cat --lines=20 --unit=sorter || true
        say "going back to ${before:-nothing}"
        back "${before:-none}"
        case "$ID" in "$before" | "$(points_to previous)") ;; *) rm -rf "${TOP:?}/releases/$ID" ;; esac
        refuse "release $ID did not prove itself; ${before:-nothing} runs again"
    fi
    systemctl enable --quiet sorter.service sorter-update.timer
    if [ "$before" != "$ID" ] && complete "${before:-none}"; then point previous "$before"; fi
    rm -f "$TOP/trial" "$TOP/profile.before"
    for folder in "$TOP"/releases/*/; do
        case "$(basename "$folder")" in
        "$ID" | "$(points_to previous)") ;;
        *) rm -rf "$folder" ;;
        esac
    done
    say "$ID sorts"
}

install_() {
    if [ "$(stat -f -c %T /)" = overlayfs ]; then
        say "the root is an overlay: what is kept in memory alone is gone with the next start (raspi-config)"
    fi
    mkdir -p "$TOP/releases"
    settle
    system_packages
    if [ -z "$(plan)" ] && [ "$(state ActiveState)" = active ]; then
        say "release $ID is there already, and runs"
        return
    fi
    release
    examine
    system_files
    switch
}

rollback() {
    ID="$(points_to previous)"
    complete "$ID" || refuse "there is no release before the current one"
    PROFILE=no
    switch
}

# Whoever asked may be gone: the log stays, and nothing here fails for want of a listener.
if [ "$1" != plan ]; then
    exec > >(tee --ignore-interrupts -p --append "$LOG") 2>&1
    LOGGER=$!
    trap 'exec >&- 2>&-; wait "$LOGGER"' EXIT
fi
case "$1" in
plan) plan ;;
install) install_ ;;
rollback) rollback ;;
uninstall) uninstall ;;
esac
