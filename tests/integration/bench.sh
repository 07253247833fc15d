#!/bin/bash
# weir bench: the shape of what it says. How fast anything is, no test asks.
. "$(dirname "$0")/check.sh"
logs=$SOURCE/examples/logs

run 0 "$WEIR" bench "$logs" --rounds 2 --format json
for stage in reading decoding matching scanning; do
  equal "$stage" "$(jq -c "select(.stage==\"$stage\") | [.low <= .ns, .ns <= .high, .events > 0]" <<<"$out")" "[true,true,true]"
done
rows=$(jq -c 'select(.rule)' <<<"$out")
equal "a row for each rule and source" "$(wc -l <<<"$rows")" "$("$WEIR" rules --format json | jq -s 'map(.sources | split(",") | length) | add')"
equal "sorted by cost" "$(jq -s 'map(.ns) | . == (sort | reverse)' <<<"$rows")" "true"
equal "every rule costs something" "$(jq -s 'all(.ns > 0 or .events == 0)' <<<"$rows")" "true"

# What a rule holds for is what scan reports, where nothing is suppressed and no event is held twice.
run 0 "$WEIR" bench "$logs/cloudtrail-shared-services.ndjson" --rounds 1 --rule r53_private_zone_vpc_association --items --format json
holds=$(jq 'select(.rule and .item == null) | .holds' <<<"$out")
equal "the one rule asked for" "$(jq -s 'map(.rule // empty) | unique | length' <<<"$out")" "1"
equal "items with their places" "$(jq -s 'map(select(.item)) | length > 3 and all(.place | test(":[0-9]+$"))' <<<"$out")" "true"
run 0 "$WEIR" scan "$logs/cloudtrail-shared-services.ndjson" --format json
equal "matches" "$holds" "$(grep -c '"rule":"r53_private_zone_vpc_association"' <<<"$out")"

run 0 "$WEIR" bench --rounds 1 --rules shipped -- "$logs"; says "ns/event"; says "each rule alone"
run 2 "$WEIR" bench
run 2 "$WEIR" bench -; complains "standard input"
run 2 "$WEIR" bench /no/such/path
echo "nothing" >"$WORK/empty.log"
run 1 "$WEIR" bench empty.log; complains "no events"

finish
