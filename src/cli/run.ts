/**
 * One run of the command line, in this process: arguments in, exit code out.
 *
 * `main.ts` calls it with the process' streams; tests call it with arrays. Nothing here ends the process.
 */
import { buildApplication, help, run as runApplication, text_en, version } from "@stricli/core";
import { commands, groupNames } from "./application.ts";
import type { Cli } from "./command.ts";
import { didYouMean, exitCodeFrom, exitCodeOf, isClose, messageOf, usageMessageOf } from "./failures.ts";
import { type Io, Terminal } from "./terminal.ts";
import { packageVersion } from "./version.ts";

/** Runs `loci` with the arguments after its name, and returns the exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const stdout = new Terminal(io.stdout);
  const stderr = new Terminal(io.stderr);
  const { process, context } = contextOf({ ...io, stdout, stderr });
  await runApplication(applicationFor(argv, io, stderr), separated(argv), context);
  return exitCodeFrom(Number(process.exitCode ?? 0));
}

function contextOf(io: Cli["io"]): { process: { exitCode?: number | string | null }; context: Cli } {
  const colored = (stream: Terminal) => ({
    write: (text: string) => stream.write(text),
    getColorDepth: () => (stream.color ? 8 : 1),
  });
  // Errors get their colour in `said`, so stricli is told that standard error has none.
  const process = {
    stdout: colored(io.stdout),
    stderr: { write: (text: string) => io.stderr.write(text) },
    env: {},
    exitCode: undefined as number | string | null | undefined,
  };
  return { process, context: { process, io } };
}

function applicationFor(argv: readonly string[], io: Io, stderr: Terminal) {
  const debug = Boolean(io.env.LOCI_DEBUG);
  const said = (message: string) => `${stderr.color ? "\x1b[31mloci:\x1b[39m" : "loci:"} ${message}`;
  const failed = (error: unknown) => said(messageOf(error, debug));
  const text = {
    ...text_en,
    exceptionWhileParsingArguments: (error: unknown) =>
      said(`${usageMessageOf(error)} See: loci ${commandIn(argv)}--help`),
    exceptionWhileLoadingCommandFunction: failed,
    exceptionWhileLoadingCommandContext: failed,
    exceptionWhileRunningCommand: failed,
    commandErrorResult: failed,
    noCommandRegisteredForInput: ({ input, corrections }: { input: string; corrections: readonly string[] }) =>
      said(unknownCommand(argv, input, corrections)),
  };
  const formatting = {
    useAliasInUsageLine: false,
    onlyRequiredInUsageLine: true,
    caseStyle: "convert-camel-to-kebab",
  } as const;
  return buildApplication<Cli>(
    commands,
    {
      name: "loci",
      scanner: {
        caseStyle: "allow-kebab-for-camel",
        allowArgumentEscapeSequence: true,
        // All names are told; which of them may have been meant is for `isClose` to say, for commands and options alike.
        distanceOptions: { threshold: 50, weights: { insertion: 1, deletion: 1, substitution: 1, transposition: 1 } },
      },
      documentation: formatting,
      localization: { text },
      determineExitCode: exitCodeOf,
    },
    {
      help: help({ brief: "This page", global: true, defaultForRouteMap: true, formatting } as Parameters<
        typeof help
      >[0]),
      version: version({ brief: "The version", alias: "v", info: { getCurrentVersion: async () => packageVersion() } }),
    },
  );
}

/** "train words " when that is how the arguments begin: for the advice to read its help. */
function commandIn(argv: readonly string[]): string {
  const [first = "", second = ""] = argv;
  if (first === "" || first.startsWith("-")) return "";
  return groupNames.includes(first) && !second.startsWith("-") ? `${first} ${second} ` : `${first} `;
}

function unknownCommand(argv: readonly string[], input: string, corrections: readonly string[]): string {
  if (input.startsWith("-"))
    return `the command comes first, then its options: loci COMMAND … ${input}. See: loci --help`;
  const close = corrections.map((name) => name.replaceAll("`", "")).filter((name) => isClose(input, name));
  const group = groupNames.includes(argv[0] ?? "") && argv[0] !== input ? `${argv[0]} ` : "";
  return `there is no command "${group}${input}".${didYouMean(close.map((name) => group + name))} See: loci ${group}--help`;
}

/** Short options as people write them: "-k20" is "-k 20". Nothing after "--" is touched. */
function separated(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.flatMap((argument, i) => {
    const found = end >= 0 && i > end ? null : /^-([a-z])(\d+)$/i.exec(argument);
    return found ? [`-${found[1]}`, found[2]!] : [argument];
  });
}
