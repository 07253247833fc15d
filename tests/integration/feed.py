"""What the tests that feed a running Weir share: rules of every kind, events that they speak of, a Weir with a folder of
its own, and a client that sends as Firehose does: the same request with the same id until it is answered 200."""
import atexit
import base64
import glob
import gzip
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
import uuid

MEMORY_MIB = 512  # what no process may need, whatever is thrown at it
BAD_EVERY = 97

RULES = """
tune schema cloudtrail { late: LATE }
tune schema resolver { late: LATE }
rule any_call {  # allow: W805 the test is outside
  title: "Any call"
  level: low
  source: cloudtrail
  detection {
    selection { eventSource: "route53.amazonaws.com" }
    condition: selection
  }
  message: "{eventName} {eventID}"
}
rule any_query {  # allow: W805 the test is outside
  title: "Any query"
  level: medium
  source: resolver
  detection {
    selection { query_type: "A" }
    condition: selection
  }
  message: "{query_name}"
}
rule burst {  # allow: W805 the test is outside
  title: "Many queries of one client"
  level: medium
  source: resolver
  detection {
    selection { query_type: "A" }
    condition: selection
  }
  correlation {
    group_by: [srcaddr]
    timespan: 60s
    condition: count() >= 4 and distinct(query_name) >= 3
  }
  message: "{srcaddr}: {count()}"
}
rule steps {  # allow: W805 the test is outside
  title: "A change, then another of the same user"
  level: medium
  source: cloudtrail
  detection {
    made { eventName: "CreateHostedZone" }
    gone { eventName: "DeleteHostedZone" }
    condition: made or gone
  }
  correlation {
    group_by: [userIdentity.userName]
    timespan: 90s
    condition: made then gone
  }
  message: "{made.eventID} {gone.eventID}"
}
rule slots {  # allow: W805 the test is outside
  title: "Calls of a user in a minute"
  level: low
  source: cloudtrail
  detection {
    selection { eventSource: "route53.amazonaws.com" }
    condition: selection
  }
  correlation {
    group_by: [userIdentity.userName]
    timespan: 1m tumbling closed
    condition: count() >= 3
  }
  message: "{count()}"
}
rule quiet {  # allow: W805 the test is outside
  title: "One of many"
  level: low
  source: cloudtrail
  detection {
    selection { eventName: "ListHostedZones" }
    condition: selection
  }
  suppress: 5m by [userIdentity.userName]
  message: "{eventID}"
}
rule stack {  # allow: W805 the test is outside
  title: "Many alerts"
  level: high
  source: alert
  detection {
    selection { rule: ["burst", "steps"] }
    condition: selection
  }
  correlation {
    timespan: 2m
    condition: count() >= 5
  }
  message: "{count()}"
}
"""
NAMES = ["CreateHostedZone", "ChangeResourceRecordSets", "DeleteHostedZone", "ListHostedZones", "GetHostedZone"]


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def call(number, at):
    return {"eventVersion": "1.09", "userIdentity": {"type": "IAMUser", "accountId": "111122223333",
                                                     "userName": f"user{number * 7 % 11}"},
            "eventTime": stamp(at), "eventSource": "route53.amazonaws.com", "eventName": NAMES[number * 3 % 5],
            "awsRegion": "us-east-1", "sourceIPAddress": "198.51.100.7",
            "eventID": f"00000000-0000-4000-8000-{number:012x}",
            "requestParameters": {"hostedZoneId": f"Z{number}", "note": "x" * (number % 500)},
            "recipientAccountId": "111122223333"}


def query(number, at):
    return {"version": "1.100000", "account_id": "111122223333", "region": "us-east-1", "vpc_id": "vpc-0f1e2d3c4b5a69788",
            "query_timestamp": stamp(at), "query_name": f"host{number}.example.com.", "query_type": "A",
            "query_class": "IN", "rcode": "NOERROR", "answers": [], "srcaddr": f"10.0.0.{number * 5 % 17}",
            "srcport": "53000", "transport": "UDP", "srcids": {"instance": "i-0af3c2d1e0f9a8b7c"}}


