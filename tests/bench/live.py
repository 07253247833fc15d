#!/usr/bin/env python3
"""How fast `weir run` is beside `weir scan`, on the machine of the moment: ratios, interleaved round by round, medians.

  live.py WEIR FILE.ndjson [--rules shipped] [--rounds 5] [--ref BYTES_A_SECOND] [--latency SECONDS]

  spool     the file in a spool, `run --once`: positions, ids, alerts, all committed; as share of `scan` of the same file
  live      the same spool, watched: until every event is in the audit
  post      NDJSON POSTs of 1 MiB over one connection, until the last is answered
            (both with the times of the events spread over the last minute, or they would be late)
  latency   with --latency: half of that load for so long; from a request that holds an event which alerts to the alert at a
            webhook on this machine. p50, p99

--ref is what `bench FILE` prints as ref; `post` is then given as its share, too.
"""
import argparse
import http.client
import http.server
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

PART = 1 << 20  # bytes of a request, unless --part says otherwise
MARK = """
rule bench_mark {  # allow: W805 the bench looks for it
  title: "A mark"
  level: high
  source: cloudtrail
  detection {
    selection { eventName: "BenchMark" }
    condition: selection
  }
  message: "{eventID}"
}
"""


class Home:
    def __init__(self, options, sources, sinks="{out: {type: file, path: alerts.ndjson}}"):
        self.options, self.folder = options, tempfile.mkdtemp(prefix="weir-bench-", dir=options.work)
        os.mkdir(os.path.join(self.folder, "spool"))
        with open(os.path.join(self.folder, "mark.weir"), "w") as out:
            out.write(MARK)
        rules = ", ".join(os.path.abspath(path) if os.path.exists(path) else path for path in options.rules)
        with open(os.path.join(self.folder, "weir.yaml"), "w") as out:
            out.write(f"rules: [{rules}, mark.weir]\nsources: {sources}\nsinks: {sinks}\nstore: {{path: store}}\n"
                      "serve: {listen: '127.0.0.1:0'}\nlog: {level: info, format: json}\n" + options.limits)
        self.log = open(os.path.join(self.folder, "log"), "w")

    def start(self, *more):
        return subprocess.Popen([self.options.weir, "run", "weir.yaml", "--engine", self.options.engine, *more], cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=self.log, stderr=self.log)

    def text(self):
        with open(os.path.join(self.folder, "log")) as file:
            return file.read()

    def wait_for(self, what, process):
        while True:
            found = re.search(what, self.text())
            if found:
                return found
            if process.poll() is not None:
                sys.exit("ended: " + self.text())
            time.sleep(0.005)

    def audit(self):
        return json.loads(subprocess.check_output([self.options.weir, "audit", os.path.join(self.folder, "weir.yaml"), "--format", "json"]))

    def put(self, path):
        hidden = os.path.join(self.folder, "spool", ".new")
        os.link(path, hidden) if os.stat(path).st_dev == os.stat(self.folder).st_dev else shutil.copyfile(path, hidden)
        os.rename(hidden, os.path.join(self.folder, "spool", "new.ndjson"))

    def end(self, process):
        process.terminate()
        process.wait()
        shutil.rmtree(self.folder)


def of_now(options):
    """The file with its events in the last minute, in their order."""
    with open(options.file, "rb") as file:
        lines = file.readlines()
    begin = time.time() - 60
    field = re.compile(rb'("(?:eventTime|query_timestamp)":")[^"]*"')
    for number, line in enumerate(lines):
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin + 60 * number / len(lines))).encode()
        lines[number] = field.sub(rb"\g<1>" + when + b'"', line, count=1)
    path = os.path.join(options.work or tempfile.gettempdir(), f"weir-bench-now-{os.getpid()}.ndjson")
    with open(path, "wb") as out:
        out.writelines(lines)
    return path


