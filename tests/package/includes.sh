#!/bin/sh
# The arrows of docs/architecture.md, read out of every #include: which folder may include which, and which folder
# owns which library of others.
set -eu
cd "$(dirname "$0")/../.."
wrong=0

# includes FOLDER…: "file:what" for each include, in quotes or angle brackets.
includes() {
  find "$@" \( -name '*.h' -o -name '*.cpp' -o -name '*.def' \) -exec grep -HE '^ *#include' {} + |
    sed -E 's/^([^:]*):.*#include *[<"]([^>"]*)[>"].*/\1:\2/'
}

# arrow FOLDER MAY…: of the project's folders, files of FOLDER include those only.
arrow() {
  folder=$1
  shift
  may=$(printf '|%s' "$@")
  bad=$(includes "$folder" | grep -E ':(cli|compiler|dsl|runtime|tests)/' | grep -vE ":(${may#|})/" || true)
  [ -z "$bad" ] || { echo "$folder includes what it must not:"; echo "$bad"; wrong=1; }
}

# owner LIBRARY FOLDER…: of the sources, only those folders include headers whose names match LIBRARY.
owner() {
  library=$1
  shift
  may=$(printf '|%s' "$@")
  bad=$(includes cli compiler dsl runtime | grep -E ":$library" | grep -vE "^(${may#|})/" || true)
  [ -z "$bad" ] || { echo "not the owner of $library:"; echo "$bad"; wrong=1; }
}

[ "$(includes dsl cli | wc -l)" -gt 100 ] || { echo "no includes were found"; exit 1; }
arrow dsl dsl
arrow runtime/match runtime/match
arrow runtime/process runtime/process
arrow runtime/http runtime/process runtime/http
arrow runtime/serve runtime/process runtime/http runtime/serve
arrow runtime/ingest runtime/match runtime/process runtime/http runtime/ingest
arrow runtime/correlate runtime/match runtime/correlate
arrow runtime/store runtime/correlate runtime/process runtime/store
arrow runtime/deliver runtime/match runtime/correlate runtime/ingest runtime/process runtime/store runtime/deliver
arrow runtime/commit runtime
arrow compiler compiler dsl runtime/match
arrow cli cli compiler dsl runtime
owner 'tao/' dsl
owner 'llvm' compiler/llvm
owner 'simdjson' runtime/match compiler
owner '(re2/|libpsl|unicode)' runtime/match
owner '(zlib|libdeflate)' runtime/ingest
owner 'zstd' runtime/ingest runtime/correlate
owner 'sqlite3' runtime/store
owner 'yaml\.h' cli/config
owner 'spdlog' cli
owner 'curl/' runtime/deliver/network
owner 'boost/' runtime/http
owner 'openssl/' runtime/http runtime/deliver/network
owner 'runtime/http/' runtime/http runtime/ingest/http runtime/serve cli/config
owner 'CLI/' cli
exit $wrong
