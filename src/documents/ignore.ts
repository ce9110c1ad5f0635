/**
 * Which files to leave alone: patterns as in `.gitignore`.
 *
 * `name` anywhere, `/name` and `a/b` from the folder of the rules on, `name/` folders only, `*` and `?` within a name, `[a-z]`, `**` over
 * folders, `!` to take back; the last rule that matches decides. Names are matched without regular expressions, in time
 * proportional to name × pattern, since a folder may come from a stranger.
 */

interface Rule {
  readonly segments: readonly string[];
  readonly foldersOnly: boolean;
  readonly takesBack: boolean;
}

/** Left out unless asked for: what tools write, not people. */
export const DEFAULT_EXCLUDES: readonly string[] =
  "node_modules/ .git/ .hg/ .svn/ __pycache__/ .venv/ .cache/ *.min.js *.min.css *.map package-lock.json pnpm-lock.yaml yarn.lock *.lock *~ .DS_Store".split(
    " ",
  );

/** Rules of one folder. */
export class IgnoreRules {
  readonly #rules: readonly Rule[];

  /** Rules by line, as in a `.gitignore`; empty lines and those that start with `#` say nothing. */
  constructor(lines: readonly string[]) {
    this.#rules = lines.flatMap((line) => ruleOf(line) ?? []);
  }

  /** The rules of a `.gitignore`. */
  static parse(text: string): IgnoreRules {
    return new IgnoreRules(text.split(/\r\n|\n|\r/));
  }

  /**
   * Whether to leave out a path below the folder of the rules (`a/b`, without `/` at either end): undefined where no rule
   * says anything about it.
   */
  excludes(path: string, folder: boolean): boolean | undefined {
    const names = path.split("/");
    let excluded: boolean | undefined;
    for (const { segments, foldersOnly, takesBack } of this.#rules) {
      if ((folder || !foldersOnly) && matchesPath(names, 0, segments, 0)) excluded = !takesBack;
    }
    return excluded;
  }
}

function ruleOf(line: string): Rule | undefined {
  let pattern = line.replace(/(?<!\\)[ \t]+$/, "");
  if (pattern === "" || pattern.startsWith("#")) return undefined;
  const takesBack = pattern.startsWith("!");
  if (takesBack) pattern = pattern.slice(1);
  const foldersOnly = pattern.endsWith("/");
  if (foldersOnly) pattern = pattern.slice(0, -1);
  const anchored = pattern.includes("/");
  const segments = pattern.replace(/^\//, "").split("/");
  return { segments: anchored ? segments : ["**", ...segments], foldersOnly, takesBack };
}

/** Whether names[n…] match segments[s…]; `**` stands for any number of names, at the end for one or more. */
function matchesPath(names: readonly string[], n: number, segments: readonly string[], s: number): boolean {
  // Only the last `**` needs to be gone back to, as with stars within a name.
  let name = n;
  let segment = s;
  let star = -1;
  let resume = 0;
  while (name < names.length) {
    if (segments[segment] === "**") {
      if (segment === segments.length - 1) return true;
      star = segment++;
      resume = name;
    } else if (segment < segments.length && matchesName(names[name]!, segments[segment]!)) {
      name++;
      segment++;
    } else if (star >= 0) {
      segment = star + 1;
      name = ++resume;
    } else return false;
  }
  return segment === segments.length;
}

/** Whether a name matches a pattern of `*`, `?`, `[…]` and `\`. */
function matchesName(name: string, pattern: string): boolean {
  let at = 0;
  let p = 0;
  let star = -1;
  let resume = 0;
  while (at < name.length) {
    const one = p < pattern.length ? matchOne(name[at]!, pattern, p) : 0;
    if (pattern[p] === "*") {
      star = p++;
      resume = at;
    } else if (one > 0) {
      at++;
      p += one;
    } else if (star >= 0) {
      p = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** How many characters of the pattern at `p` stand for this character; 0 where they do not. */
function matchOne(character: string, pattern: string, p: number): number {
  const sign = pattern[p]!;
  if (sign === "?") return 1;
  if (sign === "\\" && p + 1 < pattern.length) return pattern[p + 1] === character ? 2 : 0;
  const close = sign === "[" ? pattern.indexOf("]", p + 2) : -1;
  if (close < 0) return sign === character ? 1 : 0;
  const negated = pattern[p + 1] === "!" || pattern[p + 1] === "^";
  let inside = false;
  for (let i = p + (negated ? 2 : 1); i < close; i++) {
    const range = pattern[i + 1] === "-" && i + 2 < close;
    if (range ? character >= pattern[i]! && character <= pattern[i + 2]! : character === pattern[i]) inside = true;
    if (range) i += 2;
  }
  return inside === negated ? 0 : close - p + 1;
}
