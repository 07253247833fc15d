#!/usr/bin/env python3
"""Other rules while events flow: a process is sent units over HTTP and through a spool, without a pause, while its
rules change again and again; every third change is broken.

  reload.py WEIR [--reloads 9] [--rate 20] [--by signal|file]

No event may be skipped or decided twice, each unit must be decided by one version of the rules, a broken change must
leave the version before it, and a correlation that did not change must go on counting. Prints one line; exit 1 when
anything is otherwise.
"""
import argparse
import collections
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

EVENTS_IN_UNIT = 40

# `every_call` says which version decided; `volume` counts over all of them and never changes.
RULES = """
rule every_call {{  # allow: W805 the test is outside
  title: "Every call"
  level: low
  source: cloudtrail
  detection {{
    selection {{ eventSource: "route53.amazonaws.com" }}
    condition: selection
  }}
  message: "{version} {{eventID}}"
}}
"""
STEADY = """
rule volume {  # allow: W805 the test is outside
  title: "Volume"
  level: medium
  source: cloudtrail
  detection {
    selection { eventSource: "route53.amazonaws.com" }
    condition: selection
  }
  correlation {
    group_by: KEY
    timespan: 24h tumbling
    condition: count() >= 2
  }
  message: "volume"
}
"""


def event(unit, number):
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return json.dumps({"eventVersion": "1.09", "userIdentity": {"type": "IAMUser"}, "eventTime": when,
                       "eventSource": "route53.amazonaws.com", "eventName": "GetHostedZone", "awsRegion": "us-east-1",
                       "sourceIPAddress": "198.51.100.7", "eventID": f"{unit}-{number}",
                       "recipientAccountId": "111122223333"}, separators=(",", ":"))


class Feed(threading.Thread):
    """Units, one after the other: posts that must be answered 200, and every fourth into the spool."""

    def __init__(self, port, spool, pause):
        super().__init__()
        self.port, self.spool, self.pause = port, spool, pause
        self.going, self.units, self.answers = True, 0, collections.Counter()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while self.going:
            body = "".join(event(self.units, i) + "\n" for i in range(EVENTS_IN_UNIT))
            if self.units % 4 == 3:
                hidden = os.path.join(self.spool, f".{self.units}")
                with open(hidden, "w") as out:
                    out.write(body)
                os.rename(hidden, os.path.join(self.spool, f"{self.units}.ndjson"))
            else:
                connection.request("POST", "/ingest", body)
                answer = connection.getresponse()
                answer.read()
                self.answers[answer.status] += 1
            self.units += 1
            time.sleep(self.pause)


