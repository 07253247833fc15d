#!/usr/bin/env python3
"""A disk that fails, and power that does: `weir run` under disk_shim.c.

  run_disk.py WEIR [--cuts 12] [--steps 5] [--memory 512] [TEST…]

Fault matrix 3 and 4, and "200 only after the commit". Prints what was done to it; exit 1 when anything was lost or doubled.
"""
import argparse
import errno
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import feed

ARGUMENTS = argparse.ArgumentParser()
ARGUMENTS.add_argument("weir")
ARGUMENTS.add_argument("--cuts", type=int, default=12)
ARGUMENTS.add_argument("--steps", type=int, default=5, help="of calls that fail, a kind")
ARGUMENTS.add_argument("--memory", type=int, default=feed.MEMORY_MIB)
OPTIONS, REST = ARGUMENTS.parse_known_args()
WEIR = os.path.abspath(OPTIONS.weir)
SECTOR = 512


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp(prefix="weir-disk-")
        cls.addClassCleanup(shutil.rmtree, cls.work)
        cls.shim = os.path.join(cls.work, "disk_shim.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-D_LARGEFILE64_SOURCE", "-o", cls.shim,
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), "disk_shim.c"), "-ldl", "-lpthread"],
                       check=True)
        cls.rules = os.path.join(cls.work, "rules.weir")
        feed.write_rules(cls.rules)
        cls.spool = os.path.join(cls.work, "spool")
        os.makedirs(cls.spool)
        begin, cls.count = int(time.time()) - 3600, 1200
        for file in range(12):
            with open(f"{cls.spool}/{file}.ndjson", "w") as out:
                for number in range(100 * file, 100 * file + 100):
                    out.write(feed.line(number, begin + number) + "\n")
        cls.wanted = feed.scanned(WEIR, [cls.spool], cls.rules)

    def home(self, name, sources=None, **more):
        return feed.Weir(WEIR, os.path.join(self.work, name), sources or f"{{trail: {{type: spool, path: {self.spool}}}}}",
                         self.rules, **more)

    def under(self, home, **variables):
        return {"LD_PRELOAD": self.shim, "DISK_FOLDER": home.folder, "DISK_TRACE": os.path.join(home.folder, "trace"),
                **variables}

    def trace(self, home):
        """(kind, path, offset or size, bytes) of each operation."""
        out = []
        with open(os.path.join(home.folder, "trace"), "rb") as file:
            while line := file.readline():
                kind, *words = line.decode().split()
                if kind == "W":
                    out.append((kind, words[0], int(words[1]), file.read(int(words[2]))))
                else:
                    out.append((kind, words[0], int(words[1]) if len(words) > 1 else 0, b""))
        return out

    def complete(self, home, what):
        """Once more, undisturbed: everything is there, and nothing twice."""
        self.assertEqual(home.run_once(), 0, f"{what}: {home.log()[-3000:]}")
        self.assertEqual(home.audit(), {"received": self.count, "evaluated": self.count, "quarantined": 0, "in_flight": 0,
                                        "alerts_committed": len(self.wanted)}, what)
        self.assertEqual(home.finals(), self.wanted, what)


class PowerCut(Case):
    def test_what_was_not_synced_is_lost_or_torn(self):
        home = self.home("whole")
        self.assertEqual(home.run_once(environment=self.under(home)), 0, home.log())
        operations = self.trace(home)
        commits = sum(kind == "S" for kind, *_ in operations)
        self.assertGreater(commits, 5)
        dice = random.Random(1)
        for cut in range(OPTIONS.cuts):
            at = dice.randrange(len(operations))
            self.lay_out(operations[:at], home, dice, dice.choice((0.0, 0.5, 0.9)))
            self.complete(home, f"power cut {cut} at operation {at} of {len(operations)}")
        print(f"  power cuts {OPTIONS.cuts} among {len(operations)} operations with {commits} syncs  "
              f"events {self.count * OPTIONS.cuts}  lost 0  doubled 0", flush=True)

    def lay_out(self, operations, home, dice, kept):
        """The files as a disk may hold them: what was synced, and of later writes each sector or not. The sink's file
        stays the same file."""
        synced = {}
        for number, (kind, path, *_) in enumerate(operations):
            if kind == "S":
                synced[path] = number
        files = {}
        for number, (kind, path, at, data) in enumerate(operations):
            if os.path.basename(path) not in ("weir.db", "weir.db-wal", "alerts.ndjson"):
                continue
            content = files.setdefault(path, bytearray())
            certain = number < synced.get(path, -1)
            if kind == "T" and (certain or dice.random() < kept):
                del content[at:]
                content.extend(bytes(at - len(content)))
            while kind == "W" and data:
                size = SECTOR - at % SECTOR
                if certain or dice.random() < kept:
                    content.extend(bytes(max(0, at + len(data[:size]) - len(content))))
                    content[at:at + len(data[:size])] = data[:size]
                at, data = at + size, data[size:]
        shutil.rmtree(os.path.join(home.folder, "store"))
        os.makedirs(os.path.join(home.folder, "store"))
        os.truncate(home.alerts, 0)
        for path, content in files.items():
            with open(path, "wb") as out:
                out.write(content)


