/** @module Interface forgeone:network/networks@0.1.0 **/
/**
 * The one that is there, with these rules from now on, or a new one.
 */
export declare function create(name: string, egress: Array<string>): Network;
export declare function list(): Array<Network>;
export declare function inspect(name: string): Network;
/**
 * Refused while a container is on it.
 */
export declare function remove(name: string): void;
export type Failure = import('./forgeone-kernel-types.js').Failure;
export interface Network {
  /**
   * `[a-z0-9][a-z0-9-]{0,62}`
   */
  name: string,
  /**
   * Egress rules that whoever runs a container on it asks for, beside its own.
   */
  egress: Array<string>,
  /**
   * Milliseconds since 1970.
   */
  created: bigint,
  /**
   * The names of those that are on it now.
   */
  containers: Array<string>,
}
