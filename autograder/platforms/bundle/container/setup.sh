#!/usr/bin/env bash
# Installs the graders' program; Gradescope runs it once, as root, while it builds the assignment's image.
# For PrairieLearn, your image's Dockerfile runs it.
set -euo pipefail
umask 022 # student code is another user, and has to read what is installed here

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=/opt/autograder

# The strongest walls need bubblewrap. Where it is missing or refused, a weaker one is taken if that stands.
packages=()
command -v bwrap >/dev/null || packages+=(bubblewrap libseccomp2)
command -v uv >/dev/null || python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3 python3-venv)
if [ ${#packages[@]} -gt 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "${packages[@]}" ||
        echo "setup.sh: apt could not install ${packages[*]} (its message is above)" >&2
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
# Kept in this user's cache, for every submission that the image judges; without it they take some seconds longer.
"$environment/bin/python" -I -m autograder.platforms.bundle.building "$here" ||
    echo "setup.sh: nothing could be computed ahead (its message is above)" >&2
