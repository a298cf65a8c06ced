#!/usr/bin/env bash
# Builds a recipe with several processes. xargs stands for an engine that runs the tasks on many machines: docs/engine.md says what one has to do.
#
#     examples/xargs.sh pipelines/quickstart.toml /tmp/quickstart 2
#
# Stopped at any moment, the same command continues. GRISTMILL names the program where it is not on the PATH.
set -euo pipefail
recipe=$1 out=$2 processes=${3:-2}
gristmill=${GRISTMILL:-gristmill}

# Gathered before the first task, for `plan --start` has the folder to itself until it ends.
rounds=$("$gristmill" plan "$recipe" --out "$out" --start --rounds)

while IFS=$'\t' read -r round tasks; do
  if [ -z "$round" ]; then continue; fi # Everything was done before.
  seq 0 $((tasks - 1)) | xargs -r -n 1 -P "$processes" "$gristmill" task --threads 1 "$out" "$round"
  "$gristmill" merge "$out" "$round"
done <<<"$rounds"

# Finds everything done, does again what was lost, and writes manifest and report.
"$gristmill" build "$recipe" --out "$out"
