import assert from "node:assert/strict";
import { test } from "node:test";
import { commentProse, markdownProse } from "./prose.ts";

test("Markdown loses its code, links, tags and markup, and keeps its words", () => {
  const markdown = `---
title: front matter goes
---
# A heading of *four* words

<p align="center"><img src="x.png"></p>
This is **bold** text with a [link to somewhere](https://example.org/a_b) and \`Promise<void>\` code.

\`\`\`ts
const gone = "this line is code and goes";
\`\`\`

- the first item of a list
- the second item of a list

| a table | of four | words here |
|---------|---------|------------|

Bare addresses such as https://example.org/path?x=1 go as well.

[reference]: https://example.org "goes too, all of it"
`;
  assert.deepEqual(markdownProse(markdown), [
    "A heading of four words",
    "This is bold text with a link to somewhere and Promise code.",
    "the first item of a list",
    "the second item of a list",
    "a table of four words here",
    "Bare addresses such as go as well.",
  ]);
});

test("an unclosed fence takes the rest of the file, not a word more", () => {
  assert.deepEqual(markdownProse("Four words stand here.\n\n```\ncode code code code\n\ncode code code code"), [
    "Four words stand here.",
  ]);
});

test("comments give what they say of things, without tags, names, types and examples", () => {
  const source = `
/** One line that says something. */
export declare function one(): void;
/**
 * Returns the {@link Thing} with the given name, see {@link other | the other one}.
 *
 * [MDN Reference](https://developer.mozilla.org/docs/x)
 *
 * @param {string} name - the name to look for in the table
 * @param [limit=10] how many of them at most
 * @returns the thing or undefined if there is none
 * @example
 * const code = find("name that is long enough");
 * @deprecated use the other function for this
 */
/* not documentation, and so not read at all */
// nor is this line of comment here
`;
  assert.deepEqual(commentProse(source), [
    "One line that says something.",
    "Returns the Thing with the given name, see other the other one.",
    "the name to look for in the table",
    "how many of them at most",
    "the thing or undefined if there is none",
    "use the other function for this",
  ]);
});
