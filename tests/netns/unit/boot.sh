#!/bin/bash
# usage: boot.sh UNIT KALC CONFIG DIR
# Boots systemd in namespaces of its own, with the unit of kalc, one interface, and nothing of the host that could be written: no other
# unit runs. Ends with it, and takes its control groups away.
set -eu
unit=$1 kalc=$2 config=$3 dir=$4
if [ "${5:-}" != inside ]; then
    # Control groups below one of our own, so that nothing of them stays.
    mount --make-rprivate /
    groups=$dir/groups
    mkdir "$groups"
    mount -t cgroup2 cgroup2 "$groups"
    own=$groups/kalc-test-$$
    mkdir "$own"
    echo $$ >"$own/cgroup.procs"
    status=0
    unshare --fork --pid --mount-proc --net --uts --ipc --cgroup "$0" "$unit" "$kalc" "$config" "$dir" inside || status=$?
    echo $$ >"$groups/cgroup.procs"
    sleep 0.2
    find "$own" -depth -type d -exec rmdir {} +
    exit $status
fi
# A root of its own, with the programs of the host and nothing else of it.
root=$dir/root
mkdir "$root"
mount -t tmpfs -o mode=755 tmpfs "$root"
cd "$root"
mkdir -p usr etc proc sys dev run tmp var/tmp root home old
# Systemd would mount its own over what is there.
mount -t tmpfs tmpfs run
mkdir -p run/systemd/system/kalc.service.d run/bin run/lock
for name in bin sbin lib lib32 lib64 libx32; do [ ! -L "/$name" ] || ln -s "usr/$name" "$name"; done
for folder in usr etc; do
    mount --bind "/$folder" "$folder"
    mount -o remount,bind,ro "$folder"
done
mount --rbind /dev dev
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
cp "$kalc" run/bin/kalc
cp "$config" run/keepalived.conf
cp "$unit" run/systemd/system/kalc.service
pivot_root . old
umount -l /old
rmdir /old
cat >/run/systemd/system/kalc.service.d/test.conf <<CONF
[Unit]
# What the host would start at its boot is not started here.
DefaultDependencies=no
Wants=
After=
[Service]
StandardOutput=append:/run/kalc.log
ExecStart=
ExecStart=/run/bin/kalc run -f /run/keepalived.conf
ExecReload=
ExecReload=/run/bin/kalc reload
CONF
cat >/run/systemd/system/test.target <<CONF
[Unit]
DefaultDependencies=no
Requires=kalc.service
After=kalc.service
AllowIsolate=yes
CONF
ip link set lo up
ip link add eth0 type veth peer name far0
ip link set eth0 up
ip link set far0 up
ip addr add 10.99.0.1/24 dev eth0
export container=test
exec /lib/systemd/systemd --system --unit=test.target --show-status=no
