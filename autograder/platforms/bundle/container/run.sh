#!/bin/sh
# PrairieLearn runs this for each submission. What is written first stands if nothing else can be.
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p /grade/results
printf '%s\n' '{"gradable": false, "format_errors": ["@HELD@"]}' >/grade/results/results.json
exec /opt/autograder/bin/python -I -m autograder.platforms.bundle.entry prairielearn \
    "$here" /grade/student /grade/results/results.json
