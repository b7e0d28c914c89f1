/** @module Interface forgeone:runtime/types@0.1.0 **/
export type Isolation = import('./forgeone-kernel-types.js').Isolation;
export interface Mount {
  /**
   * The name of a volume, or an absolute path on this machine.
   */
  source: string,
  /**
   * The path the guest sees.
   */
  target: string,
  readOnly: boolean,
}
/**
 * # Variants
 * 
 * ## `"keyvalue"`
 * 
 * ## `"blobstore"`
 */
export type StoreKind = 'keyvalue' | 'blobstore';
/**
 * A store of keys and values, or of objects, that containers share by its name.
 */
export interface Store {
  kind: StoreKind,
  /**
   * `[a-z0-9][a-z0-9._-]{0,62}`
   */
  name: string,
}
/**
 * # Variants
 * 
 * ## `"tcp"`
 * 
 * ## `"udp"`
 */
export type Protocol = 'tcp' | 'udp';
export interface Port {
  address: string,
  /**
   * 0 for one that the system picks.
   */
  port: number,
  /**
   * None: TCP.
   */
  protocol?: Protocol,
}
/**
 * # Variants
 * 
 * ## `"no"`
 * 
 * ## `"on-failure"`
 * 
 * ## `"always"`
 */
export type Restart = 'no' | 'on-failure' | 'always';
/**
 * # Variants
 * 
 * ## `"stdout"`
 * 
 * ## `"stderr"`
 */
export type Source = 'stdout' | 'stderr';
export interface Limits {
  /**
   * Bytes of linear memory, summed over the container's memories.
   */
  memory: bigint,
  /**
   * Milliseconds a command may run, or a request may take. None: as long as it likes, but 30 s for a request.
   */
  timeout?: bigint,
  /**
   * Instances of a server that may answer at one time, each with an equal share of the memory. None: one for each 32 MiB, 16 at most.
   */
  instances?: number,
}
export interface Spec {
  /**
   * `[a-z0-9][a-z0-9-]{0,62}`; made up where there is none.
   */
  name?: string,
  /**
   * An absolute path of a component, or of a preview1 core module.
   */
  image: string,
  /**
   * `sha256:…` that the bytes must have.
   */
  digest?: string,
  arguments: Array<string>,
  environment: Array<[string, string]>,
  /**
   * What it reads by `wasi:config`.
   */
  config: Array<[string, string]>,
  mounts: Array<Mount>,
  publish: Array<Port>,
  /**
   * `host:port` rules of what it may reach.
   */
  egress: Array<string>,
  /**
   * What the gateway sends to it: `host/path`, `host`, or `/path`.
   */
  routes: Array<string>,
  /**
   * Virtual networks, on which others reach it as `name.network.internal`.
   */
  networks: Array<string>,
  /**
   * None: no store.
   */
  stores?: Array<Store>,
  limits: Limits,
  /**
   * At least this much stands between. None: the runtime's default.
   */
  isolation?: Isolation,
  restart: Restart,
  /**
   * Somebody reads the output as it comes: the guest waits for the reader, and nothing is dropped.
   */
  attached: boolean,
  /**
   * Somebody may write to its standard input.
   */
  interactive: boolean,
  /**
   * Forget it once it has ended.
   */
  remove: boolean,
}
/**
 * What policy lets a container have. Nothing that is not here is there.
 */
export interface Grants {
  mounts: Array<Mount>,
  publish: Array<Port>,
  egress: Array<string>,
  routes: Array<string>,
  networks: Array<string>,
  stores?: Array<Store>,
  isolation: Isolation,
}
