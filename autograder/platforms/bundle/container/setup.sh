#!/usr/bin/env bash
# Installs the graders' program; Gradescope runs it once, as root, while it builds the assignment's image.
# For PrairieLearn, your image's Dockerfile runs it.
set -euo pipefail
umask 022 # student code is another user, and has to read what is installed here

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=/opt/autograder

# The strongest wall needs bubblewrap. Where it is missing or refused, a weaker one is taken if that stands.
if ! command -v bwrap >/dev/null || ! command -v python3 >/dev/null; then
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y bubblewrap libseccomp2 python3 python3-venv || true
fi

# uv finds a Python that will do, or brings one where the system's is too old.
uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    python3 -m venv "$environment-uv"
    "$environment-uv/bin/pip" install --quiet --disable-pip-version-check "uv==@UV@"
    uv=$environment-uv/bin/uv
fi
# Where everybody can read it: root's own folder is closed to student code.
export UV_PYTHON_INSTALL_DIR=${UV_PYTHON_INSTALL_DIR:-/opt/autograder-python}
"$uv" venv --quiet --python '@PYTHON@' "$environment"
install=("$uv" pip install --quiet --compile-bytecode --python "$environment/bin/python")
"${install[@]}" --no-deps --requirement "$here/requirements.txt" "$here"/nbgrader_autograder-*.whl
if [ -f "$here/requirements-assignment.txt" ]; then
    "${install[@]}" --constraint "$here/requirements.txt" --requirement "$here/requirements-assignment.txt"
fi
"$environment/bin/autograder" --version
