/** @module Interface forgeone:runtime/containers@0.1.0 **/
/**
 * Reads the image, asks admission, keeps the record. Nothing runs yet.
 */
export declare function create(spec: Spec): Container;
export declare function start(id: string): Container;
/**
 * Asks the guest to end, and ends it after `grace` milliseconds.
 */
export declare function stop(id: string, grace: number): Container;
export declare function kill(id: string): Container;
/**
 * Returns once it has exited, or after `timeout` milliseconds as it is then.
 */
export declare function wait(id: string, timeout: number): Container;
export declare function list(): Array<Container>;
/**
 * By id, by the beginning of an id, or by name; so it is for every function here.
 */
export declare function inspect(id: string): Container;
/**
 * A running one is refused unless `force` is given.
 */
export declare function remove(id: string, force: boolean): void;
/**
 * Output from `cursor` on; where there is none yet, waits up to `wait` milliseconds. Of an exited container an empty list is the end.
 */
export declare function logs(id: string, cursor: bigint, wait: number): Array<Output>;
/**
 * To its standard input; an empty list ends it. Returns when there is room for more.
 */
export declare function write(id: string, data: Uint8Array): void;
/**
 * Of one that runs.
 */
export declare function stats(id: string): Usage;
/**
 * From the weakest to the strongest.
 */
export declare function isolations(): Array<Isolating>;
export type Failure = import('./forgeone-kernel-types.js').Failure;
export type Isolation = import('./forgeone-kernel-types.js').Isolation;
export type Vector = import('./forgeone-security-appraisal.js').Vector;
export type Spec = import('./forgeone-runtime-types.js').Spec;
export type Grants = import('./forgeone-runtime-types.js').Grants;
export type Source = import('./forgeone-runtime-types.js').Source;
/**
 * # Variants
 * 
 * ## `"created"`
 * 
 * ## `"running"`
 * 
 * ## `"restarting"`
 * 
 * ## `"exited"`
 */
export type State = 'created' | 'running' | 'restarting' | 'exited';
export interface Container {
  /**
   * Twelve hexadecimal digits.
   */
  id: string,
  name: string,
  spec: Spec,
  /**
   * `sha256:` of the bytes it runs.
   */
  digest: string,
  state: State,
  /**
   * Once exited: the guest's own; 124 deadline, 125 ForgeOne failed, 134 trap, 137 killed or over its memory.
   */
  exitCode?: number,
  /**
   * Why it ended, where there is more to say than the code.
   */
  reason?: string,
  /**
   * Milliseconds since 1970.
   */
  created: bigint,
  started?: bigint,
  finished?: bigint,
  restarts: number,
  /**
   * Who made it.
   */
  owner: string,
  grants: Grants,
  trust: Vector,
}
/**
 * A piece of output, as the guest wrote it.
 */
export interface Output {
  /**
   * Counts up from 0 without a gap, but for what rotation dropped.
   */
  sequence: bigint,
  /**
   * Milliseconds since 1970.
   */
  time: bigint,
  source: Source,
  data: Uint8Array,
}
/**
 * What a container has used and uses, since it was started last.
 */
export interface Usage {
  /**
   * Milliseconds of processor time.
   */
  cpu: bigint,
  /**
   * Bytes of memory that its cell has now; 0 while it holds none.
   */
  memory: bigint,
  /**
   * Bytes from and to files and the network.
   */
  read: bigint,
  written: bigint,
  /**
   * Requests that it has answered.
   */
  requests: bigint,
  /**
   * Instructions, about, that it has run where it is metered, which it is inline; else 0.
   */
  fuel: bigint,
  /**
   * Instances that it has now.
   */
  instances: number,
  /**
   * Pieces of its output that did not reach a log sink. Its journal has them.
   */
  dropped: bigint,
}
/**
 * A way to keep containers apart from this machine, and why it can not be had here, where it can not.
 */
export interface Isolating {
  isolation: Isolation,
  lack?: string,
  /**
   * What there is to say of it on this machine, where it can be had.
   */
  remark?: string,
}
