/** Where a kernel and its plugins write what happens. A pino logger is one as it is. */
export interface Log {
	debug(fields: object, message: string): void;
	info(fields: object, message: string): void;
	warn(fields: object, message: string): void;
	error(fields: object, message: string): void;
	/** A log that adds `fields` to everything. */
	child(fields: Record<string, unknown>): Log;
}

/** Writes nothing. */
export const silent: Log = {debug() {}, info() {}, warn() {}, error() {}, child: () => silent};
