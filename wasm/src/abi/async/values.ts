import {errors} from '../../errors.ts';
import {Trap} from '../../trap.ts';
import type {Carrying, ElementType} from '../../types.ts';
import type {Guest, Store} from '../store.ts';
import {FutureReader, StreamReader} from './host-end.ts';
import {HostFuture, HostStream} from './host-source.ts';
import {schedulerOf} from './scheduler.ts';
import {type End, ReadableFutureEnd, ReadableStreamEnd} from './stream.ts';

/** Takes the readable end of a stream or future out of a guest, as a value of JavaScript. */
export function liftEnd(store: Store, guest: Guest, index: number, type: Carrying): StreamReader | FutureReader {
	const end: End = guest.handles.kept(index, type.kind === 'stream' ? ReadableStreamEnd : ReadableFutureEnd);
	sameElements(end, type.element);
	if (end.state === 'done') throw new Trap(`cannot lift ${type.kind} after previously reading it to its end`);
	if (end.state !== 'idle') throw new Trap(`cannot lift ${type.kind} in the middle of a copy`);
	if (end.joined) throw new Trap(`cannot lift ${type.kind} that is in a waitable set`);
	guest.handles.release(index, Object);
	return type.kind === 'stream' ? new StreamReader(store, end.shared) : new FutureReader(store, end.shared);
}

/** Checks that an end carries elements of this type. */
export function sameElements(end: End, element: ElementType | undefined): void {
	if (end.shared.type?.key !== element?.key) throw new Trap('stream or future is of another type');
}

/** Puts a stream or future, of the host or of another guest, into a guest. */
export function lowerEnd(store: Store, guest: Guest, value: unknown, type: Carrying): number {
	const pump = (): void => schedulerOf(store).pump();
	const {element} = type;
	if (value instanceof (type.kind === 'stream' ? StreamReader : FutureReader) && value.of(store)) {
		if (value.type?.key !== element?.key) throw errors.FORGE_VALUE_INVALID({expected: `a ${type.kind} of its type`, found: 'another'});
		const shared = value.take();
		return guest.handles.keep(type.kind === 'stream' ? new ReadableStreamEnd(pump, shared) : new ReadableFutureEnd(pump, shared));
	}
	if (type.kind === 'future') return guest.handles.keep(new ReadableFutureEnd(pump, new HostFuture(store, element, value)));
	return guest.handles.keep(new ReadableStreamEnd(pump, new HostStream(store, element, value)));
}

/** The most characters of a message that the host keeps for a guest, which may keep many. */
const longest = 1_024;

/** What a guest keeps of an error. */
export class ErrorContext {
	readonly error: Error;

	constructor(error: Error | string) {
		// A copy, since a part of a string holds on to the whole.
		const brief = (text: string): string => (text.length > longest ? Buffer.from(text.slice(0, longest)).toString() : text);
		this.error = typeof error === 'string' ? new Error(brief(error)) : error;
	}
}

/** The error that a guest's handle stands for. */
export const liftError = (guest: Guest, index: number): Error => guest.handles.kept(index, ErrorContext).error;

/** Puts an error into a guest. */
export function lowerError(guest: Guest, value: unknown): number {
	if (!(value instanceof Error)) throw errors.FORGE_VALUE_INVALID({expected: 'an Error', found: typeof value});
	return guest.handles.keep(new ErrorContext(value));
}
