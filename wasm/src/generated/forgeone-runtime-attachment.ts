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
  name: string,
  grants: Grants,
  /**
   * Interfaces the component imports and exports.
   */
  imports: Array<string>,
  exports: Array<string>,
}
/**
 * A folder of this machine.
 */
export interface Folder {
  path: string,
  readOnly: boolean,
}
/**
 * A module that the cell loads to host interfaces there, and plain data (JSON) for it.
 */
export interface Part {
  plugin: string,
  module: string,
  data: string,
  /**
   * All that the module opens on this machine; it does so at once, for later nothing can be opened but what is in these.
   */
  folders: Array<Folder>,
  /**
   * Ports that the module serves, where the cell can take them over.
   */
  listeners: Array<Listener>,
}

export declare class Listener {
  /**
   * This type does not have a public constructor.
   */
  private constructor();
  /**
  * The cell listens now: the kernel stops.
  */
  given(): void;
  /**
  * The cell is gone, or about to go: the kernel listens again.
  */
  returned(): void;
}
