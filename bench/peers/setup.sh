#!/bin/sh
# setup.sh [FOLDER]: installs what `npm run bench -- peers` compares Loci with into FOLDER (default: .venv beside this file).
#
# A Python virtual environment with gensim, fastText's module, numpy and scipy, all pinned; and, built from the C and
# C++ sources of pinned PyPI source packages with the flags below: FOLDER/bin/fasttext (fastText's own program),
# FOLDER/bin/glove-{vocab,cooccur,shuffle,train} (Stanford's GloVe; the only copy of its sources in a registry is
# inside the package crucyble, as functions, so drivers/ holds four small mains), and FOLDER/bin/peak.
# Needs python3 >= 3.10 with venv, a C and a C++ compiler, and PyPI. Running it again repairs what is missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/.venv}
flags="-O3 -march=native"
fasttext=0.9.3
crucyble=0.1.0.dev4

[ -x "$folder/bin/python" ] || python3 -m venv "$folder"
folder=$(cd "$folder" && pwd)
python=$folder/bin/python
"$python" -c 'import gensim, scipy, sys; sys.exit(gensim.__version__ != "4.4.0")' 2>/dev/null ||
  "$python" -m pip install --quiet --disable-pip-version-check \
    gensim==4.4.0 numpy==2.4.6 scipy==1.17.1 setuptools==80.9.0 wheel==0.45.1 pybind11==3.0.1

# Fetches one source package and unpacks it: sources NAME VERSION [pip's options]. pip builds a package's description
# when it downloads it, for which fastText's finds its tools in the environment and GloVe's fetches its own.
sources() {
  [ -d "$folder/src/$1-$2" ] && return 0
  mkdir -p "$folder/src"
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary "$1" ${3:-} \
    --dest "$folder/src" "$1==$2"
  tar -xzf "$folder/src/$1-$2.tar.gz" -C "$folder/src"
}

if [ ! -x "$folder/bin/fasttext" ]; then
  sources fasttext $fasttext --no-build-isolation
  # shellcheck disable=SC2086
  c++ $flags -std=c++17 -pthread "$folder/src/fasttext-$fasttext"/src/*.cc -o "$folder/bin/fasttext"
fi
"$python" -c 'import fasttext' 2>/dev/null ||
  "$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
    "$folder/src/fasttext-$fasttext.tar.gz"

if [ ! -x "$folder/bin/glove-train" ]; then
  sources crucyble $crucyble
  glove=$folder/src/crucyble-$crucyble/src/lib/glove
  # This copy closes its log and then writes to it while it merges, which crashes. The system closes it at the end.
  sed -i '/fclose(logfile);/d' "$glove/cooccur.c"
  for pair in vocab:vocab_count cooccur:cooccur shuffle:shuffle train:glove; do
    # shellcheck disable=SC2086
    cc $flags -w -pthread -I "$glove" "$here/drivers/glove-${pair%%:*}.c" "$glove/${pair##*:}.c" -lm -o "$folder/bin/glove-${pair%%:*}"
  done
fi

[ -x "$folder/bin/peak" ] || cc $flags -ffp-contract=off "$here/drivers/peak.c" -o "$folder/bin/peak"
echo "ready: $folder"
