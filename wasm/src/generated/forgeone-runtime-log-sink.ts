/** @module Interface forgeone:runtime/log-sink@0.1.0 **/
/**
 * The next pieces, oldest first: at most 256, and at most a quarter of a megabyte unless it is one. The next call comes when all taps have returned, or
 * after 5 s; components have a tenth of the kernel's time at most. Meanwhile four megabytes wait, one of them of the same container. `dropped` counts the
 * pieces since the last call that nobody is told of, because too much waited. Those of a call that fails are not told again.
 */
export declare function write(entries: Array<Entry>, dropped: bigint): void;
export type Source = import('./forgeone-runtime-types.js').Source;
/**
 * A piece of output, as the guest wrote it: it may end within a line, or within a character.
 */
export interface Entry {
  /**
   * The id of the container, and its name.
   */
  container: string,
  name: string,
  /**
   * Counts up from 0 for each container, as in its journal.
   */
  sequence: bigint,
  /**
   * Milliseconds since 1970.
   */
  time: bigint,
  source: Source,
  data: Uint8Array,
}
