/** @module Interface forgeone:storage/volumes@0.1.0 **/
/**
 * The one that is there, or a new one. A quota takes the place of the one it had.
 */
export declare function create(name: string, quota: Quota | undefined): Volume;
export declare function list(): Array<Volume>;
/**
 * Counts what is in it.
 */
export declare function inspect(name: string): Volume;
/**
 * Refused while a container has it mounted.
 */
export declare function remove(name: string): void;
export type Failure = import('./forgeone-kernel-types.js').Failure;
export interface Usage {
  /**
   * Of files and symbolic links; a file with several names is counted once.
   */
  bytes: bigint,
  /**
   * Files, folders and links, by their names.
   */
  inodes: bigint,
}
/**
 * The most that a volume holds. None: as much as the disk does.
 */
export interface Quota {
  bytes?: bigint,
  inodes?: bigint,
}
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
  quota: Quota,
  /**
   * What it held when it was last counted. None: not since this process started.
   */
  used?: Usage,
}