class FailingCalls(Case):
    def test_each_call_once(self):
        done = 0
        for call, number in (("write", errno.ENOSPC), ("sync", errno.EIO), ("open", errno.EMFILE), ("read", errno.EIO)):
            step, at = 1, 1
            for turn in range(OPTIONS.steps):
                home = self.home(f"{call}{at}")
                code = home.run_once(environment=self.under(home, DISK_FAIL=f"{call}:{number}:{at}"))
                failed = any(kind == "F" for kind, *_ in self.trace(home))
                self.assertGreaterEqual(code, 0, f"{call} {at}: {home.log()[-3000:]}")
                if not failed:
                    self.assertEqual(code, 0)
                    self.assertGreater(turn, 0, f"no {call} to fail")
                    break
                done += 1
                self.complete(home, f"{call} {at} failed, exit {code}")
                at, step = at + step, at
        print(f"  calls that failed once: {done}  lost 0  doubled 0", flush=True)

    def test_a_disk_that_stays_full(self):
        for call, number, calls in (("write", errno.ENOSPC, 300), ("sync", errno.EIO, 20)):
            port = feed.free_port()
            os.environ["FIREHOSE_KEY"] = "key"
            home = self.home(f"full-{call}", "{trail: {type: firehose, access_key: {env: FIREHOSE_KEY}, "
                             f"listen: '127.0.0.1:{port}'}}}}")
            self.assertEqual(home.run_once(home.rest), 0)  # makes the store
            process = home.start(environment=self.under(home, DISK_FAIL=f"{call}:{number}:{calls}:1000000000"))
            home.wait_running()
            dice, at, answered = random.Random(2), 0, 0
            begin = int(time.time()) - 600
            while at < 4000 and answered == at:
                last = feed.Request([feed.line(one, begin + one // 10) for one in range(at * 20, at * 20 + 20)], dice)
                answered += last.send(port, timeout=2) == 200
                at += 1
            self.assertLess(answered, at, "it was to be full")
            self.assertIn("the store cannot be written", home.log())
            self.assertIn("nothing is acknowledged", home.log())
            self.assertIsNone(process.poll(), "it waits")
            begin = time.monotonic()
            code = home.stop()
            print(f"  {call} fails for ever: {answered} answered, then none; stopped with {code} after "
                  f"{time.monotonic() - begin:.1f} s", flush=True)
            self.assertEqual(code, 3)
            self.assertLess(time.monotonic() - begin, 30)
            # What was not answered is sent again; that it may be on the disk all the same is known by its id.
            home.start()
            home.wait_running()
            self.assertEqual(last.send(port), 200)
            self.assertEqual(home.stop(), 0)
            self.assertEqual(home.audit()["received"], answered * 20 + 20)


class Answer(Case):
    def test_synced_before_it_is_said(self):
        port = feed.free_port()
        os.environ["FIREHOSE_KEY"] = "key"
        home = self.home("answer", "{trail: {type: firehose, access_key: {env: FIREHOSE_KEY}, "
                         f"listen: '127.0.0.1:{port}'}}}}")
        home.start(environment=self.under(home))
        home.wait_running()
        dice, begin = random.Random(3), int(time.time()) - 600
        for at in range(50):
            request = feed.Request([feed.line(number, begin + number) for number in range(at * 20, at * 20 + 20)], dice)
            self.assertEqual(request.send(port), 200)
        self.assertEqual(home.stop(), 0)
        # Between two answers, the log of the store was written and then synced, and nothing written to it since.
        answers, state = 0, "nothing"
        for kind, path, _, data in self.trace(home):
            if path.endswith("weir.db-wal") and kind in "WS":
                state = "written" if kind == "W" else "synced" if state == "written" else state
            if kind == "H" and path == "200":
                self.assertEqual(state, "synced", f"answer {answers}")
                answers, state = answers + 1, "nothing"
        self.assertEqual(answers, 50)
        print(f"  answers 200: {answers}, each after write and sync of the store's log", flush=True)


def tearDownModule():
    peak = feed.peak_mib()
    print(f"  peak {peak:.0f} MiB", flush=True)
    if OPTIONS.memory and peak > OPTIONS.memory:
        raise AssertionError(f"{peak:.0f} MiB were needed")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + REST, verbosity=2)
