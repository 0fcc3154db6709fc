#!/bin/sh
# A machine of its own over the files of this one, of which it changes none, with systemd as its first process.
#   first_process.sh WORK SITE LINES PYTHON    as root: WORK an empty folder, SITE what lies at /opt/letters, LINES what is
#   typed first, PYTHON where the interpreter of SITE is installed
# It shares the network with this machine, and ends with the process that it is.
set -eu
work=$1 site=$2 lines=$3 installed=$4
if [ -z "${LETTERS_INSIDE:-}" ]; then
    # a control group of its own, which is the root of all that the systemd inside sees
    groups=$(findmnt -n -o TARGET -t cgroup2 | head -n 1)
    mkdir "$groups/letters-$$"
    echo "$groups/letters-$$" >"$work.group"
    echo $$ >"$groups/letters-$$/cgroup.procs"
    LETTERS_INSIDE=yes exec unshare --mount --uts --ipc --pid --cgroup --fork --kill-child "$0" "$@"
fi
mount --make-rprivate /
mount -t tmpfs tmpfs "$work"
for one in root site venv; do mkdir "$work/$one" "$work/$one.up" "$work/$one.work"; done
over() { mount -t overlay overlay -o "lowerdir=$2,upperdir=$work/$1.up,workdir=$work/$1.work" "$3"; }
over root / "$work/root"
cd "$work/root"
mkdir -p opt/letters usr/local/letters-python
over site "$site" opt/letters
venv=$(readlink -f "$site/.venv")
rm -f opt/letters/.venv 2>/dev/null || true # a link, in a work tree
mkdir -p opt/letters/.venv
over venv "$venv" opt/letters/.venv
# Debian's Python lies where everybody reads; another may lie below a home, of which confined units see nothing.
mount --bind "$installed" usr/local/letters-python
ln -sfn "/usr/local/letters-python/bin/$(basename "$(readlink -f "$venv/bin/python")")" opt/letters/.venv/bin/python3
echo /usr/local/letters-python/lib >etc/ld.so.conf.d/00-letters.conf
chroot . ldconfig
sed -i 's,^home = .*,home = /usr/local/letters-python/bin,' opt/letters/.venv/pyvenv.cfg
mount -t tmpfs tmpfs run
mkdir run/typed
cp "$lines" run/typed/lines
cp "$lines.env" run/typed/env
mount -t proc proc proc
# what is the kernel's belongs to this machine: nothing inside sets or settles it
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for one in null zero full random urandom tty; do
    touch dev/$one
    mount --bind /dev/$one dev/$one
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs tmp
pivot_root . mnt
cd /
umount -l /mnt
hostname letters-test
echo "== the machine is there"
SYSTEMD_OFFLINE=1 sh -eux /run/typed/lines
exec env -i container=other PATH="$PATH" /lib/systemd/systemd --unit=letters.target --show-status=no
