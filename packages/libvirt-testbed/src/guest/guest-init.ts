/** What runs in the test guest. Plain busybox shell; no text of it depends on the host. */

/**
 * Drivers loaded at boot, besides those built into the kernel (serial port, ext4, PCI hotplug).
 * `button` and `evdev` turn ACPI's power button into an input event for acpid.
 */
export const guestModules = [
  'virtio_pci',
  'virtio_blk',
  'virtio_net',
  'virtio_console',
  'virtio_scsi',
  'sd_mod',
  'sr_mod',
  'isofs',
  'virtio_balloon',
  'virtio_rng',
  'button',
  'evdev',
] as const;

/**
 * Process 1. Prints `GUEST-UP <name>` once the guest answers the power button, where the name is `guest=` of the kernel
 * command line or else the uuid the hypervisor gave the machine.
 *
 * A file system on the first disk is mounted, so that freezing has something to freeze; a blank disk is not touched.
 * Process 1 ends as an endless loop that reaps, with a shell on the serial console.
 */
export const initScript = `#!/bin/busybox sh
export PATH=/sbin:/bin HOME=/ PS1='guest# '
/bin/busybox mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts && mount -t devpts pts /dev/pts
while read -r module; do insmod "/lib/modules/$module.ko"; done < /etc/modules

name=$(cat /sys/class/dmi/id/product_uuid 2>/dev/null)
for word in $(cat /proc/cmdline); do
  case $word in guest=*) name=\${word#guest=} ;; esac
done
hostname "\${name:-guest}"

for link in /sys/class/net/*; do ip link set "\${link##*/}" up; done
[ -b /dev/vda ] && mount -t ext4 /dev/vda /mnt 2>/dev/null

acpid
# It opens the buttons after it has gone to the background, and writes this file once it has.
tries=0
until [ -s /run/acpid.pid ] || [ $((tries += 1)) -gt 200 ]; do usleep 10000; done

for port in /sys/class/virtio-ports/*; do
  [ "$(cat "$port/name" 2>/dev/null)" = org.qemu.guest_agent.0 ] || continue
  mkdir -p /dev/virtio-ports && ln -s "/dev/\${port##*/}" /dev/virtio-ports/org.qemu.guest_agent.0
  (while :; do qemu-ga --method=virtio-serial --statedir=/run --logfile=/run/qemu-ga.log; sleep 1; done) &
done

echo "GUEST-UP \${name:-guest}"
while :; do setsid cttyhack sh; sleep 1; done
`;

/** What the power button runs; busybox's acpid looks for it under this event's name. */
export const powerButtonScript = `#!/bin/sh
exec /sbin/shutdown -P
`;

/** Called by the guest agent as `shutdown -h -P|-H|-r +0 …`, and by the power button. Begins a line: the prompt has none. */
export const shutdownScript = `#!/bin/sh
printf '\\nGUEST-DOWN %s\\n' "$*" > /dev/console
umount /mnt 2>/dev/null
sync
case "$*" in *-r*) exec reboot -f ;; *-H*) exec halt -f ;; *) exec poweroff -f ;; esac
`;

/** Called by the guest agent to set a password: lines of `user:password`, with -e when they are hashed already. */
export const chpasswdScript = `#!/bin/sh
while IFS=: read -r user password; do
  [ "$1" = -e ] || password=$(mkpasswd -m sha512 "$password")
  grep -q "^$user:" /etc/shadow || { echo "chpasswd: no user $user" >&2; exit 1; }
  awk -F: -v OFS=: -v user="$user" -v hash="$password" '$1 == user { $2 = hash } { print }' /etc/shadow > /etc/shadow.new
  mv /etc/shadow.new /etc/shadow
done
`;
