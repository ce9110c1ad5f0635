/** The help pages: usage, what it does, examples to copy, then every option. */
import { wrapped } from "./columns.ts";

/** A command line to copy, and what it does. */
export interface Example {
  readonly command: string;
  readonly says: string;
}

interface HelpFlag {
  readonly kind: "boolean" | "parsed" | "enum" | "counter";
  readonly brief: string;
  readonly placeholder?: string;
  readonly default?: string | boolean | number;
  readonly withNegated?: boolean;
  readonly hidden?: boolean;
  readonly values?: readonly string[];
}

interface HelpArgument {
  readonly brief: string;
  readonly placeholder?: string;
}

/** What a command's help page is made of; a `CommandSpec` has all of it. */
export interface HelpPage {
  readonly brief: string;
  readonly usage: string;
  readonly details?: readonly string[];
  readonly examples: readonly Example[];
  readonly flags: Readonly<Record<string, HelpFlag>>;
  readonly aliases?: Readonly<Record<string, string>>;
  readonly positional:
    | { readonly kind: "tuple"; readonly parameters: readonly HelpArgument[] }
    | { readonly kind: "array"; readonly parameter: HelpArgument };
  readonly sections?: readonly (readonly [title: string, flags: readonly string[]])[];
}

/** A list of commands with a line each, under a heading. */
export interface HelpGroup {
  readonly title: string;
  readonly commands: readonly (readonly [usage: string, brief: string])[];
}

const WIDTH = 96;

/** The page of one command. */
export function commandHelp(page: HelpPage, name: string, color: boolean): string {
  const bold = (text: string) => (color ? `\x1b[1m${text}\x1b[22m` : text);
  const blocks = [
    [`${bold("Usage")}  ${name} ${page.usage}`.trimEnd()],
    ...[page.brief + (page.brief.endsWith(".") ? "" : "."), ...(page.details ?? [])].map((text) =>
      wrapped(text, WIDTH),
    ),
    [bold("Examples"), ...page.examples.flatMap(exampleLines)],
  ];
  const { positional } = page;
  const given = positional.kind === "array" ? [positional.parameter] : positional.parameters;
  if (given.length > 0) {
    const rows = given.map(({ placeholder = "", brief }) => [placeholder, brief]);
    blocks.push([bold("Arguments"), ...hanging(rows)]);
  }
  const sections = sectionsOf(page).map(([title, flags]) => ({
    title,
    rows: flags.map((flag) => flagRow(page, flag)),
  }));
  const width = widthOf(sections.flatMap(({ rows }) => rows));
  for (const { title, rows } of sections) blocks.push([bold(title), ...hanging(rows, width)]);
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** The page of the program, or of a group of commands. */
export function groupHelp(
  page: { usage: string; about: readonly string[]; groups: readonly HelpGroup[]; after: readonly string[] },
  color: boolean,
): string {
  const bold = (text: string) => (color ? `\x1b[1m${text}\x1b[22m` : text);
  const width = widthOf(page.groups.flatMap(({ commands }) => commands));
  const groups = page.groups.map(({ title, commands }) => [bold(title), ...hanging(commands, width)]);
  const blocks = [...page.about.map((text) => wrapped(text, WIDTH)), [`${bold("Usage")}  ${page.usage}`], ...groups];
  if (page.after.length > 0) blocks.push([...page.after]);
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function exampleLines({ command, says }: Example): string[] {
  return [`  ${command}`, ...wrapped(says, WIDTH - 6).map((line) => `      ${line}`)];
}

function sectionsOf({ flags, sections = [] }: HelpPage): (readonly [string, readonly string[]])[] {
  const placed = new Set(sections.flatMap(([, names]) => names));
  const others = Object.keys(flags).filter((name) => !placed.has(name) && !flags[name]!.hidden);
  return [...sections, ["Options", [...others, "help"]]];
}

function flagRow({ flags, aliases = {} }: HelpPage, name: string): string[] {
  if (name === "help") return ["-h, --help", "This page"];
  const flag = flags[name]!;
  const kebab = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const alias = Object.entries(aliases).find(([, target]) => target === name)?.[0];
  const negated = flag.kind === "boolean" && flag.withNegated !== false && flag.default !== false;
  const value =
    flag.kind === "boolean" ? "" : ` ${flag.values ? flag.values.join("|") : (flag.placeholder ?? "VALUE")}`;
  const left = `${alias ? `-${alias}, ` : "    "}${negated ? `--no-${kebab}` : `--${kebab}${value}`}`;
  const fallback = flag.kind === "boolean" || flag.default === undefined ? "" : ` (default ${flag.default})`;
  return [left, flag.brief + fallback];
}

/** A first column is at most this wide; what is longer gets a line of its own. */
const LEFT = 32;

function widthOf(rows: readonly (readonly string[])[]): number {
  return Math.max(0, ...rows.map(([left]) => left!.length).filter((length) => length <= LEFT));
}

/** Two columns, the second wrapped. */
function hanging(rows: readonly (readonly string[])[], width: number = widthOf(rows)): string[] {
  return rows.flatMap(([left = "", right = ""]) => {
    const lines = wrapped(right, WIDTH - width - 4);
    const own = left.length > width ? [`  ${left}`] : [];
    return [...own, ...lines.map((line, i) => `  ${(i === 0 && own.length === 0 ? left : "").padEnd(width)}  ${line}`)];
  });
}
