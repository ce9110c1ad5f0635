"""Makes test/fixtures/formats: small files by the programs whose formats Loci reads, and what they themselves answer.

Run once, in a virtual environment with gensim, fasttext-wheel, numpy and safetensors; the files are kept in the
repository, so that the tests need no Python:

    python bench/peers/make-fixtures.py

Every expected number is a float32 written as the float64 it equals, so that tests can compare bits. fastText has no
seed in its Python package, so a new run makes other numbers (in files and expectations alike).
"""
import gzip
import json
import os
import random
import shutil
import sys
import tempfile

import fasttext
import gensim
import numpy
import safetensors.numpy

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "test", "fixtures", "formats")
UNSEEN = ["kingly", "quee", "straße", "日本語", "a", "ab", "unbelievable", "kng", "Tee Kanne"]


def sentences():
    """A toy language: rulers, animals and drinks, with some non-ASCII words."""
    chance = random.Random(7)
    subjects = "king queen prince ruler dog cat wolf café thé 東京 straßen niño".split()
    verbs = "drinks sees likes hunts greets follows".split()
    things = "water tea wine milk juice naïveté crown bone fish".split()
    return [
        ["the", chance.choice(subjects), chance.choice(verbs), "the", chance.choice(subjects), "and", chance.choice(things)]
        for _ in range(400)
    ]


def exact(vector):
    return [float(x) for x in numpy.asarray(vector, dtype=numpy.float32)]


def path(name):
    return os.path.join(OUT, name)


def by_gensim(lines, expected):
    model = gensim.models.Word2Vec(lines, vector_size=6, min_count=1, epochs=5, seed=1, workers=1, sg=1)
    vectors = model.wv
    vectors.save_word2vec_format(path("gensim.txt"), binary=False)
    vectors.save_word2vec_format(path("gensim.bin"), binary=True)
    with open(path("gensim.txt"), "rb") as plain, open(path("gensim.txt.gz"), "wb") as packed:
        packed.write(gzip.compress(plain.read(), mtime=0))
    vectors.save_word2vec_format(path("glove.txt"), binary=False, write_header=False)
    nearest = [[key, float(score)] for key, score in vectors.most_similar("king", topn=5)]
    expected["gensim"] = {
        "keys": vectors.index_to_key,
        "vectors": [exact(vectors[key]) for key in vectors.index_to_key],
        "near king": nearest,
    }


def by_fasttext(lines, expected):
    with tempfile.TemporaryDirectory() as folder:
        corpus = os.path.join(folder, "corpus.txt")
        with open(corpus, "w", encoding="utf-8") as file:
            file.writelines(" ".join(line) + "\n" for line in lines)
        model = fasttext.train_unsupervised(
            corpus, model="skipgram", dim=8, bucket=200, minCount=1, epoch=3, minn=3, maxn=5, thread=1, verbose=0
        )
        model.save_model(path("fasttext.bin"))
        expected["fasttext.bin"] = answers(model, lines)
        expected["fasttext.bin"]["output"] = [exact(row) for row in model.get_output_matrix()[:5]]
        write_vec(model)

        plain = fasttext.train_unsupervised(
            corpus, model="cbow", loss="hs", dim=5, minn=0, maxn=0, bucket=0, minCount=1, epoch=2, thread=1, verbose=0
        )
        plain.save_model(path("fasttext-words-only.bin"))
        expected["fasttext-words-only.bin"] = answers(plain, lines)

        labelled = os.path.join(folder, "labelled.txt")
        animals = {"dog", "cat", "wolf"}
        with open(labelled, "w", encoding="utf-8") as file:
            for line in lines:
                label = "animal" if animals & set(line) else "other"
                file.write(f"__label__{label} {' '.join(line)}\n")
        classifier = fasttext.train_supervised(
            labelled, dim=8, bucket=400, minCount=1, epoch=5, minn=2, maxn=4, wordNgrams=2, thread=1, verbose=0
        )
        classifier.save_model(path("fasttext-classifier.bin"))
        expected["fasttext-classifier.bin"] = answers(classifier, lines)
        classifier.quantize(input=labelled, qnorm=False, cutoff=0, retrain=False, dsub=3)
        classifier.save_model(path("fasttext-quantized.ftz"))
        expected["fasttext-quantized.ftz"] = answers(classifier, lines)

        classifier = fasttext.load_model(path("fasttext-classifier.bin"))
        classifier.quantize(input=labelled, qnorm=True, cutoff=300, retrain=True, epoch=1, thread=1, dsub=2)
        classifier.save_model(path("fasttext-pruned.ftz"))
        expected["fasttext-pruned.ftz"] = answers(classifier, lines)


def answers(model, lines):
    seen = sorted({word for line in lines for word in line}) + ["</s>"]
    words = seen + UNSEEN
    return {
        "words": model.get_words(),
        "vectors": {word: exact(model.get_word_vector(word)) for word in words},
        "labels": model.get_labels() if model.f.getArgs().model == fasttext.FastText.model_name.supervised else [],
    }


def write_vec(model):
    """What `fasttext print-word-vectors` and `saveVectors` write: five significant digits, a space before the line's end."""
    words = model.get_words()
    with open(path("fasttext.vec"), "w", encoding="utf-8") as file:
        file.write(f"{len(words)} {model.get_dimension()}\n")
        for word in words:
            file.write(word + " " + "".join(f"{x:.5g} " for x in model.get_word_vector(word)) + "\n")


def by_numpy(expected):
    chance = numpy.random.default_rng(3)
    matrix = chance.normal(size=(5, 7))
    for kind in ["f4", "f8", "f2"]:
        numpy.save(path(f"{kind}.npy"), matrix.astype(f"<{kind}"))
    numpy.save(path("fortran.npy"), numpy.asfortranarray(matrix.astype("<f4")))
    numpy.save(path("big-endian.npy"), matrix.astype(">f4"))
    numpy.save(path("row.npy"), matrix[0].astype("<f4"))
    numpy.save(path("cube.npy"), matrix.reshape(5, 7, 1).astype("<f4"))
    expected["npy"] = {kind: [exact(row) for row in matrix.astype(f"<{kind}")] for kind in ["f4", "f8", "f2"]}
    tensors = {
        "embeddings": matrix.astype("<f4"),
        "half": matrix.astype("<f2"),
        "ids": numpy.arange(4, dtype="<i8") * 2**40,
        "double": matrix.astype("<f8"),
        "bytes": numpy.arange(6, dtype="u1").reshape(2, 3),
        "scalar": numpy.array(2.5, dtype="<f4"),
    }
    safetensors.numpy.save_file(tensors, path("python.safetensors"), metadata={"made by": "safetensors"})
    safetensors.numpy.save_file({"embedding.weight": matrix.astype("<f2")}, path("half.safetensors"))


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    os.makedirs(OUT)
    lines = sentences()
    expected = {"versions": {"python": sys.version.split()[0], "gensim": gensim.__version__, "numpy": numpy.__version__}}
    by_gensim(lines, expected)
    by_fasttext(lines, expected)
    by_numpy(expected)
    with open(path("expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, ensure_ascii=False, indent=None, separators=(",", ":"))
        file.write("\n")


main()
