#!/usr/bin/env bash
# Runs once, as the image is built: installs exam-tutor into an environment of its own.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive # nobody is there to answer a package's questions
root="${AUTOGRADER_ROOT:-/autograder}"

suitable() {
  "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

python=""
for name in python3 python3.14 python3.13 python3.12 python3.11; do
  if suitable "$name"; then python="$name"; break; fi
done
if [ -z "$python" ]; then
  apt-get update
  for name in python3.14 python3.13 python3.12 python3.11; do
    if apt-get install -y "$name" "$name-venv" && suitable "$name"; then python="$name"; break; fi
  done
fi
if [ -z "$python" ]; then
  echo "Python 3.11 or later can't be installed: choose a newer base image." >&2
  exit 1
fi

"$python" -m venv "$root/tutor"
"$root/tutor/bin/python" -m pip install --no-input "$root"/source/exam_tutor-*.whl
# What is run for a student is run as nobody, who may look at none of this.
chmod -R go= "$root/source"
"$root/tutor/bin/tutor" doctor
