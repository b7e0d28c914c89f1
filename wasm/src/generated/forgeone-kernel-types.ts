/** @module Interface forgeone:kernel/types@0.1.0 **/
/**
 * Why something could not be done: a stable code (`FORGE_SUBJECT_WHAT`), one line that says what and where, one that says what to do.
 */
export interface Failure {
  code: string,
  message: string,
  remedy: string,
}
/**
 * # Variants
 * 
 * ## `"user"`
 * 
 * ## `"plugin"`
 * 
 * ## `"container"`
 */
export type Kind = 'user' | 'plugin' | 'container';
/**
 * What stands between a container and the kernel, weakest first.
 * # Variants
 * 
 * ## `"inline"`
 * 
 * ## `"thread"`
 * 
 * ## `"process"`
 * 
 * ## `"sandbox"`
 */
export type Isolation = 'inline' | 'thread' | 'process' | 'sandbox';
/**
 * Who acts: `user:1000`, `plugin:audit`, `container:3f2a…`; `via` names those through whom the call came, the first caller first.
 * Only the kernel makes identities, and refuses one that it did not make.
 */
export interface Identity {
  subject: string,
  kind: Kind,
  via: Array<string>,
}
