/** @module Interface forgeone:kernel/plugins@0.1.0 **/
/**
 * In the order in which they were started.
 */
export declare function list(): Array<Plugin>;
/**
 * Replaces a plugin by another that provides the same, from `source`, or from where it came from before: starts it, moves its callers over,
 * ends the old one. Returns once the new one has answered a call, or has stood by for a second without any. The old one stays where the
 * new one does not start, can not take over its state, or breaks at its first call.
 */
export declare function swap(name: string, source: string | undefined): void;
export type Failure = import('./forgeone-kernel-types.js').Failure;
/**
 * # Variants
 * 
 * ## `"typescript"`
 * 
 * ## `"component"`
 */
export type Implementation = 'typescript' | 'component';
/**
 * # Variants
 * 
 * ## `"starting"`
 * 
 * ## `"running"`
 * 
 * ## `"failed"`
 * 
 * ## `"stopped"`
 */
export type State = 'starting' | 'running' | 'failed' | 'stopped';
/**
 * What a component runs as.
 */
export interface Artefact {
  /**
   * `sha256:` and 64 hexadecimal digits, of the bytes that were loaded.
   */
  digest: string,
  /**
   * What its memories may have at most, all together, in bytes.
   */
  memory: bigint,
  /**
   * What each call may spend: instructions, about.
   */
  fuel: bigint,
}
export interface Plugin {
  name: string,
  implementation: Implementation,
  state: State,
  /**
   * Where it was loaded from: a package, a path, or nothing for one given as a value.
   */
  source?: string,
  /**
   * Contracts it provides, `forgeone:storage/store@0.1.0`.
   */
  provides: Array<string>,
  uses: Array<string>,
  /**
   * Hooks it answers.
   */
  taps: Array<string>,
  /**
   * Hooks it opens to others.
   */
  opens: Array<string>,
  /**
   * Why it is not running, or why its last swap was undone.
   */
  reason?: string,
  /**
   * Of a component.
   */
  artefact?: Artefact,
}
