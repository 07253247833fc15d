#!/bin/bash
# However many threads: the same alerts in the same order with the same places, the same counts, the same complaints.
. "$(dirname "$0")/check.sh"

# One large NDJSON file with everything in it that stops a thread from going its own way; the same as .json.gz files.
event() {
  jq -cn --argjson n "$1" '{eventVersion: "1.09", userIdentity: {type: "IAMUser", arn: "arn:aws:iam::111122223333:user/kim",
    accountId: "111122223333", userName: "kim"}, eventTime: "2026-01-15T10:00:00Z",
    eventSource: (if $n % 2 == 0 then "route53domains.amazonaws.com" else "ec2.amazonaws.com" end),
    eventName: (if $n % 2 == 0 then "DisableDomainTransferLock" else "DescribeInstances" end), awsRegion: "us-east-1",
    sourceIPAddress: "198.51.100.7", userAgent: "x", requestParameters: {domainName: "example-\($n).com"},
    eventID: "EVENT-ID-\($n)", recipientAccountId: "111122223333", readOnly: false}'
}
report=$(event 2) other=$(event 1)
# 40,000 lines, 20 MB: every thousandth is reported, and every third of those came before.
awk -v report="$report" -v other="$other" 'BEGIN {
  for (i = 0; i < 40000; ++i) {
    line = i % 1000 == 7 ? report : other
    id = i % 3000 == 7 && i > 3000 ? "same" : i
    sub(/EVENT-ID-[0-9]/, "8d8a8c5e-0000-4000-8000-" id, line)
    if (i % 1000 != 7 || id != "same") sub(/example-2/, "example-" i, line)
    print line
    if (i == 11111) print "{\"broken\": "
    if (i == 22222) print "{\"eventVersion\":\n\"1.09\"\n}{\"a\":1}"
    if (i == 30000) printf "\n\n  what is this\n"
  }
}' >"$WORK/one.ndjson"
mkdir -p "$WORK/many"
split -n l/7 "$WORK/one.ndjson" "$WORK/many/part" && gzip "$WORK"/many/part*
cat "$WORK/many/partaa.gz" "$WORK/many/partab.gz" >"$WORK/many/both.gz"

# What the events say together, too, with more of them than fit into the memory that is allowed.
cat >"$WORK/together.weir" <<'RULE'
edition 1
rule many_domains {
  title: "Many domains"
  level: high
  source: cloudtrail
  detection { s { eventName: "DisableDomainTransferLock" } condition: s }
  correlation { group_by: [principal] timespan: 10m condition: distinct(requestParameters.domainName) >= 20 }
  message: "{principal}: {distinct(requestParameters.domainName)}, e.g. {sample(requestParameters.domainName, 3)}"
}
rule unlocked_and_left {
  title: "Unlocked, and nothing since"
  level: high
  source: cloudtrail
  detection { a { eventName: "DisableDomainTransferLock" } b { eventName: "DescribeInstances" } condition: a or b }
  correlation { group_by: [requestParameters.domainName] timespan: 10m condition: a then not b }
  message: "{requestParameters.domainName}"
}
RULE

for input in one.ndjson many "one.ndjson many"; do
  for threads in 1 2 3 5; do
    # shellcheck disable=SC2086
    run 0 "$WEIR" scan $input --rules shipped together.weir --threads $threads --memory $((threads % 3)) --format text --summary sum.json
    counts=$(jq -c 'del(.seconds)' "$WORK/sum.json")
    errors=$(grep '^weir:' <<<"$err" | sort)
    if [ $threads = 1 ]; then
      first=$out first_counts=$counts first_errors=$errors
      says "example-"
      says "many_domains"
      complains "undecided until"
      continue
    fi
    equal "alerts of $input with $threads threads" "$out" "$first"
    equal "counts of $input with $threads threads" "$counts" "$first_counts"
    equal "complaints of $input with $threads threads" "$errors" "$first_errors"
  done
done

finish
