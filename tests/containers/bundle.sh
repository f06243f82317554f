#!/usr/bin/env bash
# Run in a container: lay a bundle out as Gradescope does, set it up and judge each file that was handed in, then one as
# PrairieLearn does. Prints the seconds, the name and the result of each in a line, tab-separated.
#
#     bundle.sh BUNDLE.zip FOLDER-WITH-UV FOLDER-OF-SUBMISSIONS
#
# What is installed comes from uv's cache, which `make setup` has filled: the container has no network.
set -euo pipefail
bundle=$1 programs=$2 submissions=$3
export PATH=$programs:$PATH UV_OFFLINE=1 UV_PYTHON_DOWNLOADS=never
mkdir -p /autograder/source /autograder/submission /autograder/results
python3 -m zipfile -e "$bundle" /autograder/source
bash /autograder/source/setup.sh >&2
cp /autograder/source/run_autograder /autograder/run_autograder
chmod +x /autograder/run_autograder
cd /autograder
for file in "$submissions"/*; do
    rm -rf /autograder/submission /autograder/results
    mkdir /autograder/submission /autograder/results
    cp "$file" /autograder/submission/
    began=$SECONDS
    ./run_autograder >&2
    printf '%s\t%s\t%s\n' $((SECONDS - began)) "${file##*/}" "$(cat /autograder/results/results.json)"
done
mkdir -p /grade/tests /grade/student
cp -r /autograder/source/. /grade/tests/
chmod +x /grade/tests/run.sh
cp "$submissions"/right.py /grade/student/
/grade/tests/run.sh >&2
printf '0\tprairielearn\t%s\n' "$(cat /grade/results/results.json)"
