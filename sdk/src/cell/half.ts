/** The functions and resource classes of one WIT interface, in the shape that jco documents. */
export type HostInterface = Readonly<Record<string, unknown>>;

/** What the cell gives to each half that it loads. */
export interface CellContext<Data = unknown> {
	readonly container: string;
	/** What the kernel half attached for this container. */
	readonly data: Data;
	/**
	 * Blocks the guest until something may have changed, `milliseconds` at most; for ever where they are undefined. The guest's thread
	 * does nothing else meanwhile, and costs nothing.
	 */
	wait(milliseconds: number | undefined): void;
}

/** Serves one export of the guest: called with the guest's functions, it gives what answers each request. */
export type Server = (exported: HostInterface) => (request: unknown) => unknown;

/** The half of a plugin that lives in a cell: the interfaces that it hosts there, and the exports whose requests it turns into calls. */
export interface CellHalf {
	/** By interface and version, such as `wasi:io/poll@0.2.9`. */
	readonly imports: Readonly<Record<string, HostInterface>>;
	/** By interface without version, such as `wasi:http/incoming-handler`. */
	readonly servers?: Readonly<Record<string, Server>>;
}

/** The default export of a cell half's module. It is called once for each instance of a component. */
export type OpenHalf<Data = unknown> = (context: CellContext<Data>) => CellHalf;
