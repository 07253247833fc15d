#!/bin/bash
# Events counted independently: what scan says it saw is what jq finds. Runs over the sample logs, and over a folder
# of other people's logs where there is one (WEIR_TEST_DATA, or ../shared/data beside the checkout).
. "$(dirname "$0")/check.sh"

# count FOLDER: records in {"Records":[…]} files, and lines of the rest.
count() {
  {
    find "$1" -name '*.json' -exec jq -r 'if has("Records") then (.Records | length) elif has("logEvents") then (.logEvents | length) else 1 end' {} +
    find "$1" -name '*.json.gz' -exec sh -c 'for f; do gzip -dc "$f" | jq -r "if has(\"Records\") then (.Records | length) elif has(\"logEvents\") then (.logEvents | length) else 1 end"; done' _ {} +
    find "$1" -name '*.ndjson' -exec jq -r '1' {} +
    find "$1" -name '*.log' -exec grep -c . {} +
    find "$1" -name '*.log.gz' -exec sh -c 'for f; do gzip -dc "$f" | grep -c .; done' _ {} +
  } | sed 's/.*://' | awk '{ n += $1 } END { print n + 0 }'
}

compare() {
  run 0 "$WEIR" scan "$@" --format json --summary sum.json
  counted=0
  for folder; do counted=$((counted + $(count "$folder"))); done
  equal "records of $*" "$(jq '.events + .duplicates + .skipped + .unreadable' "$WORK/sum.json")" "$counted"
  echo "$* $(jq -c . "$WORK/sum.json")"
}

compare "$SOURCE/examples/logs"
data=${WEIR_TEST_DATA:-$SOURCE/../shared/data}
if [ -d "$data/cloudtrail" ]; then
  compare "$data/cloudtrail" "$data/resolver"
else
  echo "skipped: no folder of other people's logs at $data"
fi

finish
