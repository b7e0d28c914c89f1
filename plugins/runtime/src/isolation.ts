import type {KernelListener} from '@forgeone/sdk';
import type {Attachment, KernelTypes, SharedComponent} from '@forgeone/wasm';
import type {Exchange} from './channel/exchange.ts';
import type {Wire} from './channel/frame.ts';

/** A module that the cell loads. */
interface TaskPart {
	readonly plugin: string;
	readonly module: string;
	/** JSON. */
	readonly data: string;
	/** How many listeners it is handed over. */
	readonly listeners: number;
}

/** What a cell is to run, but for its component. Plain data. */
export interface Task {
	readonly container: string;
	readonly parts: readonly TaskPart[];
	/** The first is the program's own name. */
	readonly arguments: readonly string[];
	readonly environment: readonly (readonly [string, string])[];
	readonly config: readonly (readonly [string, string])[];
	/** The interface whose function `run` is called, for a command; or whose requests are answered, for a server. */
	readonly entry: {readonly interface: string; readonly kind: 'command' | 'server'};
	/** What its monotonic clock tells apart, in nanoseconds. */
	readonly resolution: number;
	/** Bytes of linear memory of each instance, and how many instances there may be. */
	readonly memory: number;
	readonly instances: number;
	/** Bytes that its host may have beside, for the component and what is kept for it. */
	readonly room: number;
	/** How long a request may take, in milliseconds. */
	readonly timeout: number;
	/** What it may do with files once it is sealed. */
	readonly files: 'none' | 'read' | 'write';
	/** For a component that runs metered: instructions, about, for each call of it. */
	readonly fuel?: number;
}

/** The component of a task. */
export interface Program {
	/** As it was read. */
	readonly bytes: Uint8Array;
	/** Decoded and checked, for another process. */
	readonly packed: Uint8Array;
	/** Compiled in this process, for any of its threads. */
	shared(metered: boolean): Promise<SharedComponent>;
}

/** What a cell needs on this machine before it is sealed. */
export interface Outfit {
	/** Bytes that it may have beside what it has before it runs anything. */
	readonly memory: number;
	readonly folders: readonly Attachment.Folder[];
	readonly listeners: readonly KernelListener[];
}

/** A port that a cell takes over: what it is sent, and what it tells. */
export interface Handed extends Pick<KernelListener, 'given' | 'returned'> {
	readonly server: ReturnType<KernelListener['lend']>;
}

/** How a guest ended. */
export interface Ending {
	readonly code: number;
	readonly reason?: string;
	/** What its cell said last as it broke, for the operator only: it may name files. */
	readonly words?: string;
}

/** What a cell tells about its guest. */
export interface Listener {
	/** A piece of output. The guest waits while more than a megabyte of it is unsettled. */
	output(source: 'stdout' | 'stderr', data: Uint8Array): void | Promise<void>;
	/** Once, when the cell has begun with the component: its own start is not the guest's time. */
	begun(): void;
	/** A half of `plugin` calls its kernel half. */
	called(plugin: string, call: Exchange): void;
	/** The guest was refused something that `grant` would have granted. */
	refused(action: string, what: string, grant: string): void;
	/** Once, when the guest has ended by itself, or the cell under it. */
	ended(ending: Ending): void;
}

/** What has been used, as the cell counts it. */
export interface Pulse {
	readonly read: number;
	readonly written: number;
	readonly requests: number;
	readonly instances: number;
	/** Bytes of their linear memories. */
	readonly memory: number;
	/** Instructions, about, that metered guests have run. */
	readonly fuel: number;
	/** Requests that it answers now. */
	readonly active: number;
}

/** Where one container runs: what holds its instances. */
export interface Cell {
	readonly alive: boolean;
	/** Whether it can be handed over listeners. */
	readonly listens: boolean;
	/** Lets it load, while nobody waits, what its task will likely need. */
	warm(modules: Iterable<string>): void;
	/** Gives it its work; once. */
	start(task: Task, program: Program, listeners: readonly Handed[], listener: Listener): void;
	/** To the guest's standard input; undefined ends it. Settles when there is room for more. */
	write(data: Uint8Array | undefined): Promise<void>;
	/** A call that a server is to answer; `over` is called when it is over. */
	open(head: string, over: () => void): Exchange;
	/** Whether it is alive, and what it has used. Never settles where the guest holds the cell's thread. */
	pulse(): Promise<Pulse>;
	/** Has it take no more connections of its own; settles when those that there are have ended, or it is gone. */
	drain(): Promise<void>;
	cost(): Promise<Cost>;
	/** Has it yield to other cells, or no longer. */
	yields(to: boolean): void;
	/** Ends whatever runs in it, at once and from outside; `ending` says how that is told. */
	kill(ending?: Ending): Promise<void>;
}

/** What a cell costs the machine. */
export interface Cost {
	/** Milliseconds of processor time so far. */
	readonly cpu: number;
	/** The same, and what it has waited for a processor. */
	readonly wanted: number;
	/** Bytes of memory now; undefined where only the cell knows. */
	readonly memory: number | undefined;
}

/** What a cell is made of: a thread, a process, or a corner of this one. */
export interface Vessel {
	readonly wire: Wire;
	/** Whether a component is posted to it compiled, or sent packed. */
	readonly shares: boolean;
	/** Whether it can be handed over listeners. */
	readonly listens: boolean;
	/** What each call of its guest may run, where the guest is to be metered. */
	readonly fuel?: number;
	/** Hands them over, for a cell that is told how many to expect. */
	hand(listeners: readonly Handed[]): void;
	/** They have come, and nothing more will be handed over. */
	handed(): void;
	cost(): Promise<Cost>;
	/** Has it yield to others of its kind, or no longer, where the system can tell them apart. */
	yields?(to: boolean): void;
	kill(): Promise<void>;
	/** Settles once it is gone, with how. */
	readonly gone: Promise<Ending>;
}

/** One way to make cells. */
export interface Isolation {
	readonly name: KernelTypes.Isolation;
	/** Why this machine has none of these; undefined where it has. */
	lack?(): Promise<string | undefined>;
	/** What there is to say of it on this machine. */
	remark?(): string;
	/** A cell for a task that needs `outfit` and loads `modules`, warm where one is ready. */
	take(outfit: Outfit, modules: readonly string[]): Cell;
	/** Ends the cells that are warm and unused. */
	close(): Promise<void>;
}
