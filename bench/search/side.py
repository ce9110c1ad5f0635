"""One native library behind lines of JSON: `side.py LIBRARY FOLDER SET DIM METRIC [CORE]`.

Every side of the comparison is a process of its own on one core and answers the same requests: {"do": "build"},
{"do": "search", "ef": 40, "queries": 5000}, and for faiss and numpy's exact searches {"do": "scan" | "batch"}. The answer
tells CPU seconds of that work alone, and recall@10 against the exact neighbours that prepare.py left beside the vectors.
"""

import json
import os
import sys
import time

import numpy as np

library, folder, name, dim, metric = sys.argv[1:6]
dim = int(dim)
if len(sys.argv) > 6:
    os.sched_setaffinity(0, {int(sys.argv[6])})

base = np.fromfile(f"{folder}/{name}.base.f32", np.float32).reshape(-1, dim)
queries = np.fromfile(f"{folder}/{name}.query.f32", np.float32).reshape(-1, dim)
exact = np.fromfile(f"{folder}/{name}.gt.i32", np.int32).reshape(-1, 100)


class Hnswlib:
    """The reference implementation of HNSW, built with -march=native."""

    def __init__(self, m, ef):
        import hnswlib

        self.index = hnswlib.Index("cosine" if metric == "cosine" else "l2", dim)
        self.index.init_index(len(base), M=m, ef_construction=ef, random_seed=1)
        self.index.set_num_threads(1)

    def build(self):
        self.index.add_items(base, num_threads=1)

    def search(self, q, ef):
        self.index.set_ef(ef)
        return self.index.knn_query(q, 10, num_threads=1)[0]


class Usearch:
    def __init__(self, m, ef):
        from usearch.index import Index

        kind = "cos" if metric == "cosine" else "l2sq"
        self.index = Index(ndim=dim, metric=kind, dtype="f32", connectivity=m, expansion_add=ef)

    def build(self):
        self.index.add(np.arange(len(base)), base, threads=1)

    def search(self, q, ef):
        self.index.expansion_search = ef
        return self.index.search(q, 10, threads=1).keys


class Faiss:
    def __init__(self, m, ef):
        import faiss

        faiss.omp_set_num_threads(1)
        kind = faiss.METRIC_INNER_PRODUCT if metric == "cosine" else faiss.METRIC_L2
        self.index = faiss.IndexHNSWFlat(dim, m, kind)
        self.index.hnsw.efConstruction = ef

    def build(self):
        self.index.add(base)

    def search(self, q, ef):
        self.index.hnsw.efSearch = ef
        return self.index.search(q, 10)[1]


class Numpy:
    """What one writes by hand: a matrix product and a partial sort, on OpenBLAS with one thread."""

    def __init__(self, m, ef):
        self.norms = (base * base).sum(1)

    def build(self):
        pass

    def best(self, scores):
        nearest = np.argpartition(scores, 10, axis=-1)[..., :10]
        return np.take_along_axis(nearest, np.take_along_axis(scores, nearest, -1).argsort(-1), -1)

    def search(self, q, ef):
        """One query after the other."""
        return np.stack([self.best(self.norms - 2 * (base @ one)) for one in q])

    def batch(self, q):
        return np.concatenate(
            [self.best(self.norms - 2 * (q[i : i + 100] @ base.T)) for i in range(0, len(q), 100)]
        )

    def bandwidth(self, q):
        """Reads every byte once a question, as fast as anything here does: what a scan cannot beat."""
        words = base.view(np.uint64).ravel()
        for _ in q:
            np.bitwise_or.reduce(words)

    def product(self, q):
        """The bare matrix product, without an answer: what the arithmetic alone costs."""
        for i in range(0, len(q), 100):
            q[i : i + 100] @ base.T


side = {"hnswlib": Hnswlib, "usearch": Usearch, "faiss": Faiss, "numpy": Numpy}[library](16, 200)
for line in sys.stdin:
    request = json.loads(line)
    count = request.get("queries", 1000)
    q = queries[:count].copy()
    started = time.process_time()
    if request["do"] == "build":
        side.build()
        found = None
    elif request["do"] == "search":
        found = side.search(q, request.get("ef", 0))
    else:
        found = getattr(side, request["do"])(q)
    seconds = time.process_time() - started
    recall = None
    if found is not None:
        recall = float(np.mean([len(set(a) & set(b)) for a, b in zip(found[:, :10], exact[:count, :10])]) / 10)
    print(json.dumps({"seconds": seconds, "recall": recall}), flush=True)
