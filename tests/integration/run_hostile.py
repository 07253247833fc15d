#!/usr/bin/env python3
"""What is put before `weir run` to break it: broken files, broken requests, slow clients, rules that want too much, and an
end that comes at a bad time. Everything good is evaluated once, the rest is in the quarantine with its reason, and memory
stays within the budget.

  run_hostile.py WEIR [--memory 512] [TEST…]      fault matrix 8, 13, 17, 19
"""
import argparse
import gzip
import http.server
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import feed

ARGUMENTS = argparse.ArgumentParser()
ARGUMENTS.add_argument("weir")
ARGUMENTS.add_argument("--memory", type=int, default=feed.MEMORY_MIB)
OPTIONS, REST = ARGUMENTS.parse_known_args()
WEIR = os.path.abspath(OPTIONS.weir)
os.environ["FIREHOSE_KEY"] = "key"


class Case(unittest.TestCase):

    def setUp(self):
        feed.MEMORY.peak_kib = 0
        self.work = tempfile.mkdtemp(prefix="weir-hostile-")
        self.addCleanup(shutil.rmtree, self.work)
        self.rules = os.path.join(self.work, "rules.weir")
        feed.write_rules(self.rules)
        self.begin, self.number = int(time.time()) - 3000, 0

    def tearDown(self):
        peak = feed.peak_mib()
        print(f"  peak {peak:.0f} MiB", flush=True)
        if OPTIONS.memory:
            self.assertLessEqual(peak, OPTIONS.memory)

    def event(self, **more):
        self.number += 1
        return json.dumps(dict(feed.call(self.number, self.begin + self.number), **more), separators=(",", ":")).encode()

    def firehose(self, name="home", more="", limits=""):
        self.port = feed.free_port()
        home = feed.Weir(WEIR, os.path.join(self.work, name), "{hose: {type: firehose, access_key: {env: FIREHOSE_KEY}, "
                         f"listen: '127.0.0.1:{self.port}'}}}}", self.rules, more=more, limits=limits)
        home.start()
        home.wait_running()
        return home


