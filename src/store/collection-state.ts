/**
 * What an open collection knows of its store: the encoder, the space, the index, and which version all that belongs to.
 *
 * Other processes write to the store too, and may even move it to another space, so nothing here is believed for longer than one
 * question: `look` asks for the version, and where that has moved on, for the space.
 */
import type { Encoder } from "../embed/index.ts";
import { type BuiltIndex, CollectionIndex } from "./collection-index.ts";
import type { Sources } from "./collection-search.ts";
import { spaceOfEncoder, spaceOfOwn } from "./collection-space.ts";
import type { CollectionOptions, SearchMode } from "./collection-types.ts";
import { DEFAULT_WEIGHTS } from "./fusion.ts";
import { sameSpace, wrongSpace } from "./space.ts";
import type { Space, Store } from "./store.ts";
import { Turns } from "./turns.ts";
import { type VectorSide, VectorSides } from "./vector-side.ts";
import { keptWeights } from "./weights.ts";

export class CollectionState {
  readonly store: Store;
  readonly options: CollectionOptions;
  readonly readOnly: boolean;
  /** Writes of this process, one after the other. */
  readonly writes = new Turns();
  readonly #sides: VectorSides;
  #encoder: Encoder | undefined;
  #space: Space | undefined;
  #index: CollectionIndex | undefined;
  #seen = -1;
  #switching: Promise<void> | undefined;

  constructor(store: Store, options: CollectionOptions) {
    this.store = store;
    this.options = options;
    this.readOnly = store.readOnly || options.readOnly === true;
    this.#encoder = options.encoder;
    this.#sides = new VectorSides(store, this.readOnly);
  }

  get encoder(): Encoder | undefined {
    return this.#encoder;
  }

  /** Of the vectors in the store, when it was last looked at. */
  get space(): Space | undefined {
    return this.#space;
  }

  /** The index beside the store, where one was asked for already. */
  get opened(): CollectionIndex | undefined {
    return this.#index;
  }

  /**
   * Looks at which version the store is; where it has moved on, also at the space. Throws `wrong-space` where the encoder is of another one.
   */
  async look(): Promise<number> {
    await this.#switching;
    const version = await this.store.version();
    if (version === this.#seen && this.#space) return version;
    const { space } = await this.store.info();
    if (space && !(this.#space && sameSpace(this.#space, space))) await this.#enter(space);
    this.#seen = version;
    return version;
  }

  /** Takes the store's space as this collection's, if its encoder can. */
  async #enter(space: Space): Promise<void> {
    const asked = this.askedSpace(space);
    if (asked && !sameSpace(asked, space)) throw wrongSpace(space, asked);
    const index = this.#index;
    this.#space = space;
    this.#index = undefined;
    this.#sides.forget();
    await index?.discard();
  }

  /** The space that this process speaks of, by its encoder or by what it was told; `there` is the store's, where it has one. */
  askedSpace(there: Space | undefined = this.#space): Space | undefined {
    const { metric = there?.metric ?? "cosine", space } = this.options;
    if (this.#encoder) return spaceOfEncoder(this.#encoder, metric);
    return space && spaceOfOwn(space, metric);
  }

  /** The space that new vectors are of, written into a store that has none yet; `otherwise` is taken where nobody speaks of one. */
  async spaceToWrite(otherwise?: Space): Promise<Space | undefined> {
    const asked = this.askedSpace() ?? otherwise;
    if (this.#space || !asked) return this.#space;
    await this.store.setSpace(asked);
    return (this.#space = asked);
  }

  /** Forgets what was learnt of the vectors: it is read again. */
  forgetLearnt(): void {
    this.#sides.forget();
  }

  /** The index beside the store, still to be opened; undefined where the store searches vectors itself, or has none. */
  index(): CollectionIndex | undefined {
    if (this.store.nearest || !this.#space) return undefined;
    return (this.#index ??= new CollectionIndex(this.store, this.#space, this.options.index ?? {}));
  }

  /** Who would answer a question of this mode now. */
  async sources(mode: SearchMode): Promise<Sources> {
    const version = await this.look();
    const side = mode === "keyword" ? undefined : await this.#sideAt(version);
    const weights = mode === "hybrid" ? await keptWeights(this.store, this.#space) : DEFAULT_WEIGHTS;
    return { store: this.store, side, weights };
  }

  async #sideAt(version: number): Promise<VectorSide | undefined> {
    if (!this.#space) return undefined;
    if (this.store.nearest) return this.#sides.ofStore(this.store.nearest.bind(this.store), this.#space, version);
    return this.#sides.ofIndex(this.index()!, version);
  }

  /**
   * Into another space, in the store and here, with the index built for it. Searches wait: in between there is a new space and the old
   * encoder.
   */
  async switchTo(
    { encoder, space }: { readonly encoder: Encoder; readonly space: Space },
    built: BuiltIndex | undefined,
    commit: () => Promise<number>,
  ): Promise<number> {
    const gate = Promise.withResolvers<void>();
    this.#switching = gate.promise;
    try {
      const version = await commit();
      const before = this.#index;
      this.#encoder = encoder;
      this.#space = space;
      this.#seen = version;
      this.#sides.forget();
      this.#index = built && new CollectionIndex(this.store, space, this.options.index ?? {}, { ...built, version });
      await before?.discard();
      return version;
    } finally {
      this.#switching = undefined;
      gate.resolve();
    }
  }
}
