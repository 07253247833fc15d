#!/usr/bin/env python3
"""Renews a list of names from what its publishers offer, or from a file that was downloaded elsewhere.

    python3 rules/lists/refresh.py                          # which lists there are, whose they are, under which licence
    python3 rules/lists/refresh.py doh_resolvers            # download and merge
    python3 rules/lists/refresh.py browser_miners --from hosts.txt
    python3 rules/lists/refresh.py oast_services --from mine.txt --format plain
    python3 rules/lists/refresh.py popular_domains --from top-1m.csv --limit 500 --replace
    python3 rules/lists/refresh.py --check doh_resolvers    # change nothing, exit 1 when something would change

New names are added to those that are there (--replace: only what was published stays). Names below another line, and
whole zones of dynamic DNS in other lists, are dropped. The comment at the top of a list is kept, those further down are
not; a line in it says when it was renewed, and from where. Only the standard library is used. What is downloaded is text that is read for names:
nothing of it is run, and a line that is no name is passed over.
"""
import argparse
import csv
import datetime
import pathlib
import re
import sys
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
MOST_BYTES = 64 << 20
NAME = re.compile(r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})")

# Names that stand for nobody, and that collections carry by accident.
NEVER = {"localhost.localdomain", "github.com", "githubusercontent.com", "google.com", "cloudflare.com", "wikipedia.org"}
# A provider of dynamic DNS is known by the name that stands above its section of the Public Suffix List.
PROVIDERS = re.compile(r"(?i)\b(no-?ip|dyn(dns|u|v6)?|duck ?dns|change ?ip|freedns|desec|dns ?exit|cloudns|synology|qnap|dynamic dns)\b")


def clean(text):
    """One name as the lists write it, or nothing.

    >>> clean("  WWW.Example.COM. ")
    'www.example.com'
    >>> clean("*.pool.example.net")
    'pool.example.net'
    >>> clean("127.0.0.1"), clean("no name"), clean("-x.example")
    (None, None, None)
    """
    name = text.strip().lower().rstrip(".")
    name = name[2:] if name.startswith("*.") else name
    return name if NAME.fullmatch(name) else None


def plain(text):
    """A name a line; `#` begins a comment.

    >>> sorted(plain("a.example  # one\\n\\n# b.example\\nc.example"))
    ['a.example', 'c.example']
    """
    return {line.split("#")[0].strip() for line in text.splitlines()} - {""}


def hosts(text):
    """The format of /etc/hosts: an address, then names.

    >>> sorted(hosts("0.0.0.0 a.example b.example # c.example\\n::1 localhost"))
    ['a.example', 'b.example', 'localhost']
    """
    return {word for line in text.splitlines() for word in line.split("#")[0].split()[1:]}


def urls(text):
    """The host of each https:// address in a page.

    >>> sorted(urls("| A | https://dns.a.example/dns-query | <https://b.example:8443/x> |"))
    ['b.example', 'dns.a.example']
    """
    return set(re.findall(r"https://([A-Za-z0-9._-]+)", text))


def quoted(text):
    """Every quoted name of a block about miners in a program or a YAML file: from a line that speaks of them to the
    bracket that closes it.

    >>> sorted(quoted('CRYPTO_MINING_DOMAINS = {\\n "a.example",\\n "b.example",\\n}\\nOTHER = {"c.example"}'))
    ['a.example', 'b.example']
    """
    blocks = re.findall(r"(?is)\b[a-z_]*(?:miner|mining)[a-z_]*domains\b[^\[{]*[\[{](.*?)[\]}]", text)
    return {name for block in blocks for name in re.findall(r"[\"']([^\"'\s]+)[\"']", block)}


def suffixes(text):
    """What providers of dynamic DNS registered in the private part of the Public Suffix List.

    >>> page = "// ===BEGIN PRIVATE DOMAINS===\\n// DuckDNS : http://www.duckdns.org/\\nduck.example\\n\\n// Other\\nx.example"
    >>> sorted(suffixes(page))
    ['duck.example']
    """
    private = text.partition("===BEGIN PRIVATE DOMAINS===")[2]
    found, wanted, was_comment = set(), False, False
    for line in private.splitlines():
        comment = line.startswith("//")
        if comment:
            wanted = bool(PROVIDERS.search(line)) or (wanted and was_comment)
        elif wanted and line and not line.startswith("!"):
            found.add(line)
        was_comment = comment
    return found


def ranking(text):
    """The domains of a ranking in columns: Tranco's `rank,domain`, or Majestic's with a line of names above.

    >>> ranking("1,a.example\\n2,b.example")
    ['a.example', 'b.example']
    >>> ranking("GlobalRank,TldRank,Domain,TLD\\n1,1,a.example,example")
    ['a.example']
    """
    rows = list(csv.reader(text.splitlines()))
    column = rows[0].index("Domain") if rows and "Domain" in rows[0] else 1
    return [row[column] for row in rows if len(row) > column and clean(row[column])]


FORMATS = {f.__name__: f for f in (plain, hosts, urls, quoted, suffixes, ranking)}

