#!/usr/bin/env python3
"""kalc's daemon beside keepalived, in one run, in network namespaces of its own.

    benches/daemon.py target/release/kalc [keepalived]

Needs root, iproute2 and keepalived. Prints a table: what each needs, and the ratio. Times depend on the machine, ratios hardly.
Every daemon runs in the same two namespaces, one after the other; packets are counted on the other side of a veth pair, addresses
by the kernel's own messages. Nothing leaves the namespaces, and what was started is ended.
"""
import os, shutil, signal, socket, statistics, struct, subprocess, sys, tempfile, threading, time

SPACE = f"kalc-bench-{os.getpid()}"
HOST, PEER = f"{SPACE}-a", f"{SPACE}-b"
GROUP = "224.0.0.18"


def sh(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def enter(space):
    """Runs the rest of this thread in a namespace."""
    with open(f"/run/netns/{space}") as handle:
        os.setns(handle.fileno(), os.CLONE_NEWNET) if hasattr(os, "setns") else setns(handle.fileno())


def setns(fd):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Lab:
    def __enter__(self):
        for space in (HOST, PEER):
            sh("ip", "netns", "add", space)
            sh("ip", "-n", space, "link", "set", "lo", "up")
        sh("ip", "-n", HOST, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", PEER)
        for space, last in ((HOST, 1), (PEER, 2)):
            sh("ip", "-n", space, "link", "set", "eth0", "up")
            sh("ip", "-n", space, "addr", "add", f"10.99.0.{last}/24", "dev", "eth0")
        return self

    def __exit__(self, *_):
        for space in (HOST, PEER):
            subprocess.run(["ip", "netns", "del", space], check=False)


class Watch(threading.Thread):
    """Notes when something arrives on a socket that `open_socket` makes in a namespace."""

    def __init__(self, space, open_socket, read):
        super().__init__(daemon=True)
        self.space, self.open_socket, self.read = space, open_socket, read
        self.events, self.ready, self.done = [], threading.Event(), False
        self.start()
        self.ready.wait()

    def run(self):
        enter(self.space)
        with self.open_socket() as sock:
            sock.settimeout(0.05)
            self.ready.set()
            while not self.done:
                try:
                    data = sock.recv(1 << 16)
                except TimeoutError:
                    continue
                except OSError:
                    continue  # an overrun; the counts tell
                at = time.monotonic()
                self.events.extend((at, what) for what in self.read(data))

    def stop(self):
        self.done = True
        self.join()


def packets():
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    sock.bind(("eth0", 0))
    sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)  # SO_RCVBUFFORCE
    return sock


def adverts(frame):
    if len(frame) > 37 and frame[23] == 112:
        yield ("advert", frame[35], frame[36])  # VRID, priority


def addresses():
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    sock.bind((0, 0x10))  # RTMGRP_IPV4_IFADDR
    sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)
    return sock


def changes(data):
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        if length < 16:
            return
        if kind in (20, 21):
            yield "added" if kind == 20 else "removed"
        data = data[(length + 3) & ~3:]


class Daemon:
    def __init__(self, kind, program, config):
        self.folder = tempfile.mkdtemp(prefix="kalc-bench-")
        path = os.path.join(self.folder, "keepalived.conf")
        with open(path, "w") as file:
            file.write(config)
        inside = ["ip", "netns", "exec", HOST]
        if kind == "kalc":
            words = [program, "run", "-f", path, "--run-dir", os.path.join(self.folder, "run")]
        else:
            pids = [f"{self.folder}/{name}.pid" for name in ("main", "vrrp", "checkers", "bfd")]
            words = [program, "-n", "-G", "-P", "-f", path, "-p", pids[0], "-r", pids[1], "-c", pids[2], "-b", pids[3]]
        self.adverts = Watch(PEER, packets, adverts)
        self.addresses = Watch(HOST, addresses, changes)
        self.started = time.monotonic()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        self.process = subprocess.Popen(inside + words, **quiet)

    def tree(self):
        if self.process.poll() is not None:
            sys.exit(f"{self.process.args} ended by itself with status {self.process.returncode}")
        pids, found = [self.process.pid], []
        while pids:
            pid = pids.pop()
            found.append(pid)
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as file:
                    pids.extend(int(child) for child in file.read().split())
            except FileNotFoundError:
                pass
        return found

    def pss(self):
        total = 0
        for pid in self.tree():
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        return total / 1024

    def cpu(self):
        ticks = 0
        for pid in self.tree():
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(") ", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def wait(self, what, timeout=20):
        """Whether `what` comes to hold while the daemon runs."""
        end = time.monotonic() + timeout
        while time.monotonic() < end and self.process.poll() is None:
            if what():
                return True
            time.sleep(0.005)
        return False

    def end(self):
        before = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        took = time.monotonic() - before
        self.adverts.stop()
        self.addresses.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        return took


def instance(vrid, rest, addresses="10.99.0.100"):
    return (f"vrrp_instance VI_{vrid} {{\n interface eth0\n virtual_router_id {vrid}\n {rest}\n"
            f" virtual_ipaddress {{\n {addresses}\n }}\n}}\n")


def advert_of_a_master(vrid, priority):
    pdu = bytearray([0x21, vrid, priority, 1, 0, 1, 0, 0, 10, 99, 0, 100] + [0] * 8)
    total = sum(struct.unpack(f"!{len(pdu) // 2}H", pdu))
    total = (total & 0xffff) + (total >> 16)
    struct.pack_into("!H", pdu, 6, ~(total + (total >> 16)) & 0xffff)
    return bytes(pdu)


def first_advert(kind, program):
    daemon = Daemon(kind, program, instance(51, "state MASTER\n priority 255"))
    daemon.wait(lambda: daemon.adverts.events)
    took = (daemon.adverts.events[0][0] - daemon.started) * 1000 if daemon.adverts.events else float("nan")
    leaving = daemon.end() * 1000
    return took, leaving


def takeover(kind, program):
    """From the last advert of a master to the address, less the master-down interval."""
    daemon = Daemon(kind, program, instance(51, "priority 100"))
    last = []

    def speak():
        enter(PEER)
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, 112) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.99.0.2"))
            for _ in range(3):
                last.append(time.monotonic())
                sock.sendto(advert_of_a_master(51, 200), (GROUP, 0))
                time.sleep(1)

    speaker = threading.Thread(target=speak)
    speaker.start()
    speaker.join()
    daemon.wait(lambda: any(what == "added" for _, what in daemon.addresses.events))
    added = [at for at, what in daemon.addresses.events if what == "added"]
    daemon.end()
    return (added[0] - last[-1] - 3 - 156 / 256) * 1000 if added else float("nan")


