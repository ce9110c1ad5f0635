import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse, postprocess, preprocess } from "micromark";
import { bytesSource } from "../core/index.ts";
import {
  binaryReason,
  decodeText,
  kindOf,
  languageOfName,
  LineIndex,
  markdownOutline,
  pageAt,
  readDocuments,
  type ReadDocumentsOptions,
  readHtml,
  readLineMap,
  type TextDocument,
} from "./index.ts";
import { peer } from "./peers.ts";
import { docx, paragraph, pdf } from "./testing.ts";

const encoder = new TextEncoder();
const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? encoder.encode(content) : content;

async function read(
  name: string,
  content: string | Uint8Array,
  options?: ReadDocumentsOptions,
): Promise<TextDocument[]> {
  return all(readDocuments(bytesSource(name, bytesOf(content)), options));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const one = async (
  name: string,
  content: string | Uint8Array,
  options?: ReadDocumentsOptions,
): Promise<TextDocument> => {
  const [document, ...more] = await read(name, content, options);
  assert.equal(more.length, 0);
  return document!;
};

test("a byte order mark decides the encoding, and is no part of the text", () => {
  assert.equal(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41), "a"), "A");
  assert.equal(decodeText(Uint8Array.of(0xff, 0xfe, 0x41, 0, 0x3d, 0xd8, 0x4d, 0xdc), "a"), "A👍");
  assert.equal(decodeText(Uint8Array.of(0xfe, 0xff, 0, 0x41), "a"), "A");
  assert.equal(decodeText(Uint8Array.of(0x41, 0xff), "a"), "A\ufffd");
  assert.equal(decodeText(Uint8Array.of(0xe9), "a", "windows-1252"), "é");
  assert.throws(() => decodeText(Uint8Array.of(0x41), "a", "klingon"), { code: "bad-argument" });
});

test("files that are no text are refused by name, saying what they are", async () => {
  await assert.rejects(read("a.txt", Uint8Array.of(0x89, 0x50, 0x4e, 0x47)), {
    code: "bad-file",
    message: /^a\.txt: a PNG/,
  });
  await assert.rejects(read("b.csv", Uint8Array.of(1, 0, 2)), { code: "bad-file", message: /^b\.csv: not text/ });
  assert.match(binaryReason(Uint8Array.from({ length: 100 }, (_, i) => i % 7))!, /NUL/);
  assert.equal(binaryReason(encoder.encode("\x1b[1mcoloured\x1b[0m, tabs\t, pages\f")), undefined);
});

test("the kind is told by the name, else by the first bytes", () => {
  for (const [name, head, kind] of [
    ["a/b.MD", "", "markdown"],
    ["x.tsx", "", "code"],
    ["Makefile", "", "code"],
    ["README", "Hello", "text"],
    ["page", "  <!DOCTYPE html>", "html"],
    ["paper", "%PDF-1.7", "pdf"],
    ["run", "#!/bin/sh", "code"],
    ["a.d/file", "x", "text"],
  ] as const)
    assert.equal(kindOf(name, encoder.encode(head)), kind, name);
  assert.equal(languageOfName("src/a.mts"), "typescript");
});

test("plain text is itself, to the last character", async () => {
  const document = await one("a.txt", "One\r\ntwo\n");
  assert.equal(document.text, "One\r\ntwo\n");
  assert.deepEqual(document.origin!.lines({ start: 5, end: 8 }), { first: 2, last: 2 });
  assert.equal((await one("script", "#!/usr/bin/env python3\nx = 1\n")).language, "python");
});

test("lines end at LF, CRLF and CR", () => {
  const index = new LineIndex("a\nb\r\nc\rd");
  assert.deepEqual(
    [0, 1, 2, 4, 5, 6, 7].map((at) => index.lineAt(at)),
    [1, 1, 2, 2, 3, 3, 4],
  );
});

