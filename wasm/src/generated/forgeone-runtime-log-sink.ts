/** @module Interface forgeone:runtime/log-sink@0.1.0 **/
/**
 * The next pieces, oldest first: 256, or a quarter of a megabyte. The next call comes when all taps have returned, 5 s later at most, and a component has
 * a tenth of the time at most; meanwhile four megabytes wait. `dropped` counts the pieces since the last call that are not told: because too many waited,
 * or because a tap failed with them.
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