def many_addresses(kind, program, count):
    """Time to bind, and the longest pause between adverts meanwhile, in intervals."""
    excluded = "\n ".join(f"10.{100 + n // 250 // 250}.{n // 250 % 250}.{n % 250 + 1}/32" for n in range(count))
    config = instance(51, "state MASTER\n priority 255\n version 3\n advert_int 0.1\n garp_master_repeat 1\n"
                          f" virtual_ipaddress_excluded {{\n {excluded}\n }}")
    daemon = Daemon(kind, program, config)
    added = lambda: [at for at, what in daemon.addresses.events if what == "added"]
    daemon.wait(lambda: len(added()) > count)
    time.sleep(1.5)
    times, adverts = added(), [at for at, _ in daemon.adverts.events]
    daemon.end()
    if len(times) < 2 or len(adverts) < 3:
        return float("nan"), float("nan")
    gap = max(b - a for a, b in zip(adverts, adverts[1:]))
    return (times[-1] - times[0]) * 1000, gap / 0.1


def memory(kind, program):
    daemon = Daemon(kind, program, instance(51, "priority 100"))
    time.sleep(5)
    pss = daemon.pss()
    daemon.end()
    return pss


def load(kind, program, seconds=30):
    config = "".join(instance(vrid, "state MASTER\n priority 255\n version 3\n advert_int 0.1", f"10.99.1.{vrid}")
                     for vrid in range(1, 256))
    daemon = Daemon(kind, program, config)
    time.sleep(3)
    before = daemon.cpu()
    count = len(daemon.adverts.events)
    time.sleep(seconds)
    used = (daemon.cpu() - before) * 60 / seconds
    sent = (len(daemon.adverts.events) - count) / seconds
    daemon.end()
    return used, sent


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    programs = {"kalc": os.path.abspath(sys.argv[1]), "keepalived": shutil.which((sys.argv + ["keepalived"])[2])}
    if os.geteuid() != 0 or not programs["keepalived"]:
        sys.exit("needs root and keepalived")
    rows = {}

    def note(row, kind, value):
        rows.setdefault(row, {}).setdefault(kind, []).append(value)

    with Lab():
        for kind, program in programs.items():
            for _ in range(5):
                start, leave = first_advert(kind, program)
                note("first advert after exec, ms", kind, start)
                note("exit after SIGTERM, ms", kind, leave)
            for _ in range(3):
                note("address after a crash, beyond theory, ms", kind, takeover(kind, program))
            for count in (1000, 5000):
                for _ in range(3):
                    bind, gap = many_addresses(kind, program, count)
                    note(f"bind {count} addresses, ms", kind, bind)
                    note(f"longest pause between adverts meanwhile, intervals ({count})", kind, gap)
            note("memory (PSS), MiB", kind, memory(kind, program))
            used, sent = load(kind, program)
            note("255 instances at 0.1 s: CPU seconds a minute", kind, used)
            note("255 instances at 0.1 s: adverts a second", kind, sent)
    print(f"{'':62}{'kalc':>10}{'keepalived':>12}{'ratio':>8}")
    for row, values in rows.items():
        middle = {kind: statistics.median(found) for kind, found in values.items()}
        ratio = middle["kalc"] / middle["keepalived"] if middle["keepalived"] else float("nan")
        print(f"{row:62}{middle['kalc']:10.2f}{middle['keepalived']:12.2f}{ratio:8.2f}")


if __name__ == "__main__":
    main()