def line(number, at):
    """Of the stream of events: calls, and every fourth a query."""
    return json.dumps(query(number, at) if number % 4 == 3 else call(number, at), separators=(",", ":"))


def write_rules(path, late="2h"):
    with open(path, "w") as out:
        out.write(RULES.replace("LATE", late))


STARTED = []


@atexit.register
def end_all():
    """What a test that failed has left."""
    for process in STARTED:
        if process.poll() is None:
            process.kill()


class Weir:
    """A configuration with a store and a file sink of its own. `sources` is what stands in the file under that key."""

    def __init__(self, binary, folder, sources, rules, engine="interpreter", limits="", more=""):
        self.binary, self.folder, self.engine, self.process = binary, folder, engine, None
        os.makedirs(folder, exist_ok=True)
        self.alerts = os.path.join(folder, "alerts.ndjson")
        self.rules, self.limits, self.more = rules, limits or "commit_every: 10ms, commit_bytes: 256KiB, threads: 2", more
        self.config = self.configure("weir.yaml", sources)
        os.makedirs(os.path.join(folder, "nothing"), exist_ok=True)
        self.rest = self.configure("rest.yaml", "{rest: {type: spool, path: nothing}}")

    def configure(self, name, sources):
        path = os.path.join(self.folder, name)
        with open(path, "w") as out:
            out.write(f"rules: {self.rules}\nsources: {sources}\n"
                      + (self.more or "sinks: {out: {type: file, path: alerts.ndjson}}\nroutes: [{to: out}]\n")
                      + f"store: {{path: store}}\nlimits: {{{self.limits}}}\n")
        return path

    def start(self, once=False, config=None, environment=None, wrap=()):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.log_from = log.tell()
            self.process = subprocess.Popen(
                [*wrap, self.binary, "run", config or self.config, "--engine", self.engine] + (["--once"] if once else []),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(os.environ, **(environment or {})))
        MEMORY.watch(self.process.pid)
        STARTED.append(self.process)
        return self.process

    def run_once(self, config=None, environment=None, wrap=()):
        return self.start(True, config, environment, wrap).wait(timeout=300)

    def stop(self, signal_number=signal.SIGTERM):
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=120)

    def end_of_input(self):
        """A last run over nothing, which decides what a scan decides at its end."""
        return self.run_once(self.rest)

    def log(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as file:
            return file.read()

    def verb(self, *arguments):
        return subprocess.check_output([self.binary, *arguments], text=True, stderr=subprocess.STDOUT)

    def audit(self):
        return json.loads(self.verb("audit", self.config, "--format", "json"))

    def quarantined(self):
        return [json.loads(one) for one in self.verb("quarantine", "ls", self.config, "--format", "json").splitlines()]

    def finals(self):
        """The alerts that are final, one JSON line each, sorted; open and amended ones are told before."""
        if not os.path.exists(self.alerts):
            return []
        with open(self.alerts) as file:
            return sorted(one for one in file.read().splitlines() if json.loads(one)["state"] == "final")

    def wait_for(self, what, timeout=60, pause=0.05):
        """Till what() holds; the process must be alive."""
        end = time.monotonic() + timeout
        while not what():
            if self.process.poll() is not None:
                raise AssertionError(f"weir ended with {self.process.returncode}:\n{self.log()[-3000:]}")
            if time.monotonic() > end:
                raise AssertionError(f"waited {timeout} s in vain:\n{self.log()[-3000:]}")
            time.sleep(pause)

    def wait_running(self):
        """Till it listens to signals; before, being asked to stop kills it."""
        self.wait_for(lambda: '"message":"running:' in self.log()[self.log_from:])

    def wait_received(self, count, timeout=240):
        """Seldom asked: with sanitizers an audit costs more than it looks at."""
        try:
            self.wait_for(lambda: os.path.exists(os.path.join(self.folder, "store", "weir.db"))
                          and self.audit()["received"] >= count, timeout, 0.5)
        except AssertionError as error:
            raise AssertionError(f"received {self.audit()} of {count}; {error}") from error


def scanned(binary, paths, rules):
    """What `weir scan` says about files, in the form of Weir.finals()."""
    out = subprocess.run([binary, "scan", *paths, "--rules", rules, "--format", "json"], text=True, capture_output=True)
    if out.returncode not in (0, 1):
        raise AssertionError(out.stderr)
    return sorted(out.stdout.splitlines())


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Request:
    """Records as Firehose sends them."""

    def __init__(self, lines, dice, key="key"):
        self.id = str(uuid.UUID(int=dice.getrandbits(128)))
        records, at = [], 0
        while at < len(lines):  # one document a record, or several joined, or compressed once more
            size = dice.choice((1, 1, 2, 5))
            data = "\n".join(lines[at:at + size]).encode() + b"\n"
            records.append(gzip.compress(data) if dice.random() < 0.1 else data)
            at += size
        body = json.dumps({"requestId": self.id, "timestamp": 1578090901599,
                           "records": [{"data": base64.b64encode(record).decode()} for record in records]}).encode()
        self.headers = {"X-Amz-Firehose-Protocol-Version": "1.0", "X-Amz-Firehose-Request-Id": self.id,
                        "X-Amz-Firehose-Access-Key": key, "Content-Type": "application/json"}
        if dice.random() < 0.3:
            body = gzip.compress(body)
            self.headers["Content-Encoding"] = "gzip"
        self.body = body

    def send(self, port, timeout=30):
        """The status; None when there was no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        try:
            connection.request("POST", "/firehose", self.body, self.headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class Sender:
    """Threads that send requests, each until it is answered 200, and some of them once more after that."""

    def __init__(self, requests, port, seed, threads=3, pause=0.0):
        self.waiting, self.lock, self.port, self.pause = list(reversed(requests)), threading.Lock(), port, pause
        self.tries = self.refused = self.undone = 0
        self.undone = len(requests)
        self.wrong = []
        self.threads = [threading.Thread(target=self.work, args=(random.Random(seed * 100 + n),), daemon=True)
                        for n in range(threads)]
        for thread in self.threads:
            thread.start()

    def work(self, dice):
        while True:
            with self.lock:
                if not self.waiting:
                    return
                request = self.waiting.pop()
            while True:
                status = request.send(self.port)
                self.tries += 1
                if status == 200:
                    break
                if status not in (None, 503):
                    self.wrong.append(status)
                self.refused += status is not None
                time.sleep(0.01)
            if dice.random() < 0.1 and request.send(self.port) not in (200, 503, None):
                self.wrong.append("a repetition")
            with self.lock:
                self.undone -= 1
            time.sleep(self.pause * dice.random())


class Memory:
    """The peak of every Weir that runs, as the kernel counts it, looked at often. (What the kernel says of a child that
    has ended holds the parent's peak, too.)"""

    def __init__(self):
        self.pids, self.peak_kib, self.thread = set(), 0, None

    def watch(self, pid):
        self.pids.add(pid)
        if not self.thread:
            self.thread = threading.Thread(target=self.look, daemon=True)
            self.thread.start()

    def look(self):
        while True:
            for pid in list(self.pids):
                try:
                    with open(f"/proc/{pid}/status") as file:
                        text = file.read()
                    if text.startswith("Name:\tpython"):
                        continue  # not yet what it is to be
                    if "VmHWM:" in text:
                        self.peak_kib = max(self.peak_kib, int(text.split("VmHWM:")[1].split()[0]))
                    else:
                        self.pids.discard(pid)
                except (OSError, ValueError):
                    self.pids.discard(pid)
            time.sleep(0.02)


MEMORY = Memory()


def peak_mib():
    """Of all processes that a Weir of this module started."""
    assert MEMORY.peak_kib > 0
    return MEMORY.peak_kib / 1024


def memory_of(pid):
    """(resident MiB, open descriptors) now."""
    with open(f"/proc/{pid}/status") as file:
        resident = next(int(one.split()[1]) for one in file if one.startswith("VmRSS"))
    return resident / 1024, len(os.listdir(f"/proc/{pid}/fd"))


def size_of(folder):
    return sum(os.path.getsize(path) for path in glob.glob(folder + "/**", recursive=True) if os.path.isfile(path))
