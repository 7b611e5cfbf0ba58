#!/usr/bin/env python3
"""usage: benches/lsp.py [--kalc PATH] [--lines N] [--edits N] [--files N]

How long it takes from an edit to its diagnostics in `kalc lsp`, on one file of 10,000 lines (`generate mixed`): median and
99th percentile, beside the time of a whole `kalc check` of the same file; how long a hover takes that is asked for right
behind the edit, while the rules work; and the memory of a server with 200 open files of a fleet. The aim: an edit takes less
than a fifth of the whole process plus 5 ms. Needs `cargo build --release --bin kalc --example generate`.
"""
import argparse
import json
import os
import pathlib
import queue
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


class Client:
    """A client that sends and waits."""

    def __init__(self, kalc, folder):
        self.server = subprocess.Popen([kalc, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.messages = queue.Queue()
        self.next = 0
        threading.Thread(target=self.listen, daemon=True).start()
        root = pathlib.Path(folder).as_uri()
        self.request("initialize", {"processId": None, "rootUri": root, "capabilities": {},
                                    "workspaceFolders": [{"uri": root, "name": "bench"}]})
        self.notify("initialized", {})

    def listen(self):
        out = self.server.stdout
        while True:
            length = 0
            while (line := out.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            self.messages.put((json.loads(out.read(length)), time.perf_counter()))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.server.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        number = self.ask(method, params)
        return self.wait(lambda message: message.get("id") == number and "method" not in message)

    def ask(self, method, params):
        self.next += 1
        self.send({"id": self.next, "method": method, "params": params})
        return self.next

    def wait(self, is_it, patience=120):
        """The message and when it came; what else comes is let go."""
        while True:
            message, at = self.messages.get(timeout=patience)
            if is_it(message):
                return message, at

    def open(self, path, text):
        uri = path.as_uri()
        item = {"uri": uri, "languageId": "keepalived", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def stop(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        self.server.wait(10)


def diagnostics_of(uri, version):
    def is_it(message):
        params = message.get("params", {})
        return (message.get("method") == "textDocument/publishDiagnostics"
                and params.get("uri") == uri and params.get("version") == version)
    return is_it


def percentile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def show(name, times):
    print(f"{name:40} median {statistics.median(times):8.1f} ms   p99 {percentile(times, 0.99):8.1f} ms")


def whole_process(kalc, path, runs=21):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run([kalc, "check", "--format", "short", str(path)], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        times.append((time.perf_counter() - start) * 1000)
    return times


def edits(kalc, text, count):
    """Milliseconds from an edit to its diagnostics, and to the answer of a hover sent right behind it."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "keepalived.conf"
        path.write_text(text)
        checked = whole_process(kalc, path)
        client = Client(kalc, folder)
        uri = client.open(path, text)
        client.wait(diagnostics_of(uri, 1))
        lines = text.split("\n")
        places = [number for number, line in enumerate(lines) if line.startswith("    priority ") or "weight" in line]
        shown, hovers = [], []
        for version in range(2, count + 2):
            line = places[(version * 7919) % len(places)]
            at = {"line": line, "character": len(lines[line])}
            # A digit more, and with the next edit one less: both are found and not found.
            new, end = ("0", at) if version % 2 == 0 else ("", {**at, "character": at["character"] + 1})
            if version % 2:
                at, end = last, {**last, "character": last["character"] + 1}
            last = at
            with_hover = version % 10 == 0
            start = time.perf_counter()
            change = {"range": {"start": at, "end": end}, "text": new}
            client.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": version},
                                                     "contentChanges": [change]})
            number = None
            if with_hover:
                position = {"line": line, "character": 6}
                number = client.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
            is_shown, is_answered = diagnostics_of(uri, version), lambda message: message.get("id") == number
            waiting = 2 if with_hover else 1
            while waiting:
                message, came = client.wait(lambda message: is_shown(message) or number and is_answered(message))
                waiting -= 1
                if not is_shown(message):
                    hovers.append((came - start) * 1000)
                elif not with_hover:
                    shown.append((came - start) * 1000)
        client.stop()
        return checked, shown, hovers


def memory(kalc, count):
    """Megabytes of a server with so many open files of 300 lines, of hosts that are peers of each other."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([RELEASE / "examples" / "generate", "fleet", str(count), folder], check=True)
        paths = sorted(pathlib.Path(folder).rglob("*.conf"))[:count]
        client = Client(kalc, folder)
        uris = [client.open(path, path.read_text()) for path in paths]
        waiting = set(uris)

        def is_last(message):
            if message.get("method") == "textDocument/publishDiagnostics":
                waiting.discard(message["params"]["uri"])
            return not waiting
        client.wait(is_last)
        status = pathlib.Path(f"/proc/{client.server.pid}/status").read_text()
        numbers = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith("Vm")}
        size = sum(path.stat().st_size for path in paths)
        client.stop()
        return len(paths), size, int(numbers["VmRSS"]) / 1024, int(numbers["VmHWM"]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kalc", default=str(RELEASE / "kalc"))
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--edits", type=int, default=300)
    parser.add_argument("--files", type=int, default=200)
    args = parser.parse_args()
    generate = [RELEASE / "examples" / "generate", "mixed", str(args.lines)]
    text = subprocess.run(generate, check=True, capture_output=True, text=True).stdout
    checked, shown, hovers = edits(args.kalc, text, args.edits)
    print(f"one file of {text.count(chr(10))} lines, {len(text)} bytes; {args.edits} edits of one character")
    show("kalc check, the whole process", checked)
    show("edit to diagnostics", shown)
    show("hover right behind an edit", hovers)
    aim = statistics.median(checked) / 5 + 5
    reached = "reached" if statistics.median(shown) < aim else "missed"
    print(f"aim: a fifth of the process plus 5 ms = {aim:.1f} ms: {reached}")
    files, size, now, most = memory(args.kalc, args.files)
    print(f"{files} open files, {size / 1e6:.1f} MB of text: {now:.0f} MB of memory, at most {most:.0f} MB")


if __name__ == "__main__":
    main()
