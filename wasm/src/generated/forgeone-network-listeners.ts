/** @module Interface forgeone:network/listeners@0.1.0 **/
export declare function list(): Array<Listener>;
export interface Listener {
  container: string,
  address: string,
  port: number,
}
