"""gensim_train.py OPTIONS: trains gensim's Word2Vec or FastText as the JSON in OPTIONS says; prints one JSON line.

The corpus goes in as corpus_file, gensim's fastest way, and only train() is timed: counting the vocabulary is left out
here as it is on the other sides. process_time counts all threads.
"""

import json
import sys
import time

from gensim.models import FastText, Word2Vec

o = json.loads(sys.argv[1])
settings = {
    "vector_size": o["dim"],
    "window": o["window"],
    "min_count": o["minCount"],
    "sg": 1 if o["architecture"] == "skipgram" else 0,
    "negative": o["negatives"],
    "sample": o["subsample"],
    "workers": o["workers"],
    "alpha": o["learningRate"],
    "min_alpha": 1e-4,
    "epochs": o["epochs"],
    "seed": o["seed"],
}
if o["subwords"]:
    model = FastText(min_n=3, max_n=6, bucket=o["buckets"], **settings)
else:
    model = Word2Vec(**settings)
model.build_vocab(corpus_file=o["corpus"])
cpu, wall = time.process_time(), time.monotonic()
model.train(
    corpus_file=o["corpus"],
    total_examples=model.corpus_count,
    total_words=model.corpus_total_words,
    epochs=o["epochs"],
)
cpu, wall = time.process_time() - cpu, time.monotonic() - wall
if o.get("out"):
    model.wv.save_word2vec_format(o["out"], binary=True)
print(json.dumps({"vocabulary": len(model.wv), "trainCpuSeconds": cpu, "trainWallSeconds": wall}))
