#!/usr/bin/env python3
"""The HTTP source through real sockets: http_test.py HTTP_CORE SANITIZERS [TEST…].

200 only after the commit, a request evaluated once, 503 where there is no room, never 413, and memory within bounds
whatever a client does."""
import base64, concurrent.futures, gzip, http.client, json, os, shutil, socket, ssl, subprocess, sys, tempfile
import threading, time, unittest, uuid, zlib

CORE = sys.argv[1]
SANITIZED = len(sys.argv) > 2 and sys.argv[2] != ""
MEMORY_KIB = 128 << 10  # of the process at its peak, whatever is thrown at it
PATIENCE = 120


class Core:
    """One http_core, and what it wrote."""

    def __init__(self, store, **arguments):
        self.store = store
        command = [CORE, store] + [f"{key}={value}" for key, value in arguments.items()]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.errors = []
        threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True).start()
        line = self.process.stdout.readline().split()
        self.port, self.pages = int(line[1]), int(line[2])

    def tell(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self):
        """Peak memory in KiB."""
        out, _ = self.process.communicate("quit\n", timeout=PATIENCE)
        if self.process.returncode != 0:
            raise AssertionError(f"http_core ended with {self.process.returncode}: {''.join(self.errors)[-2000:]}")
        return int(out.split()[-1])

    def commits(self):
        """(time, key, records, unreadable, bytes, name) of every commit."""
        if not os.path.exists(self.store):
            return []
        rows = []
        for line in open(self.store):
            time_ns, key, records, unreadable, size, name = line.rstrip("\n").split(" ", 5)
            rows.append((int(time_ns), key, int(records), int(unreadable), int(size), name))
        return rows

    def connect(self, timeout=PATIENCE):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def post(self, path, body, headers=None, method="POST"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        return exchange(connection, path, body, headers, method)


def exchange(connection, path, body, headers=None, method="POST"):
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read(), {key.lower(): value for key, value in answer.getheaders()}


def firehose(records, request=None, key="key-one"):
    request = request or str(uuid.uuid4())
    data = ",".join('{"data":"%s"}' % base64.b64encode(record).decode() for record in records)
    body = '{"requestId":"%s","timestamp":1578090901599,"records":[%s]}' % (request, data)
    headers = {"X-Amz-Firehose-Protocol-Version": "1.0", "X-Amz-Firehose-Request-Id": request,
               "X-Amz-Firehose-Access-Key": key, "Content-Type": "application/json"}
    return request, body.encode(), headers


def read_all(connection):
    """Until the server closes, however it does."""
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except (ConnectionError, ssl.SSLError):
        pass
    return data


class Case(unittest.TestCase):
    arguments = {}

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="weir-http-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.core = Core(os.path.join(self.folder, "store"), **self.arguments)

    def tearDown(self):
        if self.core.process.poll() is not None:
            self.fail("http_core is gone: " + "".join(self.core.errors)[-2000:])
        peak = self.core.end()
        print(f"  peak {peak >> 10} MiB", flush=True)
        if not SANITIZED:
            self.assertLess(peak, MEMORY_KIB)

    def until(self, metric, value):
        """Waits until the metric has that value."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            connection = http.client.HTTPConnection("127.0.0.1", self.core.pages, timeout=PATIENCE)
            text = exchange(connection, "/metrics", None, method="GET")[1].decode()
            if f'{metric}{{source="test"}} {value}\n' in text:
                return
            time.sleep(0.05)
        self.fail(f"{metric} never became {value}")

    def held(self):
        """Waits for the answer in another thread, while the core commits nothing."""
        self.assertEqual(self.core.tell("hold"), "ok")
        return concurrent.futures.ThreadPoolExecutor(16)


class Plain(Case):
    def test_answered_after_the_commit_and_not_before(self):
        with self.held() as pool:
            lines = b'{"a":1}\n{"a":2}\nbroken {\n'
            waiting = pool.submit(self.core.post, "/ingest", lines)
            self.until("weir_http_held_bytes", len(lines))
            time.sleep(0.5)
            self.assertFalse(waiting.done())
            self.core.tell("go")
            status, body, headers = waiting.result()
            answered = time.monotonic_ns()
        self.assertEqual(status, 200)
        self.assertEqual(headers["content-type"], "application/json")
        self.assertTrue(json.loads(body)["committed"])
        (commit,) = self.core.commits()
        self.assertLess(commit[0], answered)
        self.assertEqual(commit[2] + commit[3], json.loads(body)["records"] + json.loads(body)["unreadable"])

    def test_many_lines_gzip_chunked_and_old(self):
        lines = b"".join(b'{"n":%d}\n' % n for n in range(5000))
        status, body, _ = self.core.post("/ingest", gzip.compress(lines), {"Content-Encoding": "gzip"})
        self.assertEqual((status, json.loads(body)["records"]), (200, 5000))
        status, body, _ = self.core.post("/ingest", iter([lines[i:i + 999] for i in range(0, len(lines), 999)]))
        self.assertEqual((status, json.loads(body)["records"]), (200, 5000))
        connection = self.core.connect()
        connection.sendall(b"POST /ingest?x=1 HTTP/1.0\r\nContent-Length: 8\r\n\r\n{\"a\":1}\n")
        data = read_all(connection)
        self.assertTrue(data.startswith(b"HTTP/1.1 200"), data)

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl_with_expect(self):
        path = os.path.join(self.folder, "body")
        with open(path, "wb") as file:
            file.write(b'{"a":1}\n' * 300_000)
        out = subprocess.run(["curl", "-sS", "-H", "Expect: 100-continue", "--data-binary", "@" + path,
                              f"http://127.0.0.1:{self.core.port}/ingest"], capture_output=True, timeout=PATIENCE)
        self.assertEqual(json.loads(out.stdout)["records"], 300_000, out.stderr)
        connection = self.core.connect()
        connection.sendall(b"POST /guarded HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 8\r\n\r\n")
        self.assertTrue(read_all(connection).startswith(b"HTTP/1.1 401"))  # and not 100

    def test_what_is_refused(self):
        secret = "attacker-text-<script>"
        for expected, path, method, headers in (
                (404, "/" + secret, "POST", {}), (405, "/ingest", "GET", {}), (405, "/ingest", "DELETE", {}),
                (401, "/guarded", "POST", {}), (401, "/guarded", "POST", {"Authorization": "Bearer " + secret}),
                (415, "/ingest", "POST", {"Content-Encoding": "br"}), (417, "/ingest", "POST", {"Expect": secret})):
            with self.subTest(expected=expected, path=path):
                status, body, headers = self.core.post(path, b'{"a":1}', headers, method)
                self.assertEqual(status, expected)
                self.assertNotIn(secret.encode(), body + str(headers).encode())
        self.assertEqual(self.core.post("/guarded", b'{"a":1}', {"Authorization": "Bearer token"})[0], 200)
        for raw, expected in ((b"POST /ingest HTTP/1.1\r\nHost: x\r\n\r\n", b"411"), (b"\x16\x03\x01\x02\r\n\r\n", b"400"),
                              (b"POST /ingest HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
                              (b"POST /ingest HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
                              (b"POST /ingest HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
                              (b"POST /ingest HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", b"400"),
                              (b"POST /ingest HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n", b"400")):
            with self.subTest(raw=raw):
                connection = self.core.connect()
                connection.sendall(raw)
                self.assertEqual(read_all(connection)[9:12], expected)
        self.assertEqual(len(self.core.commits()), 1)

    def test_one_connection_many_requests(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.core.port, timeout=PATIENCE)
        for n in range(3):
            self.assertEqual(exchange(connection, "/ingest", b'{"a":1}\n' * (n + 1))[0], 200)
        raw = self.core.connect()
        raw.sendall(b"".join(b"POST /ingest HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n%s" %
                             (8 * n, b"Connection: close\r\n" if n == 3 else b"", b'{"a":1}\n' * n) for n in (1, 2, 3)))
        data = read_all(raw)
        found = [data.find(b'"records":%d' % n) for n in (1, 2, 3)]
        self.assertEqual(data.count(b"HTTP/1.1 200"), 3)
        self.assertTrue(0 < found[0] < found[1] < found[2], data)

    def test_two_hundred_connections(self):
        with concurrent.futures.ThreadPoolExecutor(200) as pool:
            barrier = threading.Barrier(200, timeout=PATIENCE)

            def one(n):
                connection = http.client.HTTPConnection("127.0.0.1", self.core.port, timeout=PATIENCE)
                connection.connect()
                barrier.wait()
                return exchange(connection, "/ingest", b'{"n":%d}\n' % n * 50)[0]
            self.assertEqual(set(pool.map(one, range(200))), {200})
        self.assertEqual(sum(commit[2] for commit in self.core.commits()), 200 * 50)

    def test_idempotency_key(self):
        for expected in ({"records": 1}, {"repeated": True}):
            status, body, _ = self.core.post("/ingest", b'{"a":1}', {"Idempotency-Key": "batch-7"})
            self.assertEqual(status, 200)
            self.assertEqual(json.loads(body) | expected, json.loads(body))
        self.assertEqual(len(self.core.commits()), 1)

    def test_an_idempotency_key_with_other_content(self):
        with self.held() as pool:
            first = pool.submit(self.core.post, "/ingest", b'{"a":1}', {"Idempotency-Key": "again"})
            self.until("weir_http_held_bytes", 7)
            status, body, _ = self.core.post("/ingest", b'{"a":2}', {"Idempotency-Key": "again"})
            self.assertEqual(status, 422)   # while the first waits
            self.core.tell("go")
            self.assertEqual(first.result()[0], 200)
        status, body, _ = self.core.post("/ingest", b'{"a":2}', {"Idempotency-Key": "again"})
        self.assertEqual(status, 422)       # and when it is committed
        self.assertIn("other content", json.loads(body)["error"])
        self.assertEqual(self.core.post("/ingest", b'{"a":1}', {"Idempotency-Key": "again"})[0], 200)
        self.assertEqual([commit[2] for commit in self.core.commits()], [1])

    def test_a_client_that_goes_before_its_answer(self):
        with self.held():
            connection = self.core.connect()
            connection.sendall(b"POST /ingest HTTP/1.1\r\nIdempotency-Key: gone\r\nContent-Length: 7\r\n\r\n{\"a\":1}")
            self.until("weir_http_held_bytes", 7)
            connection.close()
            half = self.core.connect()
            half.sendall(b"POST /ingest HTTP/1.1\r\nContent-Length: 700\r\n\r\n{\"a\":1}")
            half.close()
            self.core.tell("go")
        status, body, _ = self.core.post("/ingest", b'{"a":1}', {"Idempotency-Key": "gone"})
        self.assertEqual(status, 200)
        self.assertEqual([commit[2] for commit in self.core.commits()], [1])

    def test_bombs(self):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        bomb = b"".join(packer.compress(b'{"a":"' + bytes([65]) * ((1 << 20) - 9) + b'"}\n') for _ in range(1200))
        bomb += packer.flush()
        begin = time.monotonic()
        status, body, _ = self.core.post("/ingest", bomb, {"Content-Encoding": "gzip"})
        answer = json.loads(body)
        self.assertEqual(status, 200)
        self.assertGreaterEqual(answer["unreadable"], 1)   # the rest of it: quarantined
        self.assertLess(answer["records"], 1200)
        zeros = zlib.compressobj(9, zlib.DEFLATED, 31)
        zero_bomb = b"".join(zeros.compress(bytes(1 << 20)) for _ in range(300)) + zeros.flush()
        self.assertEqual(self.core.post("/ingest", zero_bomb)[0], 200)
        print(f"  {len(bomb)} bytes for 1200 MiB, {len(zero_bomb)} for 300 MiB: {time.monotonic() - begin:.1f} s")


class Firehose(Case):
    def test_the_answer(self):
        for key in ("key-one", "key-two"):
            request, body, headers = firehose([b'{"a":1}\n', b'{"a":2}{"a":3}'], key=key)
            status, answer, fields = self.core.post("/firehose", body, headers)
            self.assertEqual(status, 200)
            self.assertEqual(json.loads(answer)["requestId"], request)
            self.assertLess(abs(json.loads(answer)["timestamp"] / 1000 - time.time()), 60)
            self.assertEqual(fields["content-type"], "application/json")
            self.assertEqual(int(fields["content-length"]), len(answer))
        request, body, headers = firehose([b'{"a":1}'])
        headers["Content-Encoding"] = "gzip"
        self.assertEqual(self.core.post("/firehose", gzip.compress(body), headers)[0], 200)
        self.assertEqual([commit[2] for commit in self.core.commits()], [3, 3, 1])

    def test_a_wrong_key(self):
        request, body, headers = firehose([b'{"a":1}'], key="key-onf")
        status, answer, _ = self.core.post("/firehose", body, headers)
        self.assertEqual((status, json.loads(answer)["requestId"]), (401, request))
        self.assertIn("errorMessage", json.loads(answer))
        self.assertEqual(self.core.commits(), [])

    def test_evaluated_once(self):
        request, body, headers = firehose([b'{"a":1}'])
        with self.held() as pool:  # twice at the same time
            both = [pool.submit(self.core.post, "/firehose", body, headers) for _ in range(2)]
            time.sleep(0.5)
            self.assertFalse(any(waiting.done() for waiting in both))
            self.core.tell("go")
            self.assertEqual([waiting.result()[0] for waiting in both], [200, 200])
        self.assertEqual(self.core.post("/firehose", body, headers)[0], 200)  # after the commit
        self.core.end()
        self.core = Core(self.core.store)  # after a restart
        status, answer, _ = self.core.post("/firehose", body, headers)
        self.assertEqual((status, json.loads(answer)["requestId"]), (200, request))
        self.assertEqual(len(self.core.commits()), 1)

    def test_what_cannot_be_read(self):
        _, _, headers = firehose([])
        for body in (b"", b"hello", b'{"requestId":"x"}', b'{"records":[{"data"'[:11], gzip.compress(b"x" * 9999)[:40]):
            for _ in range(2):  # never known as finished
                status, answer, _ = self.core.post("/firehose", body, headers)
                self.assertEqual(status, 400, body)
                self.assertIn("errorMessage", json.loads(answer))
        self.assertEqual(self.core.commits(), [])
        _, body, headers = firehose([b'{"a":1}'])
        body = body.replace(b'"records":[', b'"records":[{"data":"***"},')
        self.assertEqual(self.core.post("/firehose", body, headers)[0], 200)
        self.assertEqual(self.core.commits()[0][2:4], (1, 1))

    def test_as_large_as_it_may_be(self):
        count, longest = 48, 1_000_000
        _, body, headers = firehose([b'{"a":"%s"}' % (b"x" * (longest - 8))] * count)
        body += b" " * ((64 << 20) - len(body))
        self.assertEqual(len(body), 64 << 20)
        begin = time.monotonic()
        self.assertEqual(self.core.post("/firehose", body, headers)[0], 200)
        print(f"  64 MiB: {time.monotonic() - begin:.2f} s")
        self.assertEqual(self.core.commits()[0][2:5], (count, 0, count * longest))
        headers["X-Amz-Firehose-Request-Id"] = "larger"
        status, answer, _ = self.core.post("/firehose", body + b" ", headers)
        self.assertEqual(status, 400)  # 413 would be dropped for good
        _, body, headers = firehose([b'{"n":%d}' % n for n in range(10_000)])
        self.assertEqual(self.core.post("/firehose", body, headers)[0], 200)
        self.assertEqual(self.core.commits()[1][2:4], (10_000, 0))

    def test_several_large_ones_at_once(self):
        _, body, _ = firehose([b'{"a":"%s"}' % (b"x" * 999_992)] * 47)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = [pool.submit(self.core.post, "/firehose", body, firehose([])[2]) for _ in range(6)]
            self.assertEqual({answer.result()[0] for answer in answers}, {200})

    def test_a_bomb(self):
        _, body, headers = firehose([gzip.compress(b'{"a":1}\n' + bytes(300 << 20), 9)])
        headers["Content-Encoding"] = "gzip"
        self.assertEqual(self.core.post("/firehose", gzip.compress(body), headers)[0], 200)
        whole = gzip.compress(b'{"records":[' + b" " * (200 << 20) + b"]}", 9)
        headers["X-Amz-Firehose-Request-Id"] = "blanks"
        self.assertEqual(self.core.post("/firehose", whole, headers)[0], 200)
        self.assertGreaterEqual(self.core.commits()[1][3], 1)

    def test_given_up_when_the_core_stops(self):
        request, body, headers = firehose([b'{"a":1}'])
        with self.held() as pool:
            waiting = pool.submit(self.core.post, "/firehose", body, headers)
            self.until("weir_http_held_bytes", len(body))
            self.core.end()
            status, answer, fields = waiting.result()
        self.assertEqual((status, json.loads(answer)["requestId"]), (503, request))
        self.assertIn("retry-after", fields)
        self.core = Core(self.core.store)
        self.assertEqual(self.core.post("/firehose", body, headers)[0], 200)
        self.assertEqual(len(self.core.commits()), 1)


class Slow(Case):
    arguments = {"header_ms": 1000, "idle_ms": 1500, "stall_ms": 1000, "grace_ms": 2000, "rate": 10_000}

    def test_a_head_that_never_ends(self):
        begin = time.monotonic()
        slow = [self.core.connect() for _ in range(50)]
        for connection in slow:
            connection.sendall(b"POST /ingest HTTP/1.1\r\n")
        silent = self.core.connect()
        self.assertEqual(self.core.post("/ingest", b'{"a":1}')[0], 200)  # meanwhile
        try:
            while time.monotonic() - begin < 20:
                slow[0].sendall(b"X: y\r\n")
                time.sleep(0.2)
        except ConnectionError:
            pass
        self.assertLess(time.monotonic() - begin, 10)
        self.assertTrue(read_all(slow[1]).startswith(b"HTTP/1.1 408"))
        self.assertEqual(read_all(silent), b"")

    def test_a_body_that_trickles(self):
        stalled, trickling = self.core.connect(), self.core.connect()
        for connection in (stalled, trickling):
            connection.sendall(b"POST /ingest HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n{")
        begin = time.monotonic()
        self.assertTrue(read_all(stalled).startswith(b"HTTP/1.1 408"))
        try:
            while time.monotonic() - begin < 30:
                trickling.sendall(b"x" * 50)
                time.sleep(0.05)
        except ConnectionError:
            pass
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(self.core.commits(), [])

    def test_an_idle_connection(self):
        connection = self.core.connect()
        connection.sendall(b"POST /ingest HTTP/1.1\r\nContent-Length: 7\r\n\r\n{\"a\":1}")
        begin = time.monotonic()
        self.assertTrue(read_all(connection).startswith(b"HTTP/1.1 200"))
        self.assertLess(time.monotonic() - begin, 20)

    def test_a_head_without_end(self):
        connection = self.core.connect()
        refused, sent = False, 0
        try:
            connection.sendall(b"POST /ingest HTTP/1.1\r\nX-Long: ")
            for sent in range(200):
                connection.sendall(b"x" * (1 << 20))
        except ConnectionError:
            refused = True
        data = read_all(connection)
        self.assertTrue(data.startswith(b"HTTP/1.1 431") or (refused and data == b""), data[:100])
        fields = self.core.connect()
        fields.sendall(b"POST /ingest HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(3000)))
        self.assertTrue(read_all(fields).startswith(b"HTTP/1.1 431"))


class Tight(Case):
    arguments = {"connections": 8, "held": 10 << 20, "waiting": 3}

    def test_no_more_connections(self):
        many = [self.core.connect() for _ in range(8)]
        self.until("weir_http_connections", 8)
        ninth = self.core.connect()
        self.assertTrue(read_all(ninth).startswith(b"HTTP/1.1 503"))
        for connection in many:
            connection.close()
        self.until("weir_http_connections", 0)
        self.assertEqual(self.core.post("/ingest", b'{"a":1}')[0], 200)

    def test_no_room_for_bodies(self):
        body = b'{"a":1}\n' * (1 << 20)
        with self.held() as pool:
            first = pool.submit(self.core.post, "/ingest", body)
            self.until("weir_http_held_bytes", len(body))
            status, _, headers = self.core.post("/ingest", body)
            self.assertEqual(status, 503)
            self.assertIn("retry-after", headers)
            status, _, _ = self.core.post("/ingest", iter([body[:1 << 20]] * 8))
            self.assertEqual(status, 503)
            self.core.tell("go")
            self.assertEqual(first.result()[0], 200)
        self.assertEqual(self.core.post("/ingest", body)[0], 200)

    def test_too_many_wait(self):
        with self.held() as pool:
            three = [pool.submit(self.core.post, "/ingest", b'{"a":1}') for _ in range(3)]
            self.until("weir_http_held_bytes", 3 * len(b'{"a":1}'))
            self.assertEqual(self.core.post("/ingest", b'{"a":1}')[0], 503)
            self.core.tell("go")
            self.assertEqual([one.result()[0] for one in three], [200] * 3)


class Impatient(Case):
    arguments = {"answer_ms": 3000}

    def test_not_committed_in_time(self):
        request, body, headers = firehose([b'{"a":1}'])
        with self.held():
            status, answer, fields = self.core.post("/firehose", body, headers)
            self.assertEqual((status, json.loads(answer)["requestId"]), (503, request))
            self.assertIn("retry-after", fields)
            self.core.tell("go")
        self.assertEqual(self.core.post("/firehose", body, headers)[0], 200)
        self.assertEqual(len(self.core.commits()), 1)


class Https(unittest.TestCase):
    def certify(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.key, "-out", self.cert, "-days", "2", "-subj", "/CN=" + name,
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)

    def context(self):
        return ssl.create_default_context(cafile=self.cert)

    def post(self, context, body=b'{"a":1}'):
        connection = http.client.HTTPSConnection("127.0.0.1", self.core.port, timeout=PATIENCE, context=context)
        return exchange(connection, "/ingest", body)[0]

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="weir-https-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.cert, self.key = os.path.join(self.folder, "cert.pem"), os.path.join(self.folder, "key.pem")
        self.certify("one")
        self.core = Core(os.path.join(self.folder, "store"), cert=self.cert, key=self.key, header_ms=2000)

    def test_https(self):
        first = self.context()
        self.assertEqual(self.post(first), 200)
        self.assertEqual(self.post(first, b'{"a":1}\n' * 1_000_000), 200)
        old = self.context()
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assertEqual(self.post(old), 200)
        too_old = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.core.port}", "-tls1_1",
                                  "-cipher", "ALL:@SECLEVEL=0"], input=b"", capture_output=True, timeout=PATIENCE)
        self.assertNotEqual(too_old.returncode, 0)
        silent = self.core.connect()  # no handshake
        plain = self.core.connect()
        plain.sendall(b"POST /ingest HTTP/1.1\r\n\r\n")
        self.assertNotIn(b"200", read_all(plain))
        self.assertEqual(read_all(silent), b"")
        slow = self.context().wrap_socket(self.core.connect(), server_hostname="localhost")
        slow.sendall(b"POST /ingest HTTP/1.1\r\n")
        self.assertTrue(read_all(slow).startswith(b"HTTP/1.1 408"))

        self.certify("two")
        self.assertEqual(self.core.tell("reload"), "ok")
        self.assertEqual(self.post(self.context()), 200)
        with self.assertRaises(ssl.SSLError):
            self.post(first)
        second = self.context()
        with open(self.cert, "w") as file:
            file.write("broken")
        self.assertIn("no certificate", self.core.tell("reload"))
        self.assertEqual(self.post(second), 200)
        self.core.end()


class Pages(Case):
    def get(self, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.core.pages, timeout=PATIENCE)
        return exchange(connection, path, None, method=method)

    def test_pages(self):
        self.assertEqual(self.core.post("/ingest", b'{"a":1}')[0], 200)
        self.assertEqual(self.core.post("/nowhere", b'{"a":1}')[0], 404)
        self.assertEqual(self.get("/healthz")[:2], (200, b"alive\n"))
        self.assertEqual(self.get("/readyz")[0], 200)
        self.core.tell("unready")
        self.assertEqual(self.get("/readyz")[0], 503)
        self.assertEqual(self.get("/")[0], 404)
        self.assertEqual(self.get("/metrics", "POST")[0], 405)
        status, body, headers = self.get("/metrics", "HEAD")
        self.assertEqual((status, body), (200, b""))
        self.assertGreater(int(headers["content-length"]), 500)
        status, body, _ = self.get("/metrics")
        text = body.decode()
        self.assertIn('weir_http_requests_total{source="test",code="200"} 1\n', text)
        self.assertIn('weir_http_requests_total{source="test",code="404"} 1\n', text)
        self.assertIn('weir_http_answer_seconds_count{source="test"} 1\n', text)
        self.assertIn('weir_http_held_bytes{source="test"} 0\n', text)

    def test_promtool(self):
        if not shutil.which("promtool"):
            self.skipTest("promtool (Debian's package prometheus) is not installed")
        self.core.post("/ingest", b'{"a":1}')
        checked = subprocess.run(["promtool", "check", "metrics"], input=self.get("/metrics")[1], capture_output=True,
                                 timeout=PATIENCE)
        self.assertEqual((checked.returncode, checked.stderr), (0, b""), checked.stderr.decode())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2, warnings="ignore")
