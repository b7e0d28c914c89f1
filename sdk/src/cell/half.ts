import type {Server as Listener} from 'node:net';
import type {Call} from './call.ts';

/** The functions and resource classes of one WIT interface, in the shape that jco documents. Those that may return a promise are marked `suspending`. */
export type HostInterface = Readonly<Record<string, unknown>>;

/** What has been counted for a container; each half adds to it as it goes. */
export interface Usage {
	/** Bytes from and to files and the network. */
	read: number;
	written: number;
	/** Requests that the guest has answered. */
	requests: number;
}

/** What the cell gives to each half that it loads. */
export interface CellContext<Data = unknown> {
	readonly container: string;
	/** What the kernel half attached for this container. */
	readonly data: Data;
	readonly usage: Usage;
	/** Puts on record what the guest was refused, and the flag that would have granted it, such as `--volume SOURCE:/data`. `action` is what it tried, such as `file`. */
	refused(action: string, what: string, grant: string): void;
	/** Opens a call to the kernel half of the same plugin, which gets it by the hook `forgeone:runtime/calls`. */
	call(head: string): Call;
}

/** Serves one export of the guest: given the guest's functions, it gives what answers a call. That settles once the guest is free again. */
export type Server = (exported: HostInterface) => (call: Call) => Promise<void>;

/** What one instance of a component is given. */
export interface Hosted {
	/** By interface and version, such as `wasi:io/poll@0.2.9`. */
	readonly imports: Readonly<Record<string, HostInterface>>;
	/** By interface without version, such as `wasi:http/incoming-handler`. */
	readonly servers?: Readonly<Record<string, Server>>;
}

/** The half of a plugin that lives in a cell: the interfaces that it hosts there, and the exports whose requests it turns into calls. */
export interface CellHalf {
	/** For each instance of the component. */
	host(): Hosted;
	/**
	 * For a part that was attached with listeners, each of which the cell was handed over, listening: takes its connections from now on, and
	 * those that it tells as `connection`, which came before; and makes a call of each request. `serve` settles once the guest is free again.
	 * Returns what ends it: no more connections are taken, and the promise settles when those that were are over.
	 */
	listen?(listener: Listener, serve: (call: Call) => Promise<void>): () => Promise<void>;
	/** Gives back what it holds of the machine, once the cell has ended: one in the kernel's own thread leaves nothing behind. */
	close?(): void;
}

/**
 * The default export of a cell half's module. It is called once for each cell, before that is sealed: what it opens on this machine, it opens
 * now; later it can open only what is inside the folders that it has open, as `/proc/self/fd/<fd>/<name>`.
 */
export type OpenHalf<Data = unknown> = (context: CellContext<Data>) => CellHalf;
