/**
 * Giving memory back at once.
 *
 * A typed array's memory is freed when the collector finds nobody holds it, which may be long after, since the collector
 * goes by the size of what lies on its own heap. Where large arrays follow each other that doubles what a process needs.
 */

/** Frees the memory of an array that nobody will look at again; it has length 0 afterwards. */
export function release({ buffer }: ArrayBufferView): void {
  // Shared memory cannot be given back, and older browsers wait for their collector.
  if (buffer instanceof ArrayBuffer && "transfer" in buffer && !buffer.detached) buffer.transfer(0);
}
