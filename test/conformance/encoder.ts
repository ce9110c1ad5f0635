/**
 * What every encoder promises, whatever it is made of.
 *
 * `open` gives an encoder that knows common English words (a remote one may ask a test server); the texts below hold
 * several of them, so that a model of a few words can be held to this as well.
 */
import type { Encoder } from "../../src/embed/index.ts";
import { type Case, expectFailure, expectSame, expectSameNumbers } from "./case.ts";

const TEXTS = ["the cat and the dog", "a red house", "water and fire", "the dog and the cat in the house"];

/** Strings that have broken tokenizers, parsers and protocols. */
const ODD = [
  "😀 👩‍👩‍👧",
  "\ud800 cat",
  "\0\u0007",
  "日本語のテキスト",
  "שלום עולם",
  '{"a": "b"}\r\n',
  "x".repeat(100_000),
  "cat ".repeat(20_000),
];

/** The cases of one encoder. Each opens its own. */
export function encoderCases(open: () => Encoder | Promise<Encoder>): Case[] {
  const over = (run: (encoder: Encoder) => Promise<void>) => async () => run(await open());
  return [
    {
      name: "gives one row a text, in order, of the width it states",
      run: over(async (encoder) => {
        const rows = await encoder.embed(TEXTS);
        expectSame([rows.rows, rows.dim], [TEXTS.length, encoder.dim], "shape");
        for (let t = 0; t < TEXTS.length; t++) {
          expectSameNumbers((await encoder.embed([TEXTS[t]!])).row(0), rows.row(t), `text ${t} alone`);
        }
      }),
    },
    {
      name: "gives finite numbers, and not all zeros, for texts of known words",
      run: over(async (encoder) => {
        const rows = await encoder.embed(TEXTS);
        for (let t = 0; t < TEXTS.length; t++) {
          expectSame(rows.row(t).every(Number.isFinite), true, `finite: ${TEXTS[t]}`);
          expectSame(rows.row(t).every(isZero), false, `all zeros: ${TEXTS[t]}`);
        }
      }),
    },
    {
      name: "gives the same numbers each time, and bears the same fingerprint",
      run: over(async (encoder) => {
        const again = await open();
        expectSameNumbers((await encoder.embed(TEXTS)).data, (await again.embed(TEXTS)).data, "rows");
        expectSame(again.fingerprint, encoder.fingerprint, "fingerprint");
      }),
    },
    {
      name: "gives no rows for no texts, and zeros for an empty one that move none of the others",
      run: over(async (encoder) => {
        const none = await encoder.embed([]);
        expectSame([none.rows, none.dim], [0, encoder.dim], "shape of nothing");
        const rows = await encoder.embed([TEXTS[0]!, "", TEXTS[1]!]);
        expectSame(rows.row(1).every(isZero), true, "zeros for an empty text");
        expectSameNumbers(rows.row(2), (await encoder.embed([TEXTS[1]!])).row(0), "the text after it");
      }),
    },
    {
      name: "takes any string: emoji, lone surrogates, controls, other scripts, very long ones",
      run: over(async (encoder) => {
        const rows = await encoder.embed(ODD);
        expectSame(rows.rows, ODD.length, "rows");
        expectSame(rows.data.every(Number.isFinite), true, "finite");
      }),
    },
    {
      name: "embeds queries and documents at one width",
      run: over(async (encoder) => {
        const query = await encoder.embed(TEXTS, { purpose: "query" });
        const document = await encoder.embed(TEXTS, { purpose: "document" });
        expectSame([query.dim, document.dim], [encoder.dim, encoder.dim], "widths");
      }),
    },
    {
      name: "does not change the list it is given",
      run: over(async (encoder) => {
        const texts = Object.freeze([...TEXTS]);
        await encoder.embed(texts);
        expectSame(texts, TEXTS, "texts");
      }),
    },
    {
      name: "has a name, a whole width and a fingerprint",
      run: over(async ({ name, dim, fingerprint }) => {
        expectSame(name.length > 0 && fingerprint.length > 0, true, "name and fingerprint");
        expectSame(Number.isInteger(dim) && dim > 0, true, `whole width, ${dim}`);
      }),
    },
    {
      name: "counts tokens, where it does: none in an empty text, more in a longer one",
      run: over(async (encoder) => {
        if (!encoder.countTokens) return;
        expectSame(encoder.countTokens(""), 0, "of nothing");
        expectSame(encoder.countTokens(TEXTS[3]!) > encoder.countTokens(TEXTS[1]!), true, "more in more");
      }),
    },
    {
      name: "does not begin when it was told to stop before, and throws the reason given",
      run: over(async (encoder) => {
        const reason = new Error("enough");
        const failure = await expectFailure(() => encoder.embed(TEXTS, { signal: AbortSignal.abort(reason) }), "abort");
        expectSame(failure === reason, true, "the reason itself");
      }),
    },
    {
      name: "stops in the middle of many texts, and reports what it did",
      run: over(async (encoder) => {
        const stop = new AbortController();
        const reason = new Error("enough");
        const many = Array.from(
          { length: 30_000 },
          (_, i) => `${TEXTS[i % TEXTS.length]!} ${"water fire ".repeat(20)}`,
        );
        const onStep = ({ done, total }: { done: number; total: number }): void => {
          expectSame([done >= 0 && done <= many.length, total], [true, many.length], "what a step says");
          stop.abort(reason);
        };
        const work = () => encoder.embed(many, { signal: stop.signal, onStep });
        expectSame((await expectFailure(work, "abort")) === reason, true, "the reason itself");
      }),
    },
  ];
}

const isZero = (value: number): boolean => value === 0;
