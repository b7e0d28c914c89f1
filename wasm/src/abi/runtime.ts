import {ForgeError} from '../error.ts';
import {ComponentError, Trap} from '../trap.ts';
import {liftEnd, liftError, lowerEnd, lowerError} from './async/values.ts';
import {unlend} from './handles.ts';
import {bad, fromChar, reinterpret, toChar} from './numbers.ts';
import {allocate, range} from './strings.ts';

const tagOf = (value: unknown): unknown =>
	typeof value === 'object' && value !== null && 'tag' in value ? value.tag : bad('an object with a tag', value);

const lengthOf = (value: unknown): number =>
	typeof value === 'object' && value !== null && 'length' in value && Number.isSafeInteger(value.length)
		? (value.length as number)
		: bad('an array', value);

/** What the generated text may call, by name. */
export const runtime = {
	ComponentError,
	bad,
	fromChar,
	reinterpret,
	toChar,
	range,
	allocate,
	unlend,
	liftEnd,
	lowerEnd,
	liftError,
	lowerError,
	tagOf,
	lengthOf,
	index: (names: ReadonlyMap<unknown, number>, name: unknown): number =>
		names.get(name) ?? bad(`one of ${[...names.keys()].join(', ')}`, name),
	label(labels: readonly string[], i: number): string {
		const found = labels[i];
		if (found === undefined) throw new Trap(`${i} is not a case of an enum`);
		return found;
	},
	noCase(): never {
		throw new Trap('discriminant is not a case of its variant');
	},
	record(value: unknown): void {
		if (typeof value !== 'object' || value === null) bad('an object', value);
	},
	fixed<T>(value: T, length: number): T {
		if (lengthOf(value) !== length) bad(`an array of ${length}`, value);
		return value;
	},
	pairs: (value: unknown): unknown[] => (value instanceof Map ? [...value] : bad('a Map', value)),
	unsettled(value: unknown): void {
		if (value instanceof Promise) throw new Trap('a host function that is not marked suspending returned a promise');
	},
	/** The value for the error case that a host function signals by throwing; rethrows what signals none. */
	signalled(error: unknown): unknown {
		if (typeof error === 'object' && error !== null && Object.hasOwn(error, 'payload')) return (error as {payload: unknown}).payload;
		if (error instanceof Error && !(error instanceof ForgeError && !(error instanceof Trap))) throw error;
		return error;
	},
	unfit(error: unknown, cause: unknown): unknown {
		if (cause === undefined || !(error instanceof ForgeError) || error.code !== 'FORGE_VALUE_INVALID') return error;
		return new Trap(`host function threw what its result cannot hold: ${cause instanceof Error ? cause.message : String(cause)}`, {cause});
	},
	stillBorrowed(): never {
		throw new Trap('borrow handles still remain at the end of the call');
	},
	mayNotLeave(): never {
		throw new Trap('cannot leave component instance');
	},
};
