#!/usr/bin/env python3
"""How loud the shipped rules are on ordinary traffic, and how much they find of what was planted in it.

    tests/traffic/measure.py build/release/weir --generator gen.py

The generator is a program that writes NDJSON of one source, `GENERATOR cloudtrail|resolver EVENTS SEED --mal SHARE
--rate PER_SECOND -o FILE [--labels FILE]`, and beside it, for every planted line, {"line": 7, "label": "kind"}. Without
one there is nothing to measure, and the program says so and ends well. Ordinary traffic is a million events over eleven
days, so that warm-ups end; what is asked: fewer than twenty alerts of level medium or above a million. Planted cases are
matched line by line (CloudTrail) or episode by episode (Resolver: the lines of one kind from one client), kind by kind;
what is asked: at least 95 % of each kind that CLAIMS names. Exit code 1 when either is missed.
"""
import argparse, collections, datetime, json, os, subprocess, sys, tempfile

LOUD = ('medium', 'high', 'critical')
DAY, PAUSE = 86400, 1800

# What is planted, and the rules that are there to find it.
CLAIMS = {
    'cloudtrail': {
        'domain_transfer_to_account': ['r53_domain_transferred'],
        'domain_transfer_lock_disabled': ['r53_domain_transfer_lock_disabled'],
        'domain_auth_code_retrieved': ['r53_domain_auth_code_read'],
        'domain_nameservers_changed': ['r53_domain_name_servers_changed'],
        'domain_contact_changed': ['r53_domain_contact_changed'],
        'domain_registered': ['r53_domain_registered'],
        'denied_attempt': ['r53_domain_move_refused'],
        'phz_vpc_associated': ['r53_private_zone_vpc_association'],
        'phz_vpc_authorization': ['r53_private_zone_vpc_association'],
        'resolver_query_log_deleted': ['r53_resolver_query_logging_disabled'],
        'resolver_query_log_disassociated': ['r53_resolver_query_logging_disabled'],
        'public_query_log_deleted': ['r53_public_query_logging_disabled'],
        'dns_firewall_fail_open': ['r53_firewall_fail_open'],
        'dns_firewall_disassociated': ['r53_firewall_removed'],
        'dns_firewall_rule_weakened': ['r53_firewall_rule_weakened'],
        'resolver_endpoint_single_ip': ['r53_endpoint_single_address'],
        'resolver_forward_all': ['r53_forward_everything', 'r53_forward_outside'],
        'dnssec_disabled': ['r53_dnssec_signing_disabled'],
        'dnssec_validation_disabled': ['r53_dnssec_validation_disabled'],
        'hosted_zone_deleted': ['r53_hosted_zone_deleted'],
        'mx_or_ns_record_changed': ['r53_zone_core_record_changed'],
        'wildcard_record': ['r53_wildcard_record'],
    },
    'resolver': {
        'tunnel_iodine': ['resolver_dns_tunnelling', 'resolver_tunnel_score'],
        'dga_nxdomain': ['resolver_dga_many_domains', 'resolver_dga_random_letters'],
        'miner_pool': ['resolver_monero_pool'],
        'metadata_rebind': ['resolver_metadata_query'],
        'metadata_name': ['resolver_metadata_query', 'resolver_other_cloud_metadata'],
        'base64_label': ['resolver_base64_label', 'resolver_base64_burst'],
        'tcp': ['resolver_anomalous_tcp', 'resolver_tcp_bulky_types'],
        'any_amplification': ['resolver_any_flood'],
        'servfail_refused': ['resolver_server_failures', 'resolver_anomalous_rcodes'],
        'uncommon_type': ['resolver_uncommon_record_type'],
        'oast': ['resolver_callback_service'],
        'doh_provider': ['resolver_encrypted_dns'],
        'firewall_block': ['resolver_firewall_blocked'],
        'firewall_alert': ['resolver_firewall_alerted'],
        'fast_flux': ['resolver_fast_flux'],
    },
}
# Cases that no rule claims, by a test of the episode's records: below the published thresholds, or usual elsewhere.
UNCLAIMED = {
    'uncommon_type': ('only NAPTR and SSHFP, which telephony and ssh ask for',
                      lambda records: all(r['query_type'] in ('NAPTR', 'SSHFP') for r in records)),
    'tcp': ('fewer than 3 queries of TXT, ANY and AXFR: a large answer that was asked for again',
            lambda records: len(records) < 30 and sum(r['query_type'] != 'A' for r in records) < 3),
}
# Rules that hold back what another client of the same VPC has told of.
HELD_BY_PLACE = ('resolver_server_failures',)


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


