#!/usr/bin/env python3
"""usage: benches/corpus.py KALC FOLDER [--list]

Runs `kalc check` over a collection of configurations whose verdicts are known, and counts. FOLDER holds `verdicts.tsv`,
a table with a head line: the file's path, then for each version of keepalived the exit status of `--config-test` and
its messages, joined by ` ;; ` (`-` for none); the last version counts. Each file is checked by itself.

It fails if kalc panics or takes longer than ten seconds on a file, if kalc has an error where keepalived is content
(unless it is of a rule for what keepalived never says), or if kalc has none where keepalived rejects the text. Where
keepalived only complains (something old, a default put in place) a warning is enough. --list prints each of those
files.
"""
import collections, csv, json, pathlib, re, subprocess, sys

# What keepalived says about the machine it runs on.
MACHINE = re.compile(
    r"not found/accessible|SECURITY VIOLATION|default user|script uid/gid|doesn't exist|Non-existent interface|insecure"
    r"|Unable to (access|set|find)|No such file|not executable|unsafe|realpath|IPVS|ip_vs|keepalived_script|Invalid smtp"
    r"|Unknown interface!|iptables not supported|Config files missing|already exists and is not|messages?$"
)
# A script whose user this machine lacks is removed, and then not found.
NO_USER = re.compile(r"default user|script uid/gid|Unable to set uid/gid")
REMOVED = re.compile(r"track script \S+ not found")
# What it says of a setting that it then runs as it stands, or with another that it names.
COMPLAINT = re.compile(
    r"deprecated|Please use|No VIP specified|this probably isn't|empty \S+ block|already been specified"
    r"|Ignoring track_interface|setting default|protocol specified for fwmark|will be ignored|Only one of"
)
# Rules for what keepalived never says: their errors stand where it is content.
NEVER_SAID = set(
    "KA105 KA106 KA107 KA108 KA109 KA111 KA113 KA114 KA117 KA119 KA120 KA121 KA122 KA123 KA124 KA205 KA206 KA207 KA210"
    " KA212 KA214 KA215 KA304 KA305 KA306 KA309 KA314 KA315 KA317 KA318 KA320 KA352 KA403 KA405 KA411 KA413 KA414 KA501"
    " KA503 KA504 KA505 KA506 KA507 KA509 KA510 KA513 KA514 KA516 KA517 KA563 KA701 KA702 KA704 KA705 KA805 KA807 KA810"
    " KA816 KA851 KA962".split()
)


def check(kalc, path):
    """What kalc finds, or how it failed."""
    try:
        run = subprocess.run(
            [kalc, "check", "--no-cluster", "--format", "json", "-i", "nobody", str(path)],
            capture_output=True, text=True, errors="replace", timeout=10,
        )
    except subprocess.TimeoutExpired:
        return None, "hangs"
    if run.returncode not in (0, 1) or "panicked" in run.stderr:
        return None, f"fails: {run.stderr.strip()[:200]}"
    return json.loads(run.stdout)["diagnostics"], None


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    kalc, folder, show = sys.argv[1], pathlib.Path(sys.argv[2]), "--list" in sys.argv[3:]
    count, listed = collections.Counter(), []
    with (folder / "verdicts.tsv").open(errors="replace") as table:
        rows = list(csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    for row in rows:
        name, texts = row[0], [text.strip() for text in row[-1].split(" ;; ") if text.strip() not in ("", "-")]
        own = [text for text in texts if not MACHINE.search(text)]
        if any(NO_USER.search(text) for text in texts):
            own = [text for text in own if not REMOVED.search(text)]
        rejected = [text for text in own if not COMPLAINT.search(text)]
        found, failure = check(kalc, folder / name)
        count["files"] += 1
        if failure:
            count["kalc fails or hangs"] += 1
            listed.append(("FAILS", name, failure))
            continue
        # Of a template kalc says one thing: that it is none of its business.
        if any("this is a template" in d["message"] for d in found):
            count["templates, of which kalc says so"] += 1
            continue
        errors = [d for d in found if d["severity"] == "error"]
        loud = [d for d in found if d["severity"] in ("error", "warning")]
        if not texts:
            count["keepalived is content"] += 1
            wrong = [d for d in errors if d["code"] not in NEVER_SAID]
            count["  and kalc has an error that keepalived could have said"] += bool(wrong)
            count["  and kalc has an error that only kalc tells"] += bool(errors and not wrong)
            count["  and so is kalc, but for warnings"] += not errors
            listed += [("FALSE ALARM?", name, f"{d['code']} {d['message']}") for d in wrong]
        elif not own:
            count["keepalived speaks of the machine only"] += 1
            wrong = [d for d in errors if d["code"] not in NEVER_SAID]
            count["  and kalc has an error that keepalived could have said (machine)"] += bool(wrong)
            listed += [("FALSE ALARM?", name, f"{d['code']} {d['message']}") for d in wrong]
        elif rejected:
            count["keepalived rejects"] += 1
            count["  and kalc has an error"] += bool(errors)
            count["  and kalc has none"] += not errors
            if not errors:
                listed.append(("MISSED", name, rejected[0]))
        else:
            count["keepalived only complains"] += 1
            count["  and kalc has an error or a warning"] += bool(loud)
            count["  and kalc has neither"] += not loud
            if not loud:
                listed.append(("MISSED", name, own[0]))
    for what, number in count.items():
        print(f"{number:5}  {what}")
    if show:
        for item in listed:
            print(*item, sep="\t")
    return 1 if listed else 0


sys.exit(main())
