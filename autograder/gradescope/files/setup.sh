#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image: a virtual environment beside the grader.
set -euo pipefail
source="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
[ -f "$source/settings.json" ] || source=/autograder/source
home="$(dirname "$source")"
cd "$source"

wanted="$(cat python.txt)"
python=""
for version in "$wanted" 3.14 3.13 3.12 3.11; do
    # Debian and Ubuntu keep `venv` in a package of its own.
    if command -v "python$version" >/dev/null && "python$version" -c "import ensurepip, venv" 2>/dev/null; then
        python="python$version"
    elif command -v apt-get >/dev/null &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
            "python$version" "python$version-venv"; then
        python="python$version"
    fi
    [ -z "$python" ] || break
done
if [ -z "$python" ]; then
    echo "No Python from 3.11 to 3.14 can be had here: choose a newer base image in Gradescope." >&2
    exit 1
fi
[ "$python" = "python$wanted" ] || echo "python$wanted cannot be had here: $python grades in its place." >&2

"$python" -m venv "$home/venv"
mapfile -t options < pip-options.txt
# With wheels in the zip nothing is downloaded.
[ ! -d wheels ] || options=(--no-index --find-links "$source/wheels")
"$home/venv/bin/pip" install --disable-pip-version-check --no-cache-dir "${options[@]}" \
    --constraint constraints.txt --requirement requirements.txt
rm -rf wheels
chmod 700 "$source"
PYTHONPATH="$source" "$home/venv/bin/python" -P -c "from autograder.launch import main; main()" doctor || true
