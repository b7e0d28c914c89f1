/** @module Interface forgeone:network/listeners@0.1.0 **/
export declare function list(): Array<Listener>;
export declare function gateway(): Ingress;
export type Protocol = import('./forgeone-runtime-types.js').Protocol;
export interface Listener {
  container: string,
  address: string,
  port: number,
  /**
   * None: TCP.
   */
  protocol?: Protocol,
}
/**
 * What the gateway sends to whom.
 */
export interface Route {
  container: string,
  /**
   * A name, `*.name`, or none for any.
   */
  host?: string,
  /**
   * The beginning of the path, in whole segments.
   */
  path: string,
}
/**
 * Where the gateway listens, and its routes.
 */
export interface Ingress {
  addresses: Array<string>,
  routes: Array<Route>,
}
