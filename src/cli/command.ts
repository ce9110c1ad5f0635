/**
 * A command: what it takes, what its help says, and where its work lies.
 *
 * The description is loaded with the program, the work only when the command runs, so that `loci --help` and a
 * mistyped option answer at once. Parsing is stricli's; the help text is ours, since it is what people see first.
 */
import {
  type Aliases,
  type BaseArgs,
  type BaseFlags,
  type Command,
  type CommandContext,
  type FlagParametersForType,
  type TypedPositionalParameters,
  buildCommand,
} from "@stricli/core";
import { asUsageError } from "./failures.ts";
import { type Example, type HelpPage, commandHelp } from "./help.ts";
import type { ProgressMode } from "./progress.ts";
import type { Io, Terminal } from "./terminal.ts";

/** What a command is run with. */
export interface Cli extends CommandContext {
  readonly io: Io & { readonly stdout: Terminal; readonly stderr: Terminal };
}

/** What every command takes. */
export interface CommonFlags {
  readonly json: boolean;
  readonly progress: ProgressMode;
}

/** The work of a command; the default export of its `….run.ts`. */
export type Work<F extends CommonFlags, A extends readonly unknown[]> = (
  cli: Cli,
  flags: F,
  ...args: A
) => Promise<void> | void;

export interface CommandSpec<F extends CommonFlags, A extends readonly unknown[]> {
  /** One line for the list of commands. */
  readonly brief: string;
  /** The arguments, as the usage line shows them after the command's name. */
  readonly usage: string;
  /** Paragraphs of the help page, wrapped to the terminal. */
  readonly details?: readonly string[];
  readonly examples: readonly Example[];
  readonly flags: FlagParametersForType<Omit<F, keyof CommonFlags>, Cli>;
  readonly aliases?: Aliases<keyof F & string>;
  /** What the command line calls arguments that the library calls otherwise: `{ rows: "V" }`. */
  readonly names?: Readonly<Record<string, string>>;
  readonly positional: TypedPositionalParameters<A, Cli>;
  /** Options under headings of their own; the others come under "Options". */
  readonly sections?: readonly (readonly [title: string, flags: readonly (keyof F & string)[]])[];
  readonly load: () => Promise<{ readonly default: Work<F, A> }>;
}

const COMMON: FlagParametersForType<CommonFlags, Cli> = {
  json: { kind: "boolean", brief: "One JSON document on standard output", default: false, withNegated: false },
  progress: {
    kind: "enum",
    values: ["auto", "none", "json"],
    brief: "How progress shows: a bar on terminals (auto), not at all, or JSON lines on standard error",
    default: "auto",
  },
};

/** Makes a command that the application can route to. */
export function defineCommand<F extends CommonFlags, A extends readonly unknown[]>(
  spec: CommandSpec<F, A>,
): Command<Cli> {
  const flags = { ...spec.flags, ...COMMON };
  const command = buildCommand<BaseFlags, BaseArgs, Cli>({
    // Stricli derives the flags' types from F, which is still open here; `CommandSpec` has checked them.
    parameters: { flags, aliases: spec.aliases ?? {}, positional: spec.positional } as never,
    docs: { brief: spec.brief },
    loader: (async () => {
      const { default: work } = await spec.load();
      return async function (this: Cli, given: F, ...args: A): Promise<void> {
        try {
          await work(this, given, ...args);
        } catch (error) {
          throw asUsageError(error, flags, { ...shortNames(spec.aliases), ...spec.names });
        }
      };
    }) as never,
  });
  const page = { ...spec, flags } as HelpPage;
  return {
    ...command,
    formatHelp: ({ prefix, ansiColor }) => commandHelp(page, prefix.join(" "), ansiColor),
  };
}

/** Of options that are mostly written short: `k` is -k. */
function shortNames(aliases: object = {}): Record<string, string> {
  return Object.fromEntries(Object.keys(aliases).map((letter) => [letter, `-${letter}`]));
}

/** Reads a whole number: "100", "2_000_000", "2,000,000", "2e6". */
export function wholeNumber(input: string): number {
  const value = number(input);
  if (!Number.isSafeInteger(value)) throw new Error(`expected a whole number, got "${input}".`);
  return value;
}

/** Reads a number: "0.025", "1e-3". */
export function number(input: string): number {
  const plain = input.replaceAll(/(?<=\d)[_,](?=\d{3}(\D|$))/g, "").replaceAll(/(?<=\d)_(?=\d)/g, "");
  const value = plain.trim() === "" ? NaN : Number(plain);
  if (!Number.isFinite(value)) throw new Error(`expected a number, got "${input}".`);
  return value;
}

export const text = (input: string): string => input;

/** An optional number among a command's flags. */
export const numberFlag = (brief: string, placeholder = "X") =>
  ({ kind: "parsed", parse: number, brief, placeholder, optional: true }) as const;

/** An optional whole number among a command's flags. */
export const wholeFlag = (brief: string, placeholder = "N") =>
  ({ kind: "parsed", parse: wholeNumber, brief, placeholder, optional: true }) as const;

/** An optional text (a path, a key) among a command's flags. */
export const textFlag = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: text, brief, placeholder, optional: true }) as const;

/** A switch that is off unless given. */
export const switchFlag = (brief: string) => ({ kind: "boolean", brief, default: false, withNegated: false }) as const;

/** The argument that names a model or a file of vectors. */
export const modelArgument = {
  brief: "A model folder, or a file of vectors in any format Loci reads",
  placeholder: "MODEL",
  parse: text,
} as const;