def scan(weir, log, memory):
    """The alerts, and the summary's counts."""
    with tempfile.NamedTemporaryFile(suffix='.json') as summary:
        process = subprocess.Popen([weir, 'scan', log, '--rules', 'shipped', '--format', 'json', '--memory', str(memory),
                                    '--summary', summary.name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        alerts = [slim(json.loads(line)) for line in process.stdout]
        if process.wait() != 0:
            sys.exit(f'weir scan {log} ended with {process.returncode}')
        return alerts, json.load(open(summary.name))


def slim(alert):
    """What matching needs of an alert; a million of them must fit."""
    event = alert.get('event') or {}
    return {'rule': alert['rule'], 'level': alert['level'], 'time': seconds(alert['time']), 'id': event.get('eventID'),
            'message': alert['message'], 'who': who(event)}


def who(record):
    """Whom an alert, or a record, is about."""
    if 'vpc_id' in record:
        return record['vpc_id'], record.get('srcaddr')
    return record.get('recipientAccountId'), (record.get('userIdentity') or {}).get('arn')


def generate(generator, source, events, seed, share, rate, log, labels=None):
    command = [sys.executable, generator, source, str(events), str(seed), '--mal', str(share), '--rate', str(rate), '-o', log]
    subprocess.run(command + (['--labels', labels] if labels else []), check=True)


def planted(log, labels):
    """The planted records, as lists of (kind, [records]): a list for each line, or for each episode of a client."""
    wanted = {entry['line']: entry['label'] for entry in map(json.loads, open(labels))}
    open_episodes, cases = {}, []
    with open(log, encoding='utf8') as lines:
        for number, line in enumerate(lines, 1):
            if number not in wanted:
                continue
            record = json.loads(line)
            kind = wanted[number]
            if 'query_name' not in record:
                cases.append((kind, [record]))
                continue
            key = (kind, who(record))
            last = open_episodes.get(key)
            if last is None or seconds(record['query_timestamp']) - seconds(last[-1]['query_timestamp']) > PAUSE:
                last = open_episodes[key] = []
                cases.append((kind, last))
            last.append(record)
    return cases


def found(kind, records, alerts_of, claims):
    """'alert', 'held back' (the same was told about the same client or principal within a day before), or None."""
    times = [seconds(r.get('eventTime') or r['query_timestamp']) for r in records]
    held = False
    place, client = who(records[0])
    for rule in claims[kind]:
        held = held or any(min(times) - 3600 <= alert['time'] <= max(times) for alert in alerts_of.get((rule, place), []))
        for alert in alerts_of.get((rule, (place, client)), []):
            if alert['id'] is not None:
                if alert['id'] == records[0]['eventID']:
                    return 'alert'
            elif min(times) - 1 <= alert['time'] <= max(times) + 3600:
                return 'alert'
            held = held or min(times) - DAY <= alert['time'] <= max(times)
    return 'held back' if held else None


def quiet(options, source, seed, folder):
    log = os.path.join(folder, f'{source}-{seed}.ndjson')
    generate(options.generator, source, options.events, seed, 0, options.events / (11.57 * DAY), log)
    alerts, counts = scan(options.weir, log, options.memory)
    os.remove(log)
    loud = [alert for alert in alerts if alert['level'] in LOUD]
    allowed = 20 * options.events / 1e6
    print(f'{source:<10}  seed {seed:<6} {counts["events"]:>9} events  {len(alerts):>6} alerts, '
          f'{len(loud)} of level medium or above{"" if len(loud) < allowed else "  TOO LOUD"}', flush=True)
    for rule, count in collections.Counter(alert['rule'] for alert in alerts).most_common():
        print(f'    {count:>6}  {rule}')
    for alert in loud[:20]:
        print(f'    {alert["level"]}  {alert["rule"]}: {alert["message"][:160]}')
    return len(loud) < allowed


def recall(options, source, folder):
    claims = CLAIMS[source]
    share, events = (0.02, options.planted) if source == 'cloudtrail' else (0.15, options.planted * 3 // 2)
    tally = {}  # kind → seed → Counter
    missed, other = [], []
    for seed in options.seeds:
        log, labels = os.path.join(folder, f'{source}-planted.ndjson'), os.path.join(folder, 'labels')
        generate(options.generator, source, events, seed, share, options.planted_rate, log, labels)
        alerts, _ = scan(options.weir, log, options.memory)
        by_rule = collections.defaultdict(list)
        for alert in alerts:
            by_rule[alert['rule'], alert['who']].append(alert)
            if alert['rule'] in HELD_BY_PLACE:
                by_rule[alert['rule'], alert['who'][0]].append(alert)
        guilty = set()
        for kind, records in planted(log, labels):
            guilty.add(who(records[0]))
            counter = tally.setdefault(kind, {}).setdefault(seed, collections.Counter())
            how = found(kind, records, by_rule, claims) if kind in claims else None
            if how is None and kind in UNCLAIMED and UNCLAIMED[kind][1](records):
                counter['not claimed'] += 1
                continue
            counter[how or 'missed'] += 1
            if how is None:
                missed.append((kind, seed, len(records), json.dumps(records[0])[:300]))
        other += [alert for alert in alerts if alert['level'] in LOUD and alert['who'] not in guilty and alert['who'][0]]
        os.remove(log)
    print(f'\n{source}: planted, {events} events, seeds {", ".join(map(str, options.seeds))}')
    print(f'    {"kind":<34} {"cases":>6} {"alert":>6} {"held":>6} {"missed":>6} {"found":>7}   not claimed')
    good = True
    for kind in sorted(tally):
        total = sum(tally[kind].values(), collections.Counter())
        cases = total['alert'] + total['held back'] + total['missed']
        rate = min((c['alert'] + c['held back']) / n for c in tally[kind].values()
                   if (n := c['alert'] + c['held back'] + c['missed'])) if cases else 1
        good = good and rate >= 0.95
        print(f'    {kind:<34} {cases:>6} {total["alert"]:>6} {total["held back"]:>6} {total["missed"]:>6} {rate * 100:>6.1f} %'
              f'   {total["not claimed"] or ""}{"  TOO FEW" if rate < 0.95 else ""}')
    print('    (found: the worse of the seeds; held: told about the same client or principal already)')
    for kind in sorted(set(tally) & set(UNCLAIMED)):
        print(f'    not claimed of {kind}: {UNCLAIMED[kind][0]}')
    for kind, seed, lines, record in missed[:20]:
        print(f'    missed {kind}, seed {seed}, {lines} lines: {record}')
    print(f'    alerts of level medium or above about others than planted: {len(other)}')
    for alert in other[:10]:
        print(f'        {alert["level"]}  {alert["rule"]}: {alert["message"][:160]}')
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('weir', help='the binary')
    parser.add_argument('--generator', help='the program that writes the traffic')
    parser.add_argument('--source', choices=sorted(CLAIMS), help='only this source')
    parser.add_argument('--seeds', type=int, nargs='+', default=[101, 202])
    parser.add_argument('--events', type=int, default=1_000_000, help='ordinary events; 0: do not measure them')
    parser.add_argument('--planted', type=int, default=200_000, help='events with planted ones; 0: do not measure them')
    parser.add_argument('--planted-rate', type=int, default=20, help='events a second of these')
    parser.add_argument('--memory', type=int, default=1024, help='MiB that a scan may keep')
    parser.add_argument('--work', help='folder for the traffic, a few gigabytes')
    options = parser.parse_args()
    if not options.generator:
        print('skipped: no generator of traffic was given (--generator PATH)')
        return 0
    good = True
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        for source in [options.source] if options.source else sorted(CLAIMS):
            for seed in options.seeds if options.events else []:
                good = quiet(options, source, seed, folder) and good
            if options.planted:
                good = recall(options, source, folder) and good
    print('\nquiet enough, and every kind found' if good else '\nnot good enough: see above')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
