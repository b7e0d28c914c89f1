import {ForgeError} from './error.ts';
import {errors} from './errors.ts';

/** A guest's `result` error: thrown by an export, or by a host function to give one to the guest. */
export class ComponentError extends Error {
	override readonly name = 'ComponentError';
	/** The value of the error case, in the JavaScript shape of its type. */
	readonly payload: unknown;

	constructor(payload: unknown) {
		super(`component returned an error: ${preview(payload)}`);
		this.payload = payload;
	}
}

/** Thrown by a host function to end the guest: it unwinds, is dead afterwards, and the caller of the export gets this very error. */
export class GuestExit extends Error {
	override readonly name = 'GuestExit';
	readonly code: number;

	constructor(code: number) {
		super(`guest exited with ${code}`);
		this.code = code;
	}
}

/** The guest broke a rule or a host function failed where it may not: its instance is dead. `cause` is what V8 or the host threw. */
export class Trap extends ForgeError {
	/** The core function that trapped, where the stack tells. */
	readonly where: string | undefined;

	constructor(reason: string, options?: ErrorOptions) {
		const where = options?.cause === undefined ? undefined : trapped(options.cause);
		const {code, kind, message, remedy} = errors.FORGE_TRAP({reason, where: where === undefined ? '' : ` in "${where}"`});
		super(code, kind, message, remedy, options);
		this.where = where;
	}
}

function preview(value: unknown): string {
	const text = typeof value === 'object' && value !== null && 'tag' in value ? value.tag : value;
	return typeof text === 'object' ? 'see payload' : String(text);
}

const frame = /^\s+at (?:(\S+) \()?wasm:\/\/[^:]*:wasm-function\[(\d+)\]/m;

/** The first WebAssembly function on an error's stack: by name, else by number. */
function trapped(error: unknown): string | undefined {
	const match = error instanceof Error ? frame.exec(error.stack ?? '') : null;
	return match === null ? undefined : (match[1] ?? `function ${match[2]}`);
}

/** What ended an instance, as the error that its callers get. */
export function fatal(error: unknown): Error {
	if (error instanceof Trap || error instanceof GuestExit) return error;
	if (error instanceof ForgeError && error.kind === 'limit') return error;
	if (error instanceof Error) return new Trap(error.message, {cause: error});
	return new Trap('a foreign exception left the guest', {cause: error});
}
