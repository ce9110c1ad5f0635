/**
 * Opens vectors in another program's format, asks them, and saves them in others.
 *
 *     npx -c 'node examples/open-vectors.ts'                          with the few vectors below
 *     npx -c 'node examples/open-vectors.ts glove.6B.100d.txt king'   with a file and a key of yours
 *
 * In a project of your own the import is `from "loci"`.
 */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Embedding } from "../src/index.ts";

// word2vec's text format: how many and how wide, then a word and its numbers a line.
const SAMPLE = `6 3
king 0.9 0.8 0.1
queen 0.9 -0.8 0.1
man 0.1 0.9 0.2
woman 0.1 -0.7 0.2
apple -0.8 0.1 0.9
pear -0.7 -0.2 0.8
`;

const folder = await mkdtemp(join(tmpdir(), "loci-example-"));
try {
  const [path = join(folder, "sample.txt"), key = "apple"] = process.argv.slice(2);
  if (process.argv.length < 3) await writeFile(path, SAMPLE);

  // The format is told from the bytes: word2vec, GloVe, fastText, safetensors, .npy, gzipped or not.
  const vectors = await Embedding.open(path);
  console.log(`${vectors.size} keys of dim ${vectors.dim}, read as ${String(vectors.provenance.format)}`);
  for (const hit of vectors.neighbors(key, { k: 2 })) console.log(`near ${key}: ${hit.key} ${hit.score.toFixed(3)}`);

  // The ending says in which format to save; without one it is a model folder, which keeps everything.
  await vectors.save(join(folder, "vectors.bin"));
  await vectors.save(join(folder, "model"));
  for (const name of ["vectors.bin", "model/model.safetensors"]) {
    console.log(`${name}: ${(await stat(join(folder, name))).size} bytes`);
  }
  const [binary, model] = [
    await Embedding.open(join(folder, "vectors.bin")),
    await Embedding.open(join(folder, "model")),
  ];
  const same = binary.fingerprint === vectors.fingerprint && model.fingerprint === vectors.fingerprint;
  console.log(same ? "the same keys and numbers in both" : "something was lost on the way");
} finally {
  await rm(folder, { recursive: true });
}
