#!/usr/bin/env bash
# What deploy/target.sh changes in the target's system, outside of /opt/sorter: packages, groups, links to a release's
# own files, boot settings, the profile; and how all of it goes again. Read by it, never run.
# shellcheck disable=SC2034,SC2154  # the two files are one program

UNITS=(sorter.service sorter-update.service sorter-update.timer)
PACKAGES=(python3-venv python3-lgpio python3-picamera2 python3-libcamera mosquitto rsync)
BOOT=/boot/firmware
BOOT_MARK="# The sorting machine's:"
# The system's file, and what of a release it is a link to: each brings its own along, and takes them back.
LINKS=(
    /usr/local/bin/sorter:bin/sorter
    /etc/sysusers.d/sorter.conf:system/sysusers/sorter.conf
    /etc/udev/rules.d/60-sorter.rules:system/udev/60-sorter.rules
    /etc/systemd/journald.conf.d/sorter.conf:system/journald/sorter.conf
    /etc/systemd/system.conf.d/sorter-watchdog.conf:system/systemd/watchdog.conf
    /etc/systemd/system/sorter.service:system/systemd/sorter.service
    /etc/systemd/system/sorter-update.service:system/systemd/sorter-update.service
    /etc/systemd/system/sorter-update.timer:system/systemd/sorter-update.timer
)

has_package() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
lists() { compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; }
offered() { apt-cache show "$1" >/dev/null 2>&1; }
note() { grep -qsxF "$*" "$TOP/made" || { printf '%s\n' "$*" >>"$TOP/made"; sync "$TOP/made"; }; }

profile_is_there() { [ "$(sha256sum /etc/sorter/profile.toml 2>/dev/null | cut -d' ' -f1)" = "$PROFILE" ]; }

missing_packages() {
    local name
    for name in "${PACKAGES[@]}"; do
        if ! has_package "$name" && offered "$name"; then echo "$name"; fi
    done
}

missing_groups() {
    local name
    for name in gpio video; do getent group "$name" >/dev/null || echo "$name"; done
}

# What `install` would change, a line each; nothing where there is nothing to do.
plan() {
    local pair packages groups current
    current="$(points_to current)"
    packages="$(missing_packages | xargs)"
    groups="$(missing_groups | xargs)"
    lists || [ "$OFFLINE" = yes ] || echo "fetch apt's lists, and install what of this is missing: ${PACKAGES[*]}"
    [ -z "$packages" ] || echo "install packages: $packages"
    [ -z "$groups" ] || echo "make groups: $groups"
    for pair in "${LINKS[@]}"; do
        [ -L "${pair%%:*}" ] || echo "write ${pair%%:*}"
    done
    if [ -e "$BOOT/config.txt" ] && ! grep -qxF "include sorter.txt" "$BOOT/config.txt"; then
        echo "write $BOOT/sorter.txt, and include it in config.txt; it holds from the next reboot on"
    fi
    if [ "$PROFILE" != no ]; then
        profile_is_there || echo "write /etc/sorter/profile.toml"
    elif [ ! -e /etc/sorter/profile.toml ]; then
        refuse "there is no /etc/sorter/profile.toml there: --profile FILE, say firmware_config/profiles/one-lane.toml"
    fi
    if [ "$current" != "$ID" ] || [ -e "$TOP/trial" ]; then
        echo "install release $ID in $TOP/releases beside ${current:-nothing}, and switch to it"
    fi
}

system_packages() {
    local name missing
    lists || [ "$OFFLINE" = yes ] || apt-get update --quiet=2
    mapfile -t missing < <(missing_packages)
    for name in "${PACKAGES[@]}"; do
        has_package "$name" || offered "$name" || say "no package $name here: what needs it does without"
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    say "packages: ${missing[*]}"
    for name in "${missing[@]}"; do note "package $name"; done
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}"
}

system_files() {
    local pair name
    for name in $(missing_groups); do note "group $name"; done
    for pair in "${LINKS[@]}"; do
        mkdir -p "$(dirname "${pair%%:*}")"
        ln -sfn "$TOP/current/${pair#*:}" "${pair%%:*}"
    done
    mkdir -p /etc/sorter
    if [ "$PROFILE" != no ] && ! profile_is_there; then
        if [ -e /etc/sorter/profile.toml ] && [ ! -e "$TOP/profile.before" ]; then
            cp /etc/sorter/profile.toml "$TOP/.before"
            mv "$TOP/.before" "$TOP/profile.before"
        fi
        install -m 0644 "$HERE/profile.toml" /etc/sorter/.profile.toml
        sync /etc/sorter/.profile.toml
        mv /etc/sorter/.profile.toml /etc/sorter/profile.toml
    fi
    [ -e "$BOOT/config.txt" ] || return 0
    # The lines of this machine's own wiring, in place of the reference machines'.
    {
        grep -v '^gpio=' "$TOP/releases/$ID/system/boot/config.txt"
        "$TOP/releases/$ID/bin/sorter" check /etc/sorter/profile.toml --boot
    } >"$BOOT/.sorter.txt"
    mv "$BOOT/.sorter.txt" "$BOOT/sorter.txt"
    if ! grep -qxF "include sorter.txt" "$BOOT/config.txt"; then
        { awk 1 "$BOOT/config.txt"; printf '%s\n[all]\ninclude sorter.txt\n' "$BOOT_MARK"; } >"$BOOT/.config.txt"
        sync -f "$BOOT"
        mv "$BOOT/.config.txt" "$BOOT/config.txt"
        say "the boot settings hold from the next reboot on"
    fi
}

uninstall() {
    local kind name pair
    systemctl disable --now "${UNITS[@]}" 2>/dev/null || true
    systemctl clean --what=state --what=runtime sorter.service 2>/dev/null || true
    for pair in "${LINKS[@]}"; do rm -f "${pair%%:*}"; done
    if [ -e "$BOOT/sorter.txt" ]; then
        sed -i "/^$BOOT_MARK\$/,/^include sorter\.txt\$/d" "$BOOT/config.txt"
        rm -f "$BOOT/sorter.txt"
    fi
    systemctl daemon-reload
    if [ -e "$TOP/made" ]; then
        while read -r kind name; do
            case "$kind" in
            package) DEBIAN_FRONTEND=noninteractive apt-get purge --quiet=2 --yes --autoremove "$name" || true ;;
            group) groupdel "$name" 2>/dev/null || true ;;
            esac
        done <"$TOP/made"
    fi
    rm -rf /etc/sorter /run/sorter /var/lib/sorter /var/lib/private/sorter "$TOP" "$LOG"
    rmdir --ignore-fail-on-non-empty /etc/systemd/journald.conf.d /etc/systemd/system.conf.d 2>/dev/null || true
    say "nothing of it is left"
}