class Daemon:
    def __init__(self, weir, work):
        self.work = work
        self.log = open(os.path.join(work, "log"), "w")
        self.process = subprocess.Popen([weir, "run", "weir.yaml", "--engine", "interpreter"], cwd=work, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        self.ports = []
        for _ in range(300):
            text = self.text()
            self.ports = [int(part.split("port ")[1].split('"')[0]) for part in text.splitlines() if "on port" in part]
            if len(self.ports) == 2 and "running:" in text:
                return
            time.sleep(0.1)
        raise RuntimeError("not started: " + self.text())

    def text(self):
        with open(os.path.join(self.work, "log")) as file:
            return file.read()

    def page(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[1]}{path}") as answer:
            return answer.read().decode()

    def metric(self, name):
        for line in self.page("/metrics").splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return 0.0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--reloads", type=int, default=9)
    parser.add_argument("--rate", type=float, default=20, help="units a second")
    parser.add_argument("--by", choices=["signal", "file"], default="signal")
    options = parser.parse_args()
    failures = []

    with tempfile.TemporaryDirectory() as work:
        spool, rules = os.path.join(work, "spool"), os.path.join(work, "rules")
        os.mkdir(spool)
        os.mkdir(rules)

        def write(name, text):
            with open(os.path.join(work, name), "w") as out:
                out.write(text)

        write("weir.yaml", "rules: rules\n"
              "sources: {app: {type: http, listen: '127.0.0.1:0'}, arriving: {type: spool, path: spool}}\n"
              "sinks: {out: {type: file, path: alerts.ndjson}}\nstore: {path: store}\nserve: {listen: '127.0.0.1:0'}\n"
              "limits: {commit_every: 20ms}\n")
        write("rules/steady.weir", STEADY.replace("KEY", "recipientAccountId"))
        write("rules/every.weir", RULES.format(version="v0"))
        daemon = Daemon(os.path.abspath(options.weir), work)
        feed = Feed(daemon.ports[0], spool, 1 / options.rate)
        feed.start()
        right, done, failed = "v0", 0, 0
        slowest = 0.0
        for number in range(1, options.reloads + 1):
            broken = number % 3 == 0
            text = RULES.format(version=f"v{number}")
            # Written aside and renamed: half a file is never seen.
            write("rules/.new", text.replace("condition: selection", "condition: selectoin") if broken else text)
            os.rename(os.path.join(work, "rules/.new"), os.path.join(work, "rules/every.weir"))
            began = time.time()
            if options.by == "signal":
                daemon.process.send_signal(signal.SIGHUP)
            name = 'weir_reloads_total{result="%s"}' % ("failed" if broken else "done")
            wanted = failed + 1 if broken else done + 1
            while daemon.metric(name) < wanted and time.time() - began < 60:
                time.sleep(0.02)
            slowest = max(slowest, time.time() - began)
            if daemon.metric(name) < wanted:
                failures.append(f"change {number}: {name} is {daemon.metric(name)}, not {wanted}")
                break
            if broken:
                failed += 1
                if daemon.metric("weir_reload_successful") != 0 or "E203" not in daemon.page("/readyz") + daemon.text():
                    failures.append(f"change {number} is broken, and nothing says so: " + daemon.page("/readyz"))
            else:
                done += 1
                right = f"v{number}"
            time.sleep(0.1)
        # What changes in shape begins without what it knew, and says so.
        if "starts without what it knew" in daemon.text():
            failures.append("a correlation that did not change was forgotten")
        write("rules/every.weir", RULES.format(version=right))
        write("rules/.new", STEADY.replace("KEY", "awsRegion"))
        os.rename(os.path.join(work, "rules/.new"), os.path.join(work, "rules/steady.weir"))
        began = time.time()
        while "rule volume has changed: it starts without what it knew" not in daemon.text() and time.time() - began < 30:
            time.sleep(0.1)
        if "rule volume has changed: it starts without what it knew" not in daemon.text():
            failures.append("nothing says that the changed correlation began anew")
        # It can fire again only on what comes now: two whole units more.
        sent, began = feed.units, time.time()
        while feed.units < sent + 2 and time.time() - began < 30:
            time.sleep(0.02)
        feed.going = False
        feed.join()
        events = feed.units * EVENTS_IN_UNIT
        began = time.time()
        while daemon.metric("weir_events_received_total") < events and time.time() - began < 30:
            time.sleep(0.1)
        daemon.process.send_signal(signal.SIGTERM)
        code = daemon.process.wait(timeout=60)
        audit = json.loads(subprocess.check_output([os.path.abspath(options.weir), "audit", os.path.join(work, "weir.yaml"), "--format", "json"]))
        with open(os.path.join(work, "alerts.ndjson")) as file:
            alerts = [json.loads(line) for line in file]

        if code != 0:
            failures.append(f"exit {code}: {daemon.text()}")
        if audit["received"] != events or audit["evaluated"] != events:
            failures.append(f"{events} events were sent: {audit}")
        if set(feed.answers) != {200}:
            failures.append(f"answers {dict(feed.answers)}")
        versions, seen = collections.defaultdict(set), collections.Counter()
        for alert in alerts:
            if alert["rule"] == "every_call":
                version, event_id = alert["message"].split()
                versions[event_id.split("-")[0]].add(version)
                seen[event_id] += 1
        split = [unit for unit, of in versions.items() if len(of) > 1]
        skipped = events - len(seen)
        doubled = sum(count - 1 for count in seen.values())
        if split or skipped or doubled:
            failures.append(f"units split {split[:5]}, skipped {skipped}, doubled {doubled}")
        used = set().union(*versions.values())
        wrong = {version for version in used if int(version[1:]) % 3 == 0 and version != "v0"}
        if wrong:
            failures.append(f"broken versions decided: {wrong}")
        last = versions[str(feed.units - 1)]
        if last != {right}:
            failures.append(f"the last unit was decided by {last}, not {right}")
        # One alert when the second event came, and one after the correlation began anew: any other beginning is one more.
        volumes = {alert["id"] for alert in alerts if alert["rule"] == "volume"}
        if len(volumes) != 2:
            failures.append(f"volume fired {len(volumes)} times, not 2: its state did not last, or did where it must not")
        print(f"reloads {done}  broken {failed}  units {feed.units}  events {events}  skipped {skipped}  doubled {doubled}  "
              f"split {len(split)}  versions {len(used)}  slowest {slowest:.2f} s")
        if failures:
            print(daemon.text()[-3000:])
    for failure in failures:
        print("FAIL:", failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
