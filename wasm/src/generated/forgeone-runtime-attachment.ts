/** @module Interface forgeone:runtime/attachment@0.1.0 **/
export declare function attach(parts: Array<Part>, request: Request): Array<Part>;
/**
 * After the container ended, or failed to start. Also called for one that was never attached.
 */
export declare function detach(container: string): void;
export type Failure = import('./forgeone-kernel-types.js').Failure;
export type Grants = import('./forgeone-runtime-types.js').Grants;
export interface Request {
  container: string,
  grants: Grants,
  /**
   * Interfaces the component imports and exports.
   */
  imports: Array<string>,
  exports: Array<string>,
}
/**
 * A module that the cell loads to host interfaces there, and plain data (JSON) for it.
 */
export interface Part {
  plugin: string,
  module: string,
  data: string,
}
