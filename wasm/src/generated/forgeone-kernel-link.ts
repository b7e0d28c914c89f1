/** @module Interface forgeone:kernel/link@0.1.0 **/
export declare function decide(verdict: Verdict, request: Request): Verdict;
export type Implementation = import('./forgeone-kernel-plugins.js').Implementation;
export interface Request {
  /**
   * The plugin that wants to call, and what it is made of.
   */
  consumer: string,
  implementation: Implementation,
  provider: string,
  contract: string,
}
export type Verdict = VerdictUndecided | VerdictAllowed | VerdictRefused;
export interface VerdictUndecided {
  tag: 'undecided',
}
export interface VerdictAllowed {
  tag: 'allowed',
}
/**
 * With the reason. A later tap may not lift it.
 */
export interface VerdictRefused {
  tag: 'refused',
  val: string,
}
