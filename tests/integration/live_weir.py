"""`weir run` beside the doubles of Slack, PagerDuty and a webhook's receiver: for tests of what is told to whom, and when.
The process's clock may run fast (WEIR_CLOCK); requests, TLS and the doubles are real."""
import argparse
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
RECEIVERS = os.path.join(HERE, "..", "doubles", "receivers.py")
KEY = "0123456789abcdef0123456789abcdef"
HOOK = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RULES = """
rule call {  # allow: W805 the test is outside
  title: "A call"
  level: high
  source: cloudtrail
  detection {
    selection { eventSource: "route53.amazonaws.com" }
    condition: selection
  }
  message: "{eventName} {eventID}"
}
"""

# Two rules whose alerts change when an event comes late.
CHANGING = """
rule burst {  # allow: W805 the test is outside
  title: "Three in ten minutes"
  level: high
  source: cloudtrail
  detection {
    selection { eventName: "DeleteHostedZone" }
    condition: selection
  }
  correlation {
    group_by: [sourceIPAddress]
    timespan: 10m
    condition: count() >= 3
  }
  message: "burst {sourceIPAddress}"
}
rule unapproved {  # allow: W805 the test is outside
  title: "A change that nobody approved"
  level: critical
  source: cloudtrail
  detection {
    approval { eventName: "TagResource" }
    change { eventName: "ChangeResourceRecordSets" }
    condition: approval or change
  }
  correlation {
    group_by: [sourceIPAddress]
    timespan: 1h
    condition: not approval then change
  }
  message: "unapproved {sourceIPAddress}"
}
"""


def event(number, at=None, **more):
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1768467600 + number if at is None else at))
    return json.dumps({
        "eventVersion": "1.09", "userIdentity": {"type": "IAMUser", "accountId": "111122223333"}, "eventTime": when,
        "eventSource": "route53.amazonaws.com", "eventName": "ChangeResourceRecordSets", "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7", "eventID": f"id-{number:06}", "recipientAccountId": "111122223333", **more})


def number_of(text):
    return int(re.search(r"id-(\d{6})", text).group(1))


class Failed(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failed(what)


def until(what, condition, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise Failed("in vain: " + what)


def certificates(folder):
    """An authority and a certificate for 127.0.0.1, and another certificate that nobody has signed."""
    def run(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run("req", "-x509", *curve, "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    run("req", *curve, "-subj", "/CN=localhost", "-keyout", "good.key", "-out", "good.csr")
    with open(os.path.join(folder, "names"), "w") as names:
        names.write("subjectAltName=IP:127.0.0.1\n")
    run("x509", "-req", "-in", "good.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-extfile", "names", "-out", "good.pem")
    run("req", "-x509", *curve, "-days", "2", "-subj", "/CN=localhost", "-keyout", "bad.key", "-out", "bad.pem")


class Double:
    """The receivers, in a process of their own."""

    def __init__(self, folder=None, which=None, port=0):
        words = [sys.executable, RECEIVERS, "--any-time", "--port", str(port)]
        if which:
            words += ["--certificate", f"{folder}/{which}.pem", "--key", f"{folder}/{which}.key"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.address = f"https://127.0.0.1:{self.port}" if which else f"http://127.0.0.1:{self.port}"
        self.trust = None
        if which:
            self.trust = ssl._create_unverified_context()

    def ask(self, path, order=None):
        data = json.dumps(order).encode() if order is not None else None
        with urllib.request.urlopen(self.address + path, data, context=self.trust, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def mood(self, path, name, times=1 << 30, after=""):
        self.ask("/mood", {"path": path, "mood": name, "times": times, "after": after})

    def seen(self, path):
        return [one for one in self.ask("/seen") if one["path"].startswith(path)]

    def close(self):
        self.process.kill()
        self.process.wait()


class Weir:
    """`weir run` on a configuration, with a fast clock."""

    def __init__(self, binary, folder, config, fast=1, environment=(), rules=RULES):
        self.binary, self.folder = binary, folder
        self.environment = dict(os.environ, WEIR_CLOCK=str(fast), **dict(environment))
        self.config = os.path.join(folder, "weir.yaml")
        with open(self.config, "w") as out:
            out.write(config)
        with open(os.path.join(folder, "rules.weir"), "w") as out:
            out.write(rules)
        self.log = os.path.join(folder, "log")
        self.process = None

    def start(self):
        before = self.text().count("running:") if os.path.exists(self.log) else 0
        self.process = subprocess.Popen([self.binary, "run", self.config], cwd=self.folder, env=self.environment,
                                        stdout=subprocess.DEVNULL, stderr=open(self.log, "a"))
        until("it runs", lambda: self.text().count("running:") > before, 30)
        time.sleep(0.2)  # until it listens to signals
        return self

    def text(self):
        with open(self.log) as log:
            return log.read()

    def port(self):
        return int(re.findall(r"listens on port (\d+)", self.text())[-1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        check(code == 0, f"a graceful end, not {code}")

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def verb(self, *words):
        return subprocess.run([self.binary, *words], cwd=self.folder, env=self.environment, capture_output=True,
                              text=True, timeout=120)

    def outbox(self):
        return [json.loads(line) for line in self.verb("outbox", "ls", self.config, "--format", "json").stdout.splitlines()]

    def audit(self):
        return json.loads(self.verb("audit", self.config, "--format", "json").stdout)

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024

    def post(self, numbers, timeout=30):
        return self.post_events([event(number) for number in numbers], timeout)

    def post_events(self, events, timeout=30):
        """The status; 0 when nothing was answered."""
        body = "\n".join(events).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port()}/ingest", body)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


def lines(path):
    if not os.path.exists(path):
        return []
    with open(path) as text:
        return [json.loads(line) for line in text]


def config(sinks, routes="", more=""):
    sinks = "\n".join("  " + line for line in sinks)
    return f"""
rules: rules.weir
sources:
  feed: {{type: http, listen: "127.0.0.1:0"}}
sinks:
{sinks}
  lines: {{type: file, path: lines.ndjson}}
{routes}
store: {{path: store}}
{more}
"""


def own(alert):
    return alert["rule"].startswith("weir.")


def main(cases):
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--only")
    options = parser.parse_args()
    binary = os.path.abspath(options.weir)
    failures = 0
    for name, case in cases.items():
        if options.only and options.only not in name:
            continue
        folder = tempfile.mkdtemp(prefix="weir-live-")
        try:
            print(f"{name}: {case(binary, folder)}", flush=True)
        except Failed as failed:
            failures += 1
            print(f"FAIL {name}: {failed}", flush=True)
            log = os.path.join(folder, "log")
            if os.path.exists(log):
                with open(log) as text:
                    print(text.read()[-3000:])
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failures else 0)