GITHUB = "https://raw.githubusercontent.com/"
# list -> (publisher, licence, format, address). A list without a row is merged from a file of your own.
SOURCES = {
    "monero_pools": [
        ("panther-labs/panther-analysis", "Apache-2.0", "quoted",
         GITHUB + "panther-labs/panther-analysis/main/global_helpers/panther_iocs.py"),
        ("falcosecurity/rules", "Apache-2.0", "quoted", GITHUB + "falcosecurity/rules/main/rules/falco-sandbox_rules.yaml"),
    ],
    "browser_miners": [
        ("hoshsadiq/adblock-nocoin-list", "MIT", "hosts", GITHUB + "hoshsadiq/adblock-nocoin-list/master/hosts.txt"),
    ],
    "doh_resolvers": [
        ("curl's wiki, DNS-over-HTTPS", "curl", "urls", GITHUB + "wiki/curl/curl/DNS-over-HTTPS.md"),
    ],
    "dynamic_dns": [
        ("Public Suffix List, private part", "MPL-2.0", "suffixes", "https://publicsuffix.org/list/public_suffix_list.dat"),
    ],
    "popular_domains": [
        ("Majestic Million", "CC-BY-3.0", "ranking", "https://downloads.majestic.com/majestic_million.csv"),
    ],
}


def download(address):
    request = urllib.request.Request(address, headers={"User-Agent": "weir-refresh"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        data = answer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(f"{address} has more than {MOST_BYTES} bytes")
    return data.decode("utf-8", "replace")


def without_children(names):
    """Drops what stands below another name: a line means everything below it.

    >>> sorted(without_children({"example.com", "a.example.com", "notexample.com"}))
    ['example.com', 'notexample.com']
    """
    def parents(name):
        parts = name.split(".")
        return {".".join(parts[i:]) for i in range(1, len(parts))}
    return {name for name in names if not parents(name) & names}


def split(text):
    """The comment at the top of a list, and its names.

    >>> head, names = split("# why\\n#\\na.example\\n# more\\nb.example\\n")
    >>> head, sorted(names)
    (['# why', '#'], ['a.example', 'b.example'])
    """
    lines = text.splitlines()
    top = 0
    while top < len(lines) and lines[top].startswith("#"):
        top += 1
    return lines[:top], {line.split("#")[0].strip() for line in lines[top:]} - {""}


def left_out(name):
    """Names that must not come into this list: of a whole dynamic DNS zone, most have nothing to do with any other list."""
    if name == "popular_domains":
        return set()
    return NEVER if name == "dynamic_dns" else NEVER | split((HERE / "dynamic_dns.txt").read_text())[1]


def renewed(text, published, replace, whence, today):
    """The text of the list with the published names in it."""
    head, old = split(text)
    keep = set() if replace else old
    names = without_children(published | keep)
    if names == old:
        return text
    head = [line for line in head if not line.startswith("# Renewed on ")] + [f"# Renewed on {today} from {whence}."]
    return "\n".join(head + sorted(names)) + "\n"


def published_names(name, options):
    """What the file, or the publishers, say; and who said it."""
    if options.from_file:
        known = SOURCES.get(name)
        form = options.format or (known[0][2] if known else "plain")
        texts = [(form, pathlib.Path(options.from_file).read_text("utf-8", "replace"), pathlib.Path(options.from_file).name)]
    elif name in SOURCES:
        texts = [(form, download(address), who) for who, _, form, address in SOURCES[name]]
    else:
        raise SystemExit(f"refresh.py: {name} has no publisher whose licence permits copying; give a file with --from")
    found = []
    for form, text, _ in texts:
        got = FORMATS[form](text)
        found += (got[:options.limit] if form == "ranking" else sorted(got))
    names = {clean(each) for each in found} - {None}
    if not names:
        raise SystemExit(f"refresh.py: no names were found for {name}; has the format changed? (--format {'|'.join(FORMATS)})")
    return names, ", ".join(who for _, _, who in texts)


def show():
    for path in sorted(HERE.glob("*.txt")):
        rows = SOURCES.get(path.stem)
        print(f"{path.stem:18} {len(split(path.read_text())[1]):4} names")
        for who, licence, form, address in rows or []:
            print(f"{'':18} {who} ({licence}; {form})\n{'':18} {address}")
        if not rows:
            print(f"{'':18} no publisher: --from FILE")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", nargs="*", help="names of lists, the file's name without .txt; none: say which there are")
    parser.add_argument("--from", dest="from_file", metavar="FILE", help="read this file instead of downloading")
    parser.add_argument("--format", choices=sorted(FORMATS), help="how FILE is written (default: as the publisher does)")
    parser.add_argument("--limit", type=int, default=200, help="how many lines of a ranking (default 200)")
    parser.add_argument("--replace", action="store_true", help="drop names that are no longer published")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when something would change")
    options = parser.parse_args()
    if not options.list:
        return show()
    if options.from_file and len(options.list) > 1:
        parser.error("--from is for one list")
    changed = False
    for name in options.list:
        path = HERE / f"{name}.txt"
        if not path.is_file():
            parser.error(f"there is no list {name}")
        try:
            names, whence = published_names(name, options)
        except OSError as problem:
            raise SystemExit(f"refresh.py: {name}: {problem}")
        before = path.read_text()
        after = renewed(before, names - left_out(name), options.replace, whence, datetime.date.today().isoformat())
        old, new = split(before)[1], split(after)[1]
        print(f"{name}: {len(new - old)} new, {len(old - new)} gone, {len(new)} in all")
        changed |= after != before
        if after != before and not options.check:
            path.write_text(after)
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
