"""scipy_evaluate.py VECTORS PAIRS... [--analogies FILE] [--limit 30000]: the second opinion on `loci evaluate words`.

Reads word2vec text or binary (a name ending in .bin) or GloVe text by itself, ranks with scipy's spearmanr and solves
analogies with numpy (3CosAdd among the first --limit words, the three given ones excluded), so that nothing is shared with what it checks. Prints the same JSON as the command: {pairs: [{file, spearman, found, total}], analogies}.
"""

import argparse
import json

import numpy as np
from scipy.stats import spearmanr


def read_vectors(path):
    if path.endswith(".bin"):
        with open(path, "rb") as file:
            count, dim = map(int, file.readline().split())
            words, rows = [], np.empty((count, dim), np.float32)
            for i in range(count):
                word = bytearray()
                while (byte := file.read(1)) != b" ":
                    if not byte:
                        raise ValueError(f"{path} ends after {i} of {count} words")
                    word += byte
                words.append(word.lstrip(b"\n").decode())
                rows[i] = np.frombuffer(file.read(4 * dim), np.float32)
        return words, rows
    words, rows = [], []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file):
            parts = line.rstrip("\n ").split(" ")
            if number == 0 and len(parts) == 2:
                continue
            words.append(parts[0])
            rows.append(np.array(parts[1:], np.float32))
    return words, np.stack(rows)


def rank_pairs(path, ids, rows):
    gold, scores, total = [], [], 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            first, second, score = line.rstrip("\n").split("\t")
            total += 1
            if first in ids and second in ids:
                gold.append(float(score))
                scores.append(float(rows[ids[first]] @ rows[ids[second]]))
    spearman = float(spearmanr(gold, scores)[0]) if len(gold) > 1 else None
    return {"file": path, "spearman": spearman, "found": len(gold), "total": total}


def solve_analogies(path, ids, rows, limit):
    rows = rows[:limit]
    sections, section, questions = [], None, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(":"):
                section = {"name": line[1:].strip(), "correct": 0, "found": 0, "total": 0}
                sections.append(section)
                continue
            section["total"] += 1
            words = line.split()
            if all(ids.get(word, limit) < limit for word in words):
                section["found"] += 1
                questions.append((len(sections) - 1, [ids[word] for word in words]))
    for at in range(0, len(questions), 500):
        block = questions[at : at + 500]
        q = np.array([asked for _, asked in block])
        scores = (rows[q[:, 1]] - rows[q[:, 0]] + rows[q[:, 2]]) @ rows.T
        for given in range(3):
            scores[np.arange(len(q)), q[:, given]] = -np.inf
        for (number, asked), answer in zip(block, scores.argmax(1)):
            sections[number]["correct"] += int(answer == asked[3])
    found = sum(s["found"] for s in sections)
    return {
        "accuracy": sum(s["correct"] for s in sections) / found if found else None,
        "found": found,
        "total": sum(s["total"] for s in sections),
        "sections": [{**s, "accuracy": s["correct"] / s["found"] if s["found"] else None} for s in sections],
    }


parser = argparse.ArgumentParser()
parser.add_argument("vectors")
parser.add_argument("pairs", nargs="*")
parser.add_argument("--analogies")
parser.add_argument("--limit", type=int, default=30000)
asked = parser.parse_args()
words, rows = read_vectors(asked.vectors)
rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
ids = {}
for i, word in enumerate(words):
    ids.setdefault(word, i)
result = {"pairs": [rank_pairs(path, ids, rows) for path in asked.pairs]}
if asked.analogies:
    result["analogies"] = solve_analogies(asked.analogies, ids, rows, asked.limit)
print(json.dumps(result))
