/** @module Interface forgeone:security/audit@0.1.0 **/
/**
 * A text of more than 4,096 characters is cut to that.
 */
export declare function append(entry: Entry): void;
/**
 * The same for several, the oldest first: what costs much once costs it once for all.
 */
export declare function appendAll(entries: Array<Entry>): void;
/**
 * Newest first, `limit` at most. At least the last 1,000 are kept, and 1,100 at most.
 */
export declare function recent(limit: number): Array<Entry>;
export interface Entry {
  /**
   * Milliseconds since 1970.
   */
  time: bigint,
  /**
   * Who asked: `user:1000`, `plugin:runtime`, `container:3f2a…`.
   */
  subject: string,
  /**
   * What they wanted to do: `link`, `admit`.
   */
  action: string,
  /**
   * To what: a contract, an image.
   */
  object: string,
  allowed: boolean,
  reason: string,
}
