import assert from "node:assert/strict";
import { test } from "node:test";
import { runCaught } from "./testing.ts";

test("help lists every command, and each command's help has usage, examples and its options", async () => {
  const { code, stdout, stderr } = await runCaught(["--help"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const names = [
    "demo",
    "train words",
    "near",
    "analogy",
    "similarity",
    "evaluate words",
    "inspect",
    "convert",
    "trace",
    "size",
  ];
  for (const name of names) {
    assert.match(stdout, new RegExp(`^  ${name}\\b`, "m"), name);
    const page = await runCaught([...name.split(" "), "--help"]);
    assert.equal(page.code, 0, name);
    assert.match(page.stdout, new RegExp(`^Usage  loci ${name} ?`, "m"), name);
    assert.match(page.stdout, /^Examples\n  \S*\s?.*loci /m, name);
    assert.match(page.stdout, /--json/, name);
  }
});

test("no line of any help page is wider than 100 columns", async () => {
  for (const argv of [[], ["train"], ["train", "words"], ["near"], ["evaluate", "words"], ["convert"], ["demo"]]) {
    const { stdout } = await runCaught([...argv, "--help"]);
    const wide = stdout.split("\n").filter((line) => line.length > 100 && !line.startsWith("  loci"));
    assert.deepEqual(wide, [], argv.join(" "));
  }
});

test("loci without a command shows the same page as --help", async () => {
  const plain = await runCaught([]);
  assert.equal(plain.code, 0);
  assert.equal(plain.stdout, (await runCaught(["--help"])).stdout);
});

test("the version is the package's", async () => {
  const { code, stdout } = await runCaught(["--version"]);
  assert.equal(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\S*\n$/);
});

const USAGE_ERRORS: readonly (readonly [argv: string, says: RegExp])[] = [
  ["siz 3 4", /no command "siz". Did you mean size\?/],
  ["trian words", /no command "trian". Did you mean train\?/],
  ["train wrods x --out y", /no command "train wrods". Did you mean train words\?/],
  ["zzzzzz", /no command "zzzzzz". See: loci --help/],
  ["--json size 3 4", /the command comes first/],
  ["size 3", /d is missing. See: loci size --help/],
  ["size 3 x", /d: expected a number, got "x"/],
  ["size 3.5 4", /V: expected a whole number, got "3.5"/],
  ["size 3 4 5", /expected 2 arguments; "5" is one too many/],
  ["size 3 4 --layrs 2", /no option --layrs. Did you mean --layers\?/],
  ["size 3 4 -q", /no option -q/],
  ["size 3 4 --layers", /--layers needs a value/],
  ["size 3 4 --layers 2 --layers 3", /--layers was given twice/],
  ["size 3 4 --progress loud", /--progress takes auto, none or json, not "loud"/],
  ["size 3 4 --model-width 3", /--model-width needs --layers/],
  ["size 3 0", /Expected d to be a whole number of at least 1, got 0/],
  ["train words corpus.txt", /--out needs a value. See: loci train words --help/],
  ["train words --out x", /CORPUS… is missing/],
  ["train words a.txt --out x --min-n 2", /add --subwords/],
  ["train words a.txt --out x --architecture glove --negatives 3", /--negatives does not go with --architecture glove/],
  ["near words", /KEY is missing/],
  ["evaluate words model", /nothing to evaluate on/],
];

for (const [argv, says] of USAGE_ERRORS) {
  test(`"loci ${argv}" is a mistake of usage: one line on standard error, exit code 2`, async () => {
    const { code, stdout, stderr } = await runCaught(argv.split(" "));
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, says);
    assert.match(stderr, /^loci: [^\n]+\n$/);
  });
}

test("a file that is not there is a failure: one line, exit code 1, and with LOCI_DEBUG the stack", async () => {
  const plain = await runCaught(["near", "there-is-no-such-model", "cat"]);
  assert.equal(plain.code, 1);
  assert.match(plain.stderr, /^loci: [^\n]*there-is-no-such-model[^\n]*\n$/);
  const debug = await runCaught(["near", "there-is-no-such-model", "cat"], { env: { LOCI_DEBUG: "1" } });
  assert.match(debug.stderr, /\n {4}at /);
});

test("colours come only where a stream takes them", async () => {
  const ESCAPE = "\x1b[";
  assert.ok(!(await runCaught(["--help"])).stdout.includes(ESCAPE));
  assert.ok((await runCaught(["--help"], { color: true })).stdout.includes(ESCAPE));
  assert.ok((await runCaught(["zzz"], { color: true })).stderr.startsWith("\x1b[31mloci:\x1b[39m"));
  assert.ok(!(await runCaught(["trace", "a b", "--json"], { color: true })).stdout.includes(ESCAPE));
});
