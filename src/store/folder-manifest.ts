/**
 * What was seen of each file when it was last indexed: so that a file that did not change need not be opened.
 *
 * Kept as one setting of the store. It only saves time: a file that it does not know, or knows otherwise, is read and its hash compared
 * with that of its documents, so a manifest that was lost or left behind by a crash costs reading, not embedding.
 */
import { LociError } from "../core/index.ts";
import type { FoundFile } from "./folder-walk.ts";
import type { Store } from "./store.ts";

/** One file, as it was. */
export interface SeenFile {
  readonly bytes: number;
  /** Milliseconds since 1970; −1 for a file that was so new that it may have changed again without a trace. */
  readonly modified: number;
  /** How it was read and cut (`recipe`): a few digits that stand for the options. */
  readonly recipe: string;
  /** How many documents it gave. */
  readonly documents: number;
  /** Why it gave none; "" where it did. */
  readonly reason: string;
}

type Row = readonly [bytes: number, modified: number, recipe: number, documents: number, reason?: string];
const NAME = "folder-index";
const VERSION = 1;

export class Manifest {
  readonly #files: Map<string, SeenFile>;
  #changed = false;

  private constructor(files: Map<string, SeenFile>) {
    this.#files = files;
  }

  /** The manifest of a store; an empty one where there is none, or one of another version of Loci. */
  static async open(store: Store): Promise<Manifest> {
    const kept = (await store.setting(NAME)) as
      | { version: number; recipes: readonly string[]; files: Readonly<Record<string, Row>> }
      | undefined
      | null;
    const files = new Map<string, SeenFile>();
    if (kept?.version === VERSION) {
      for (const [path, row] of Object.entries(kept.files)) {
        const [bytes, modified, recipe, documents, reason = ""] = row;
        const named = kept.recipes[recipe];
        if (named === undefined)
          throw new LociError("bad-file", `The setting "${NAME}" of this store is damaged at "${path}".`);
        files.set(path, { bytes, modified, recipe: named, documents, reason });
      }
    }
    return new Manifest(files);
  }

  /** The file as it was last seen, if it looks the same now and was read the same way. */
  same({ path, bytes, modified }: FoundFile, recipe: string): SeenFile | undefined {
    const seen = this.#files.get(path);
    return seen?.bytes === bytes && seen.modified === modified && seen.recipe === recipe ? seen : undefined;
  }

  paths(): IterableIterator<string> {
    return this.#files.keys();
  }

  set(path: string, seen: SeenFile): void {
    this.#files.set(path, seen);
    this.#changed = true;
  }

  delete(path: string): void {
    if (this.#files.delete(path)) this.#changed = true;
  }

  async save(store: Store): Promise<void> {
    if (!this.#changed) return;
    const recipes = [...new Set([...this.#files.values()].map(({ recipe }) => recipe))];
    const rows = [...this.#files].map(([path, { bytes, modified, recipe, documents, reason }]): [string, Row] => {
      const row = [bytes, modified, recipes.indexOf(recipe), documents] as const;
      return [path, reason === "" ? row : [...row, reason]];
    });
    await store.setSetting(NAME, { version: VERSION, recipes, files: Object.fromEntries(rows) });
    this.#changed = false;
  }
}
