import {type Elements, GuestBuffer} from '../abi/async/buffer.ts';
import {compileElements} from '../abi/async/convert.ts';
import {
	type End,
	ReadableFutureEnd,
	ReadableStreamEnd,
	results,
	SharedFuture,
	SharedStream,
	WritableFutureEnd,
	WritableStreamEnd,
} from '../abi/async/stream.ts';
import type {Thread} from '../abi/async/thread.ts';
import {sameElements} from '../abi/async/values.ts';
import {events} from '../abi/async/waitable.ts';
import {dynamic, has} from '../abi/functions.ts';
import type {Builtin} from '../decode/ast.ts';
import {Trap} from '../trap.ts';
import type {ValueType} from '../types.ts';
import {bindings, once, views} from './bindings.ts';
import {at, type Make, type Making, outcome, perhaps, unjoined} from './making.ts';
import {mismatch, valueAt} from './types.ts';

const kinds = {
	stream: {shared: SharedStream, readable: ReadableStreamEnd, writable: WritableStreamEnd},
	future: {shared: SharedFuture, readable: ReadableFutureEnd, writable: WritableFutureEnd},
} as const;

/** The type of what a built-in is over. */
function carried({frame, def}: Making): ValueType & {readonly kind: 'stream' | 'future'} {
	const type = valueAt(frame, def.type as number);
	return type.kind === 'stream' || type.kind === 'future' ? type : mismatch(`${def.name} is over a type that is none`);
}

const create = at(making => {
	const {guest, scheduler} = making;
	const {kind, element} = carried(making);
	const {shared, readable, writable} = kinds[kind];
	const pump = (): void => scheduler.pump();
	return () => {
		const both = new shared(element);
		const ends = [new readable(pump, both), new writable(pump, both)].map(end => guest.handles.keep(end)) as [number, number];
		return BigInt(ends[0]) | (BigInt(ends[1]) << 32n);
	};
});

/** Finds an end of the type that a built-in is over. */
function finder(making: Making, side: 'readable' | 'writable'): (index: number) => End {
	const {kind, element} = carried(making);
	const type: abstract new (...args: never[]) => End = kinds[kind][side];
	return index => {
		const end = making.guest.handles.kept(index, type);
		sameElements(end, element);
		return end;
	};
}

/** How the memory of a guest holds the elements. */
function elementsOf({store, code, frame, def}: Making, type: ValueType | undefined, reads: boolean): Elements | undefined {
	if (type === undefined) return undefined;
	const bound = bindings(store, frame, def.options, {memory: true, realloc: reads && has([type], dynamic)});
	const bind = once(code.functions, `elements ${type.key}`, () => compileElements(code, type));
	// What was compiled is of this shape.
	return bind(...bound, undefined, undefined, [], undefined) as unknown as Elements;
}

const copy = (side: 'readable' | 'writable', code: number): Make => {
	const reads = side === 'readable';
	return making => {
		const {guest, frame, def} = making;
		const {kind, element} = carried(making);
		const find = finder(making, side);
		const elements = elementsOf(making, element, reads);
		const memory = def.options.memory === undefined ? undefined : frame.spaces['core memory'][def.options.memory];
		const view = memory === undefined ? undefined : views(memory);
		const body = (_: Thread, index: number, pointer: number, count = 1): unknown => {
			const end = find(index);
			if (end.state === 'done')
				throw new Trap(`cannot ${reads ? 'read from' : 'write to'} ${kind} after being notified that the other end dropped`);
			if (end.state !== 'idle') throw new Trap(`cannot have concurrent operations active on a ${kind}`);
			unjoined(def, end);
			const buffer = new GuestBuffer(guest, element, elements, view, pointer >>> 0, count >>> 0);
			const begin: Parameters<End['copy']>[0] = (onCopy, onDone) => {
				if (end instanceof WritableStreamEnd || end instanceof WritableFutureEnd) end.shared.write(buffer, onCopy, onDone);
				else end.shared.read(buffer, onCopy, onDone);
			};
			end.copy(begin, result => {
				const over = result === results.dropped || (kind === 'future' && result === results.completed);
				// What was copied in part before it was cancelled counts as cancelled.
				const told = kind === 'stream' && end.state === 'cancelling' && result === results.completed ? results.cancelled : result;
				end.state = over ? 'done' : 'idle';
				return [code, index, kind === 'stream' ? told | (buffer.progress << 4) : told];
			});
			return outcome(def, end);
		};
		return perhaps(kind === 'stream' ? 'iii' : 'ii', () => body)(making);
	};
};

const cancelCopy = (side: 'readable' | 'writable'): Make =>
	perhaps('i', making => {
		const find = finder(making, side);
		return (_: Thread, index: number) => {
			const end = find(index);
			if (end.state !== 'copying' || end.waited) throw new Trap('no copy to cancel');
			unjoined(making.def, end);
			end.state = 'cancelling';
			if (!end.pending) end.shared.cancel();
			return outcome(making.def, end);
		};
	});

const dropEnd = (side: 'readable' | 'writable'): Make =>
	at(making => {
		const find = finder(making, side);
		return (_: Thread, index: number) => {
			const end = find(index);
			end.drop();
			making.guest.handles.release(index, Object);
		};
	});

/** The built-ins over streams, or over futures. */
export const carriers = (kind: 'stream' | 'future') =>
	({
		[`${kind}.new`]: create,
		[`${kind}.read`]: copy('readable', events[`${kind} read`]),
		[`${kind}.write`]: copy('writable', events[`${kind} write`]),
		[`${kind}.cancel-read`]: cancelCopy('readable'),
		[`${kind}.cancel-write`]: cancelCopy('writable'),
		[`${kind}.drop-readable`]: dropEnd('readable'),
		[`${kind}.drop-writable`]: dropEnd('writable'),
	}) as Record<Extract<Builtin, `${typeof kind}.${string}`>, Make>;
