/**
 * How runs fail: what is said, and the number the shell gets.
 *
 * 0 is success, 1 a failure, 2 a command line that cannot be meant, 130 Ctrl-C (143 an end by SIGTERM). What can be
 * helped is one line; what cannot (a fault of Loci's own) comes with its stack, which a report of it needs.
 */
import {
  ArgumentParseError,
  EnumValidationError,
  ExitCode,
  FlagNotFoundError,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
  AliasNotFoundError,
} from "@stricli/core";
import { LociError, editDistance } from "../core/index.ts";
import { Interrupted } from "./terminal.ts";

/** A command line that cannot be meant; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The number a thrown error ends the process with. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode;
  return error instanceof UsageError ? 2 : 1;
}

/** The number for what stricli returns: its own codes are negative. */
export function exitCodeFrom(code: number): number {
  if (code >= 0) return code;
  return code === ExitCode.InvalidArgument || code === ExitCode.UnknownCommand ? 2 : 1;
}

/** Errors of the file system, whose messages say what is wrong but not in whose words. */
const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: "there is no permission for it",
  EPERM: "there is no permission for it",
  ENOENT: "there is no such file or folder",
  EISDIR: "it is a folder; expected a file",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENOSPC: "the disk is full",
  EROFS: "the disk can only be read",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
};

/** What to say of an error. With `debug`, the stack of expected ones too. */
export function messageOf(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return `unexpected failure: ${String(error)}`;
  if (debug && error.stack) return error.stack;
  if (error instanceof Interrupted || error instanceof UsageError || error instanceof LociError) return error.message;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code && SYSTEM[code]) return `${path ?? "a file"}: ${SYSTEM[code]}.`;
  return `unexpected failure, most likely a fault of Loci's own. Please report it with the lines below.\n${error.stack}`;
}

/** What to say of flags and arguments that do not fit the command. */
export function usageMessageOf(error: unknown): string {
  if (error instanceof FlagNotFoundError) {
    const close = closest(kebab(error.input), error.corrections.map(kebab));
    return `there is no option --${error.input}.${didYouMean(close.map((name) => `--${name}`))}`;
  }
  if (error instanceof AliasNotFoundError) {
    return `there is no option -${error.input}. Put what begins with "-" but is no option after "--".`;
  }
  if (error instanceof EnumValidationError) {
    return `--${error.externalFlagName} takes ${list(error.values)}, not "${error.input}".`;
  }
  if (error instanceof ArgumentParseError) {
    const why = error.exception instanceof Error ? error.exception.message : String(error.exception);
    const name = error.externalFlagNameOrPlaceholder;
    // Options have two letters or more, and small ones; arguments are written large, or as V and d.
    return `${name.length === 1 || name === name.toUpperCase() ? name : `--${name}`}: ${why}`;
  }
  if (error instanceof UnsatisfiedFlagError) return `--${error.externalFlagName} needs a value.`;
  if (error instanceof UnexpectedFlagError) {
    return `--${error.externalFlagName} was given twice: "${error.previousInput}" and "${error.input}".`;
  }
  if (error instanceof UnsatisfiedPositionalError) return `${error.placeholder} is missing.`;
  if (error instanceof UnexpectedPositionalError) {
    return `expected ${error.expectedCount === 1 ? "one argument" : `${error.expectedCount} arguments`}; "${error.input}" is one too many. Quote what belongs together.`;
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * An argument that the library refused, as a mistake in the command line: `minCount` in its message becomes
 * --min-count where the command has that option, and what else the command calls otherwise (`names`) as it calls it.
 * Other errors are returned as they are.
 */
export function asUsageError(error: unknown, flags: object, names: Readonly<Record<string, string>> = {}): unknown {
  if (!(error instanceof LociError) || error.code !== "bad-argument") return error;
  const message = error.message.replaceAll(/`(\w+)`/g, (quoted, name: string) =>
    Object.hasOwn(names, name) ? names[name]! : name in flags ? `--${kebab(name)}` : quoted,
  );
  return new UsageError(message, { cause: error });
}

/** `" Did you mean a or b?"`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length > 0 ? ` Did you mean ${names.slice(0, 3).join(" or ")}?` : "";
}

/** Whether one may have been meant where the other was written: a third of its letters may differ, swapped ones are one. */
export function isClose(written: string, meant: string): boolean {
  return editDistance(written.toLowerCase(), meant.toLowerCase()) <= Math.ceil(meant.length / 3);
}

/** Of names, those that may have been meant, the nearest first. */
function closest(written: string, names: readonly string[]): string[] {
  const distance = (name: string): number => editDistance(written.toLowerCase(), name);
  return names.filter((name) => isClose(written, name)).sort((a, b) => distance(a) - distance(b));
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function list(values: readonly string[]): string {
  return values.length < 2 ? values.join("") : `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}
