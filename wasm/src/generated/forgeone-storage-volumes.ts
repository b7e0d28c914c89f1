/** @module Interface forgeone:storage/volumes@0.1.0 **/
export declare function create(name: string): Volume;
export declare function list(): Array<Volume>;
export declare function inspect(name: string): Volume;
/**
 * Refused while a container has it mounted.
 */
export declare function remove(name: string): void;
export type Failure = import('./forgeone-kernel-types.js').Failure;
export interface Volume {
  /**
   * `[a-z0-9][a-z0-9._-]{0,62}`
   */
  name: string,
  /**
   * Milliseconds since 1970.
   */
  created: bigint,
  /**
   * Its folder on this machine.
   */
  path: string,
}