/** Headings and fences at the top level, by a whole parser of Markdown. */
function oracle(text: string): [string, number][] {
  const found: [string, number][] = [];
  let depth = 0;
  for (const [event, { type, start }] of postprocess(
    parse()
      .document()
      .write(preprocess()(text, undefined, true)),
  )) {
    if (/^(?:blockQuote|listOrdered|listUnordered)$/.test(type)) depth += event === "enter" ? 1 : -1;
    else if (event === "enter" && depth === 0 && /^(?:atxHeading|setextHeading|codeFenced)$/.test(type))
      found.push([type === "codeFenced" ? "code" : "heading", start.offset]);
  }
  return found;
}

test("headings and fences of Markdown are where a whole parser sees them", () => {
  const ours = (text: string): [string, number][] => {
    const { headings, code } = markdownOutline(text);
    const at = (start: number): number => start + /^ */.exec(text.slice(start))![0].length;
    const found = [
      ...headings.map(({ start }): [string, number] => ["heading", at(start)]),
      ...code.map(({ start }): [string, number] => ["code", at(start)]),
    ];
    return found.sort((a, b) => a[1] - b[1]);
  };
  const line = fc.constantFrom(
    ..."# One|## Two ##|text|more text|===|---|||- item|1. one|  inner|> quote|```|```js|~~~|<div>|<!-- c|-->|<b>|#no|####### no|   ### three|* * *|- # h|> # h|  # h in|</div>".split(
      "|",
    ),
  );
  const text = fc.array(line, { maxLength: 8 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, (text) => assert.deepEqual(ours(text), oracle(text))),
    { seed: 5, numRuns: 1000 },
  );
});

test("a Markdown document has its title from front matter, else from its first heading", async () => {
  assert.equal((await one("a.md", "---\ntitle: 'Of matter'\n---\n# Head\n")).title, "Of matter");
  assert.equal((await one("a.md", "Text\n\n## A `code` and [link](x) **bold** #\n")).title, "A code and link bold");
  assert.equal((await one("a.md", "---\n\nText\n\n---\n")).title, undefined);
});

test("a web page becomes the text that people read, headings and lists marked", async () => {
  const page = `<!doctype html><html><head><title>T &amp; U</title><style>p{}</style></head><body><nav>Menu</nav>
<h1>Hello  <b>you</b></h1><script>if (a<b) x()</script>
<p>One &lt;two&gt;
   three<br>four</p><ul><li>a<li><p>b</p></ul>
<pre><code class="language-js">let a = 1;
  b</code></pre><table><tr><th>x<td><p>y</p></tr><tr><td>1<td>2</table>
<p hidden>Secret</p><div role="navigation">More menu</div><footer>Small print</footer></body></html>`;
  const { text, title } = await one("a.html", page);
  assert.equal(title, "T & U");
  assert.equal(text, "# Hello you\n\nOne <two> three\nfour\n\n- a\n- b\n\n```js\nlet a = 1;\n  b\n```\n\nx | y\n1 | 2");
  const whole = await readHtml(page, { boilerplate: "keep" });
  assert.match(whole.text, /^Menu[\s\S]*Secret[\s\S]*Small print$/);
});

