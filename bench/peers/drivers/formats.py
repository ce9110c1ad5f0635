"""formats.py COMMAND ...: the peers' half of the format checks; each command prints one JSON line.

make FOLDER CORPUS KNOWN UNSEEN   trains small gensim and fastText models into FOLDER in every format they write and
                                  gives the neighbours that the peer itself finds for the words (comma lists)
open WORDS FILE...                opens files that Loci wrote: gensim's neighbours; for .vec also how far the vectors
                                  are that fastText takes from the same file
load FILE                         opens a file once and says how long that took (.vec and .txt gensim, .bin fastText)
"""

import json
import os
import subprocess
import sys
import time

import numpy as np


def nearest_in_gensim(vectors, words):
    return {word: [[key, float(score)] for key, score in vectors.most_similar(word, topn=10)] for word in words}


def nearest_in_fasttext(model, words):
    return {word: [[key, float(score)] for score, key in model.get_nearest_neighbors(word, k=10)] for word in words}


def run_fasttext(*arguments):
    """Trains with the program: the module's training sometimes reports a NaN where the program's does not (0.9.3)."""
    program = os.path.join(os.path.dirname(sys.executable), "fasttext")
    subprocess.run([program, *arguments, "-thread", "1", "-verbose", "0"], check=True, stdout=subprocess.DEVNULL)


def write_labelled(corpus, out):
    """Lines of twenty words, labelled by the first letter of the first: enough to train a classifier to quantise."""
    with open(corpus, encoding="utf-8") as text, open(out, "w", encoding="utf-8") as file:
        for number, line in enumerate(text):
            if number == 300:
                return
            words = line.split()
            for at in range(0, len(words), 20):
                file.write(f"__label__{words[at][0]} {' '.join(words[at : at + 20])}\n")


def make(folder, corpus, known, unseen):
    import fasttext
    from gensim.models import Word2Vec

    known, unseen = known.split(","), unseen.split(",")
    found = {}
    at = lambda name: os.path.join(folder, name)
    word2vec = Word2Vec(corpus_file=corpus, vector_size=50, window=5, min_count=5, sg=1, workers=1, epochs=5, seed=1)
    for name in ["gensim.bin", "gensim.txt"]:
        word2vec.wv.save_word2vec_format(at(name), binary=name.endswith(".bin"))
        found[name] = nearest_in_gensim(word2vec.wv, known)
    settings = ["-dim", "50", "-epoch", "2", "-lr", "0.2", "-minn", "3", "-maxn", "6", "-bucket", "20000", "-minCount", "5"]
    run_fasttext("skipgram", "-input", corpus, "-output", at("fasttext"), *settings)
    model = fasttext.load_model(at("fasttext.bin"))
    found["fasttext.bin"] = nearest_in_fasttext(model, known + unseen)
    found["fasttext.vec"] = nearest_in_fasttext(model, known)
    write_labelled(corpus, at("labelled.txt"))
    run_fasttext("supervised", "-input", at("labelled.txt"), "-output", at("classifier"), *settings)
    run_fasttext("quantize", "-input", at("labelled.txt"), "-output", at("classifier"), "-qnorm", "-cutoff", "5000")
    model = fasttext.load_model(at("classifier.ftz"))
    kept = set(model.get_words())
    found["classifier.ftz"] = nearest_in_fasttext(model, [word for word in known if word in kept] + unseen)
    return found


def open_written(words, files):
    import fasttext
    from gensim.models import KeyedVectors

    found = {}
    for path in files:
        vectors = KeyedVectors.load_word2vec_format(path, binary=path.endswith(".bin"))
        found[path] = {"neighbors": nearest_in_gensim(vectors, words.split(","))}
        if path.endswith(".vec"):
            # fastText opens .vec files as the first vectors of a classifier; rate 0 leaves them as they came.
            labelled = f"{path}.labelled"
            with open(labelled, "w", encoding="utf-8") as file:
                file.write("__label__a the of and\n__label__b in to a\n" * 5)
            opened = f"{path}.opened"
            run_fasttext(
                "supervised", "-input", labelled, "-output", opened, "-pretrainedVectors", path,
                "-dim", str(vectors.vector_size), "-epoch", "1", "-lr", "0", "-minn", "0", "-maxn", "0",
            )
            model = fasttext.load_model(f"{opened}.bin")
            taken = [np.abs(model.get_word_vector(word) - vectors[word]).max() for word in words.split(",")]
            found[path]["fastTextDifference"] = float(max(taken))
    return found


def load(path):
    start = time.monotonic()
    if path.endswith(".bin"):
        import fasttext

        fasttext.load_model(path)
    else:
        from gensim.models import KeyedVectors

        start = time.monotonic()
        KeyedVectors.load_word2vec_format(path, binary=False)
    return {"seconds": time.monotonic() - start}


command, arguments = sys.argv[1], sys.argv[2:]
if command == "make":
    result = make(*arguments)
elif command == "open":
    result = open_written(arguments[0], arguments[1:])
elif command == "load":
    result = load(*arguments)
else:
    sys.exit(f"formats.py: expected make, open or load, got {command!r}")
print(json.dumps(result))