class BadInputs(Case):
    """Row 8."""

    def test_each_is_told_and_hides_nothing(self):
        spool = os.path.join(self.work, "spool")
        os.makedirs(spool)
        good, wanted = [], {}

        def put(name, reason, parts, compress=False, count=1):
            """`parts`: bytes, or None for a good event. `reason`: what the quarantine says, `count` times; None: nothing."""
            lines = []
            for part in parts:
                if part is None:
                    good.append(self.number + 1)
                lines.append(self.event() if part is None else part)
            data = b"\n".join(lines) + b"\n"
            with open(os.path.join(spool, name), "wb") as out:
                out.write(gzip.compress(data) if compress else data)
            if reason is not None:
                wanted[name] = (reason, count)

        put("depth.json", "nested deeper", [None, b'{"a":' * 10000 + b"1" + b"}" * 10000, None])
        put("line.json", "longer than 67108864 bytes", [None, b'{"a":"' + b"x" * 100_000_000 + b'"}', None])
        put("nul.json", "", [None, b'{"a":"\0"}' + b"\0" * 100, None], count=2)
        put("utf8.json", "not UTF-8", [None, self.event().replace(b"user", b"us\xffer"), None])
        put("broken.json", "", [None, b'{"eventVersion": "1.09", "eventID": ', None, b'{"a":}', None], count=2)
        put("crlf.json", None, [None, b"\r", None])
        put("bom.json", None, [None, None])
        with open(os.path.join(spool, "bom.json"), "rb+") as file:
            data = file.read()
            file.seek(0)
            file.write(b"\xef\xbb\xbf" + data)
        good.append(self.number + 1)
        put("twice.json", None, [self.event()[:-1] + b',"awsRegion":"eu-west-1"}'])
        good.append(self.number + 1)
        put("surrogate.json", None, [self.event(userAgent="SURROGATE").replace(b"SURROGATE", b"\\ud800")])
        members = b""
        for _ in range(3):
            good.append(self.number + 1)
            members += gzip.compress(self.event() + b"\n")
        with open(os.path.join(spool, "members.gz"), "wb") as out:
            out.write(members)
        put("garbage.gz", "not gzip", [None], compress=True)
        with open(os.path.join(spool, "garbage.gz"), "ab") as out:
            out.write(b"garbage that is not gzip")
        put("bomb.gz", "decompresses to more", [None, b" " * 300_000_000], compress=True)
        with open(os.path.join(spool, "bomb.gz"), "rb") as file:
            data = file.read()
        with open(os.path.join(spool, "bomb.gz"), "wb") as out:
            out.write(gzip.compress(data))
        cut, first = [], self.number + 1
        for _ in range(2000):
            cut.append(self.event())
        data = gzip.compress(b"\n".join(cut))
        with open(os.path.join(spool, "cut.gz"), "wb") as out:
            out.write(data[:len(data) // 2])
        home = feed.Weir(WEIR, os.path.join(self.work, "home"), f"{{trail: {{type: spool, path: {spool}}}}}", self.rules)
        self.assertEqual(home.run_once(), 0, home.log())
        audit, rows = home.audit(), home.quarantined()
        self.assertEqual(audit["received"], audit["evaluated"] + audit["quarantined"])
        self.assertEqual(audit["in_flight"], 0)
        seen = {int(one["event"]["eventID"][-12:], 16) for one in map(json.loads, home.finals())
                if one["rule"] == "any_call"}
        self.assertEqual([number for number in good if number not in seen], [], "good events that are missing")
        self.assertGreater(len([number for number in seen if number >= first]), 500, "before the cut")
        wanted["cut.gz"] = ("ends early", 1)
        for name, (reason, count) in wanted.items():
            found = [row["reason"] for row in rows if name in json.dumps(row)]
            with self.subTest(name):
                self.assertEqual(len(found), count, found)
                self.assertTrue(all(reason in one for one in found), found)
        self.assertEqual(sum(count for _, count in wanted.values()), audit["quarantined"], rows)
        print(f"  bad inputs {len(wanted)} files, quarantined {audit['quarantined']}, evaluated {audit['evaluated']}, good ones "
              f"missing 0", flush=True)


class BadRequests(Case):
    """Row 13, through the whole: what the server itself does is in tests/http."""

    def test_firehose(self):
        home, dice = self.firehose(), random.Random(1)
        status = {}

        def send(name, lines, key="key", repeat=1):
            request = feed.Request(lines, dice, key)
            status[name] = [request.send(self.port, 120) for _ in range(repeat)]
            return len(lines)

        sent = send("repeated", [self.event().decode() for _ in range(20)], repeat=3)
        send("wrong key", [self.event().decode()], key="kez")
        sent += send("10,000 records", [self.event(requestParameters=None).decode() for _ in range(10_000)])
        large = [self.event(requestParameters={"note": "x" * 950_000}).decode() for _ in range(49)]
        request = feed.Request([], dice)
        request.headers.pop("Content-Encoding", None)
        request.body = json.dumps({"requestId": request.id, "timestamp": 1, "records": [
            {"data": feed.base64.b64encode(one.encode()).decode()} for one in large]}).encode().ljust(64 << 20)
        status["64 MiB"] = [request.send(self.port, 120), len(request.body)]
        sent += len(large)

        slow = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(100)]
        for connection in slow:
            connection.sendall(b"POST /firehose HTTP/1.1\r\nX-Slow: ")
        sent += send("beside 100 slow ones", [self.event().decode()])
        flood = socket.create_connection(("127.0.0.1", self.port))
        answer = b""
        try:
            flood.sendall(b"POST /firehose HTTP/1.1\r\nX-Long: ")
            for _ in range(200):
                flood.sendall(b"x" * (1 << 20))
            answer = flood.recv(12)
        except OSError:
            answer = b"closed"
        self.assertIn(answer, (b"HTTP/1.1 431", b"closed"))
        for connection in slow:
            connection.close()
        self.assertEqual(home.stop(), 0)
        self.assertEqual(status, {"repeated": [200] * 3, "wrong key": [401], "10,000 records": [200],
                                  "64 MiB": [200, 64 << 20], "beside 100 slow ones": [200]})
        self.assertEqual(home.audit()["evaluated"], sent)
        self.assertEqual(home.audit()["received"], sent)
        print(f"  requests {status}, events {sent}, each once; a head of 200 MiB: {answer.decode()}", flush=True)


class Ends(Case):
    """Row 17."""

    def test_told_to_stop_under_load(self):
        home, dice = self.firehose(), random.Random(2)
        requests = [feed.Request([self.event().decode() for _ in range(200)], dice) for _ in range(60)]
        sender = feed.Sender(requests, self.port, 5)
        stops = []
        while sender.undone > 0 and len(stops) < 8:
            time.sleep(0.15 + 0.2 * dice.random())
            begin = time.monotonic()
            self.assertEqual(home.stop(), 0, home.log()[-2000:])
            stops.append(time.monotonic() - begin)
            home.start()
            home.wait_running()
        home.wait_for(lambda: sender.undone == 0, 120)
        self.assertEqual(home.stop(), 0)
        self.assertEqual(sender.wrong, [])
        self.assertEqual(home.audit()["received"], 60 * 200)
        self.assertEqual(home.audit()["in_flight"], 0)
        print(f"  stops under load {len(stops)}, the slowest {max(stops):.1f} s, all with exit 0; events {60 * 200} lost 0 "
              f"doubled 0", flush=True)

    def test_a_sink_that_hangs_does_not_hold_it(self):
        got, hang = [], threading.Event()

        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not hang.is_set():
                    time.sleep(60)
                    return
                got.append(json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        more = (f"sinks: {{hook: {{type: webhook, url: 'http://127.0.0.1:{server.server_port}/', "
                "secrets: [{env: HOOK_SECRET}], timeout: 30s}}\nroutes: [{to: hook}]\n")
        os.environ["HOOK_SECRET"] = "whsec_" + feed.base64.b64encode(b"x" * 24).decode()
        home = self.firehose(more=more, limits="stop_within: 2s")
        request = feed.Request([self.event().decode() for _ in range(5)], random.Random(3))
        self.assertEqual(request.send(self.port), 200, "a sink that hangs delays no acknowledgement")
        time.sleep(0.5)
        begin = time.monotonic()
        code = home.stop()
        took = time.monotonic() - begin
        self.assertEqual(code, 0)
        self.assertLess(took, 10)
        self.assertIn("alerts are left in the outbox", home.log())
        left = len(home.verb("outbox", "ls", home.config).splitlines())
        self.assertGreaterEqual(left, 5)
        hang.set()
        home.start()
        home.wait_for(lambda: home.verb("outbox", "ls", home.config).strip() == "", 60)
        self.assertEqual(home.stop(), 0)
        server.shutdown()
        print(f"  a sink that hangs: stopped after {took:.1f} s with {left} in the outbox, told {len(got)} times by the next "
              f"run", flush=True)

    def test_twice_ends_at_once(self):
        home = self.firehose("again")
        home.process.send_signal(signal.SIGTERM)
        home.process.send_signal(signal.SIGTERM)
        self.assertIn(home.process.wait(timeout=30), (0, 128 + signal.SIGTERM))


class GreedyRules(Case):
    """Row 19."""

    def rule(self, selection, correlation=""):
        return ('rule greedy {  # allow: W805 the test is outside\n  title: "Greedy"\n  level: low\n  source: resolver\n'
                f"  detection {{\n    selection {{ {selection} }}\n    condition: selection\n  }}\n{correlation}"
                '  message: "x"\n}\n')

    def start(self, name, rule):
        with open(self.rules, "w") as out:
            out.write("tune schema resolver { late: 5m }\n" + rule)
        spool = os.path.join(self.work, "spool" + name)
        os.makedirs(spool)
        return feed.Weir(WEIR, os.path.join(self.work, name), f"{{dns: {{type: spool, path: {spool}}}}}", self.rules,
                         limits="threads: 2"), spool

    def test_refused_with_a_reason(self):
        for name, selection in (("repeat", "query_name|re: '((a{500}){500}){500}'"),
                                ("long", "query_name|re: '" + "(a|b)*" * 400_000 + "'")):
            home, _ = self.start(name, self.rule(selection))
            begin = time.monotonic()
            code = home.run_once()
            self.assertEqual(code, 1, home.log()[-500:])
            self.assertRegex(home.log(), r"error\[E\d+\]")
            self.assertLess(len(home.log()), 5_000_000)
            print(f"  {name}: refused after {time.monotonic() - begin:.1f} s: "
                  + re.search(r"error\[.*", home.log()).group()[:100], flush=True)

    def test_a_million_values(self):
        values = ", ".join(f'"host{n}.example.com"' for n in range(1_000_000))
        home, spool = self.start("million", self.rule(f"query_name: [{values}]"))
        with open(os.path.join(spool, "a"), "w") as out:
            out.write("\n".join(json.dumps(feed.query(n, self.begin)) for n in (5, 999_999, 1_000_000)) + "\n")
        begin = time.monotonic()
        code = home.run_once()
        print(f"  a list of 1,000,000 values: exit {code} after {time.monotonic() - begin:.1f} s", flush=True)
        self.assertIn(code, (0, 1), home.log()[-500:])
        if code == 0:
            self.assertEqual(len(home.finals()), 2)

    def test_keys_that_others_choose(self):
        home, spool = self.start("keys", self.rule("query_type: \"A\"", (
            "  correlation {\n    group_by: [query_name]\n    timespan: 1h\n    condition: distinct(srcaddr) >= 30\n"
            "    state: 4MiB\n  }\n")))
        now, count = int(time.time()), 0
        for file in range(6):
            with open(os.path.join(spool, f".{file}"), "w") as out:
                for _ in range(20_000):
                    out.write(json.dumps(feed.query(count, now)) + "\n")
                    count += 1
        home.start()
        home.wait_running()
        for file in range(6):
            os.rename(os.path.join(spool, f".{file}"), os.path.join(spool, f"{file}"))
        home.wait_received(count)
        resident, _ = feed.memory_of(home.process.pid)
        self.assertEqual(home.stop(), 0)
        print(f"  {count} groups of one rule: evaluated {home.audit()['evaluated']}, resident {resident:.0f} MiB", flush=True)
        self.assertEqual(home.audit()["evaluated"], count)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + REST, verbosity=2, warnings="ignore")