test("every word of a page leads back to where it stands in the source", async () => {
  const inner = fc.constantFrom(
    ..."alpha|beta |\n|  |&amp;|<b>|</b>|<p>|</p>|<br>|<li>|<td>|<h2>|</h2>|<pre>|</pre>|<!-- gamma -->|<i title='delta'>|<script>omega</script>".split(
      "|",
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(inner, { maxLength: 30 }), async (parts) => {
      // Words are numbered, so that each has one place.
      const source = parts.map((part, i) => part.replace(/alpha|beta/, (word) => ` ${word}${i}x `)).join("");
      const { text, origin } = await readHtml(source);
      const lines = new LineIndex(source);
      const map = readLineMap(origin!.lineMap!);
      for (const match of text.matchAll(/(?:alpha|beta)\d+x/g)) {
        const part = { start: match.index, end: match.index + match[0].length };
        const { start, end } = origin!.range(part);
        assert.equal(source.slice(start, end), match[0]);
        const line = new LineIndex(text).lineAt(part.start);
        assert.ok(map[line - 1]! <= lines.lineAt(start));
      }
      assert.equal(map.length, new LineIndex(text).count);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test("a page says its encoding itself", async () => {
  const page = Uint8Array.from([...encoder.encode('<meta charset="iso-8859-1"><p>caf'), 0xe9]);
  assert.equal((await one("a.html", page)).text, "café");
});

test("JSON lines are a document each, with their line and the fields that are no text", async () => {
  const documents = await read(
    "a.jsonl",
    '{"_id":"7","title":"T","text":"Body","n":3,"tags":["x","y"]}\r\n\n{"a":{"b":1},"c":null}\n"bare"',
  );
  assert.deepEqual(
    documents.map(({ text, title, row, fields, origin }) => [
      text,
      title,
      row,
      fields,
      origin!.lines({ start: 0, end: 1 }).first,
    ]),
    [
      ["T\n\nBody", "T", 1, { _id: "7", n: 3, tags: ["x", "y"] }, 1],
      ["a.b: 1", undefined, 2, { "a.b": 1 }, 3],
      ["bare", undefined, 3, {}, 4],
    ],
  );
  const [chosen] = await read("a.jsonl", '{"q":"Why?","a":"So.","n":1}', { textFields: ["q", "a"] });
  assert.deepEqual([chosen!.text, chosen!.fields], ["Why?\n\nSo.", { n: 1 }]);
});

test("JSON is a document a row where it is a list, one where it holds a text, else its own source", async () => {
  const rows = await read("a.json", '[\n  {"name": "x", "description": "d [\\"]"},\n  {"name": "y"}\n]');
  assert.deepEqual(
    rows.map(({ text, row, origin }) => [text, row, origin!.lines({ start: 0, end: 1 }).first]),
    [
      ['x\n\nd ["]', 1, 2],
      ["name: y", 2, 3],
    ],
  );
  assert.equal((await one("b.json", '{"title":"T","content":"C"}')).text, "T\n\nC");
  assert.equal((await one("c.json", '{"name":"p","description":"d"}\n')).text, '{"name":"p","description":"d"}\n');
});

test("a table is a document a row, columns as fields, quotes and line breaks inside of cells kept", async () => {
  const documents = await read("a.csv", '\ufeffid,text,n\r\n1,"a, ""b""\r\nc",5\r\n\r\n2,x,007\r\n');
  assert.deepEqual(
    documents.map(({ text, row, fields, origin }) => [text, row, fields, origin!.lines({ start: 0, end: 1 })]),
    [
      ['a, "b"\r\nc', 1, { id: 1, n: 5 }, { first: 2, last: 3 }],
      ["x", 2, { id: 2, n: "007" }, { first: 5, last: 5 }],
    ],
  );
  const [semicolons] = await read("b.csv", "a;b\n1;x, y\n");
  assert.equal(semicolons!.text, "a: 1\nb: x, y");
  const [bare] = await read("c.tsv", "one\ttwo\n", { header: false });
  assert.equal(bare!.text, "1: one\n2: two");
});

test("a table reads the same in pieces of any size", async () => {
  const field = fc.constantFrom("a", "", '"q"', '"x\ny"', '"a ""b"""', "é");
  const table = fc.array(
    fc.tuple(field, field).map((pair) => pair.join(",")),
    { minLength: 1, maxLength: 8 },
  );
  const { readCsv } = await import("./index.ts");
  const texts = async (pieces: string[]): Promise<string[]> =>
    (await all(readCsv(pieces, "t", "csv", { delimiter: ",", header: false }))).map(
      ({ text, origin }) => text + JSON.stringify(origin!.range({ start: 0, end: 1 })),
    );
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (rows, size) => {
      const text = rows.join("\n");
      const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
      assert.deepEqual(await texts(pieces), await texts([text]));
    }),
    { seed: 9, numRuns: 200 },
  );
});

test("a PDF is its pages, parted by form feeds, with its title", async () => {
  const { text, title, fields } = await one("a.pdf", pdf(["First page.", "Second page."]));
  assert.equal(text, "First page.\fSecond page.");
  assert.equal(title, "A title");
  assert.equal(fields.pages, 2);
  assert.deepEqual([pageAt(text, 3), pageAt(text, text.length - 1)], [1, 2]);
});

test("a DOCX is read with its headings and tables", async () => {
  const cell = (text: string): string => `<w:tc>${paragraph(text)}</w:tc>`;
  const body = `${paragraph("Head", "Heading1")}${paragraph("Here &amp; there.")}<w:tbl><w:tr>${cell("a")}${cell("b")}</w:tr></w:tbl>`;
  const { text, title } = await one("a.docx", await docx(body));
  assert.equal(text, "# Head\n\nHere & there.\n\na | b");
  assert.equal(title, "Head");
});

test("broken files are refused once, by name and, where there are lines, by line", async () => {
  for (const [name, content, message] of [
    ["a.jsonl", '{"a":1}\n{bad\n', /^a\.jsonl: line 2: /],
    ["b.json", '[\n{"a":1},\n{"a":}]', /^b\.json: line 3: /],
    ["c.csv", 'a,b\n1,2\n3,"open\n', /^c\.csv: line 3: /],
    ["d.pdf", "%PDF-1.4 junk", /^d\.pdf: /],
    ["e.docx", "PK no zip", /^e\.docx: /],
    ["f.docx", (await docx(paragraph("x"))).slice(0, 300), /^f\.docx: /],
    ["g.docx", await docx("<w:p>"), /^g\.docx: /],
    ["h.pdf", pdf(["x"]).slice(0, 200), /^h\.pdf: /],
  ] as [string, string | Uint8Array, RegExp][]) {
    await assert.rejects(read(name, content), { code: "bad-file", message }, name);
  }
});

test("hostile files are refused or read, in bounded time and memory", async () => {
  const bomb = await docx(paragraph("x"), [{ name: "word/bomb.xml", bytes: new Uint8Array(65 << 20), stated: 10 }]);
  assert.ok(bomb.length < 1 << 18);
  await assert.rejects(read("a.docx", bomb), { code: "bad-file", message: /unpacks to more than 64 MiB/ });
  await assert.rejects(read("b.html", "<div>".repeat(1e5)), { code: "bad-file", message: /nested/ });
  await assert.rejects(read("c.jsonl", `{"text":"${"x".repeat(17 << 20)}"}`), {
    code: "bad-file",
    message: /line 1: longer/,
  });
  await assert.rejects(read("d.csv", `a,b\n1,"${"x,\n".repeat(5.7 * 2 ** 20)}`), {
    code: "bad-file",
    message: /line 2: /,
  });
  await assert.rejects(read("e.txt", new Uint8Array(101).fill(65), { maxBytes: 100 }), {
    code: "bad-file",
    message: /larger than 100/,
  });
  const deep = `${'{"a":'.repeat(1e5)}1${"}".repeat(1e5)}`;
  assert.equal((await one("f.jsonl", deep)).text, "");
  assert.equal((await one("g.json", `${"[".repeat(1e5)}${"]".repeat(1e5)}`)).kind, "json");
  assert.equal((await one("h.md", `# ${"[a](".repeat(1e4)}${"*_".repeat(1e4)}${"`".repeat(1e4)}`)).kind, "markdown");
  assert.equal(markdownOutline(`${"> ".repeat(1e5)}\n${"- ".repeat(1e5)}x\n`).headings.length, 0);
});

test("a package that is missing is named with the line that installs it; one that fails says so itself", async () => {
  const missing: string = "a-package-that-nobody-has";
  await assert.rejects(
    peer("Reading X", "x y", () => import(missing)),
    { code: "peer-missing", message: "Reading X needs x and y, which cannot be found. Run: npm install x y" },
  );
  const failing = () => Promise.reject(new TypeError("its own fault"));
  await assert.rejects(peer("Reading X", "x", failing), { name: "TypeError", message: "its own fault" });
});
