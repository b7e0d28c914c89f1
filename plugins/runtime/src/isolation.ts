import type {KernelTypes, SharedComponent} from '@forgeone/wasm';

/** A module that the cell loads, and the data for it. */
interface Part {
	readonly module: string;
	/** JSON. */
	readonly data: string;
}

/** What a cell is to run. Plain data, so that it can go to a thread or a process. */
export interface Task {
	readonly container: string;
	readonly component: SharedComponent;
	readonly parts: readonly Part[];
	/** The first is the program's own name. */
	readonly arguments: readonly string[];
	readonly environment: readonly (readonly [string, string])[];
	/** The interface whose function `run` is called, for a command; or whose requests are answered, for a server. */
	readonly entry: {readonly interface: string; readonly kind: 'command' | 'server'};
	/** Bytes of linear memory. */
	readonly memory: number;
}

/** How a guest ended. */
export interface Ending {
	readonly code: number;
	readonly reason?: string;
}

/** What a cell tells about its guest. */
export interface Listener {
	/** A piece of output. The guest waits while more than a megabyte of it is unsettled. */
	output(source: 'stdout' | 'stderr', data: Uint8Array): void | Promise<void>;
	/** Once, when the guest has ended by itself, or the cell under it. */
	ended(ending: Ending): void;
}

/** Where one container runs: a thread or a process that holds its instance. */
export interface Cell {
	/** Gives it its work; once. */
	start(task: Task, listener: Listener): void;
	/** To the guest's standard input; undefined ends it. Settles when there is room for more. */
	write(data: Uint8Array | undefined): Promise<void>;
	/** Has a server answer. Rejects with the guest's failure. */
	request(payload: unknown): Promise<unknown>;
	/** Ends whatever runs in it, at once and from outside. */
	kill(): Promise<void>;
}

/** One way to make cells. */
export interface Isolation {
	readonly name: KernelTypes.Isolation;
	/** A cell, warm where one is ready. */
	take(): Cell;
	/** Ends the cells that are warm and unused. */
	close(): Promise<void>;
}