def scan(options):
    rules = [*options.rules]
    began = time.perf_counter()
    subprocess.run([options.weir, "scan", options.file, "--format", "json", "--engine", options.engine, "--rules", *rules],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - began


def spool(options):
    home = Home(options, "{in: {type: spool, path: spool}}")
    home.put(options.file)
    began = time.perf_counter()
    process = home.start("--once")
    process.wait()
    took = time.perf_counter() - began
    if process.returncode != 0:
        sys.exit(home.text())
    home.end(process)
    return took


def live(options):
    home = Home(options, "{in: {type: spool, path: spool}}")
    process = home.start()
    home.wait_for('"running:', process)
    port = int(home.wait_for(r"pages on port (\d+)", process).group(1))
    path = of_now(options)  # native code is made meanwhile
    began = time.perf_counter()
    home.put(path)
    while received(port) < options.events:
        time.sleep(0.01)
    took = time.perf_counter() - began
    home.end(process)
    os.unlink(path)
    return took


def received(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    return float(re.search(r"^weir_events_received_total (\S+)", text, re.M).group(1))


def bodies(path, part):
    with open(path, "rb") as file:
        while True:
            body = file.read(part)
            if not body:
                return
            yield body + file.readline()


def post(options):
    home = Home(options, "{in: {type: http, listen: '127.0.0.1:0'}}")
    process = home.start()
    port = int(home.wait_for(r"listens on port (\d+)", process).group(1))
    home.wait_for('"running:', process)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    path = of_now(options)
    parts = list(bodies(path, options.part))
    os.unlink(path)
    began = time.perf_counter()
    for body in parts:
        connection.request("POST", "/ingest", body)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"answered {answer.status}")
    took = time.perf_counter() - began
    home.end(process)
    return took


class Receiver(http.server.BaseHTTPRequestHandler):
    heard = {}
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        now = time.perf_counter()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.heard.setdefault(json.loads(body).get("message"), now)

    def log_message(self, *_):
        pass


def latency(options, bytes_a_second):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = Home(options, "{in: {type: http, listen: '127.0.0.1:0'}, marks: {type: http, listen: '127.0.0.1:0'}}",
                f"{{hook: {{type: webhook, url: 'http://127.0.0.1:{server.server_port}/hook', per_minute: 100000, states: final}}}}\n"
                "routes: [{rule: bench_mark, to: hook}]")
    process = home.start()
    home.wait_for('"running:', process)
    ports = [int(port) for port in re.findall(r"listens on port (\d+)", home.text())]
    time.sleep(1.5)
    stop = time.perf_counter() + options.latency

    def load():
        connection = http.client.HTTPConnection("127.0.0.1", ports[0])
        next_at = time.perf_counter()
        while True:
            for body in bodies(options.file, options.part):
                if time.perf_counter() >= stop:
                    return
                time.sleep(max(0, next_at - time.perf_counter()))
                next_at = max(next_at, time.perf_counter() - 1) + len(body) / bytes_a_second
                connection.request("POST", "/ingest", body)
                connection.getresponse().read()

    loading = threading.Thread(target=load)
    loading.start()
    connection, asked, number = http.client.HTTPConnection("127.0.0.1", ports[1]), {}, 0
    while time.perf_counter() < stop:
        event = {"eventVersion": "1.09", "userIdentity": {"type": "IAMUser"}, "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                 "eventSource": "route53.amazonaws.com", "eventName": "BenchMark", "awsRegion": "us-east-1", "sourceIPAddress": "198.51.100.7",
                 "eventID": f"mark-{number}", "recipientAccountId": "111122223333"}
        asked[event["eventID"]] = time.perf_counter()
        connection.request("POST", "/ingest", json.dumps(event) + "\n")
        connection.getresponse().read()
        number += 1
        time.sleep(0.05)
    loading.join()
    time.sleep(2)
    home.end(process)
    took = sorted(Receiver.heard[name] - at for name, at in asked.items() if name in Receiver.heard)
    if len(took) != len(asked):
        print(f"{len(asked) - len(took)} alerts never came")
    return took


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("file")
    parser.add_argument("--rules", nargs="+", default=["shipped"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", type=int, default=PART, help="bytes of a request")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--limits", default="", help="a section of weir.yaml")
    parser.add_argument("--ref", type=float)
    parser.add_argument("--latency", type=float)
    parser.add_argument("--only", nargs="+", default=["spool", "live", "post"])
    parser.add_argument("--work", default=None)
    options = parser.parse_args()
    options.weir, options.file = os.path.abspath(options.weir), os.path.abspath(options.file)
    size = os.path.getsize(options.file)
    stages = {"spool": spool, "live": live, "post": post}
    times = {name: [] for name in ["scan", *options.only]}
    with open(options.file, "rb") as file:  # into the page cache
        options.events = sum(1 for _ in file)
    for _ in range(options.rounds):
        times["scan"].append(scan(options))
        for name in options.only:
            times[name].append(stages[name](options))
    for name, took in times.items():
        shares = [a / b for a, b in zip(times["scan"], took)]
        line = f"{name:6} {statistics.median(took):7.2f} s  {size / statistics.median(took) / 1e6:7.1f} MB/s"
        if name != "scan":
            line += f"  {statistics.median(shares):5.2f} x scan ({min(shares):.2f}-{max(shares):.2f})"
        if options.ref:
            line += f"  {size / statistics.median(took) / options.ref:6.3f} x ref"
        print(line, flush=True)
    if options.latency:
        speed = size / statistics.median(times["post"]) / 2
        took = latency(options, speed)
        print(f"latency at {speed / 1e6:.1f} MB/s, {len(took)} alerts: p50 {1000 * statistics.median(took):.0f} ms, "
              f"p99 {1000 * took[int(len(took) * 0.99)]:.0f} ms, most {1000 * took[-1]:.0f} ms")


if __name__ == "__main__":
    main()
