/** @module Interface forgeone:runtime/handlers@0.1.0 **/
export declare function handle(container: string, request: Request): Response;
export type Failure = import('./forgeone-kernel-types.js').Failure;
export interface Request {
  method: string,
  /**
   * Path and query.
   */
  path: string,
  scheme: string,
  authority: string,
  headers: Array<[string, Uint8Array]>,
  body: Uint8Array,
}
export interface Response {
  status: number,
  headers: Array<[string, Uint8Array]>,
  body: Uint8Array,
}
