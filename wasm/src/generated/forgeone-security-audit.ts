/** @module Interface forgeone:security/audit@0.1.0 **/
export declare function append(entry: Entry): void;
/**
 * Newest first, `limit` at most. At least the last 1,000 are kept.
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
