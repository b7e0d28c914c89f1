import type {Builtin, BuiltinDef, CanonDef, CanonOptions} from './ast.ts';
import type {Reader} from './reader.ts';
import type {Scope} from './scope.ts';
import {valueRef} from './types.ts';

/** The canonical functions that nothing here executes. */
const absent: Readonly<Record<number, string>> = {
	38: 'thread.index',
	39: 'thread.new-indirect',
	40: 'thread.resume-later',
	41: 'thread.suspend',
	42: 'thread.suspend-then-resume',
	43: 'thread.yield-then-resume',
	44: 'thread.suspend-then-promote',
	45: 'thread.yield-then-promote',
	64: 'thread.spawn-ref',
	65: 'thread.spawn-indirect',
	66: 'thread.available-parallelism',
};

const encodings = ['utf8', 'utf16', 'latin1+utf16'] as const;

function canonOptions(from: Reader, scope: Scope): CanonOptions {
	let encoding: CanonOptions['encoding'] | undefined;
	let memory: number | undefined;
	let realloc: number | undefined;
	let postReturn: number | undefined;
	let callback: number | undefined;
	let async = false;
	from.vec('options', () => {
		const code = from.u8('an option');
		const given = encodings[code];
		if (given !== undefined && encoding === undefined) encoding = given;
		else if (code === 3 && memory === undefined) memory = scope.index(from, 'core memory');
		else if (code === 4 && realloc === undefined) realloc = scope.index(from, 'core func');
		else if (code === 5 && postReturn === undefined) postReturn = scope.index(from, 'core func');
		else if (code === 6 && !async) async = true;
		else if (code === 7 && callback === undefined) callback = scope.index(from, 'core func');
		else if (code === 8 || code === 9) from.unsupported('the garbage-collected ABI');
		else from.fail('an option not given before', `0x${code.toString(16)}`, from.pos - 1);
	});
	if (realloc !== undefined && memory === undefined) from.fail('a memory with the realloc', 'none');
	if (callback !== undefined && !async) from.fail('async with the callback', 'none');
	if (postReturn !== undefined && async) from.fail('no post-return with async', 'one');
	return {encoding: encoding ?? 'utf8', memory, realloc, postReturn, async, callback};
}

/** The options where none are given. */
export const noOptions: CanonOptions = {
	encoding: 'utf8',
	memory: undefined,
	realloc: undefined,
	postReturn: undefined,
	async: false,
	callback: undefined,
};

type Taken = Partial<Pick<BuiltinDef, 'type' | 'result' | 'options' | 'async' | 'slot'>>;

const nothing = (): Taken => ({});
const typed = (from: Reader, scope: Scope): Taken => ({type: scope.index(from, 'type')});
const asynchronous = (from: Reader): Taken => ({async: from.pick({0: false, 1: true}, 'async or not')});
const copying = (from: Reader, scope: Scope): Taken => {
	const type = scope.index(from, 'type');
	const options = canonOptions(from, scope);
	return {type, options, async: options.async};
};
const cancelling = (from: Reader, scope: Scope): Taken => ({...typed(from, scope), ...asynchronous(from)});
const optional = (from: Reader, scope: Scope): Taken => ({options: canonOptions(from, scope)});

function cancellable(from: Reader): void {
	if (from.pick({0: false, 1: true}, 'cancellable or not')) from.unsupported('cancellable waits');
}

function waiting(from: Reader, scope: Scope): Taken {
	cancellable(from);
	return {options: {...noOptions, memory: scope.index(from, 'core memory')}};
}

function context(from: Reader): Taken {
	if (from.pick({127: false, 126: true}, 'i32 or i64')) from.unsupported('context of 64 bits');
	const slot = from.u32('a slot');
	if (slot > 1) from.fail('a slot below 2', slot);
	return {slot};
}

function returning(from: Reader, scope: Scope): Taken {
	if (from.pick({0: true, 1: false}, 'a result')) return {result: valueRef(from, scope), ...optional(from, scope)};
	from.expect(0, 'no result');
	return optional(from, scope);
}

const builtins: Readonly<Record<number, readonly [Builtin, (from: Reader, scope: Scope) => Taken]>> = {
	5: ['task.cancel', nothing],
	6: ['subtask.cancel', asynchronous],
	8: ['backpressure.set', nothing],
	9: ['task.return', returning],
	10: ['context.get', context],
	11: ['context.set', context],
	12: [
		'thread.yield',
		from => {
			cancellable(from);
			return {};
		},
	],
	13: ['subtask.drop', nothing],
	14: ['stream.new', typed],
	15: ['stream.read', copying],
	16: ['stream.write', copying],
	17: ['stream.cancel-read', cancelling],
	18: ['stream.cancel-write', cancelling],
	19: ['stream.drop-readable', typed],
	20: ['stream.drop-writable', typed],
	21: ['future.new', typed],
	22: ['future.read', copying],
	23: ['future.write', copying],
	24: ['future.cancel-read', cancelling],
	25: ['future.cancel-write', cancelling],
	26: ['future.drop-readable', typed],
	27: ['future.drop-writable', typed],
	28: ['error-context.new', optional],
	29: ['error-context.debug-message', optional],
	30: ['error-context.drop', nothing],
	31: ['waitable-set.new', nothing],
	32: ['waitable-set.wait', waiting],
	33: ['waitable-set.poll', waiting],
	34: ['waitable-set.drop', nothing],
	35: ['waitable.join', nothing],
	36: ['backpressure.inc', nothing],
	37: ['backpressure.dec', nothing],
};

/** Reads a canonical function. */
export function readCanon(from: Reader, scope: Scope): CanonDef {
	const code = from.u8('a canonical function');
	if (code === 0) {
		from.expect(0, 'a function to lift');
		const func = scope.index(from, 'core func');
		const options = canonOptions(from, scope);
		return {op: 'lift', func, options, type: scope.index(from, 'type')};
	}
	if (code === 1) {
		from.expect(0, 'a function to lower');
		const func = scope.index(from, 'func');
		const options = canonOptions(from, scope);
		if (options.postReturn !== undefined) from.fail('no post-return in a lowering', 'one');
		if (options.callback !== undefined) from.fail('no callback in a lowering', 'one');
		return {op: 'lower', func, options};
	}
	const op = ({2: 'resource.new', 3: 'resource.drop', 4: 'resource.rep'} as const)[code];
	if (op !== undefined) return {op, resource: scope.index(from, 'type')};
	const builtin = builtins[code];
	if (builtin === undefined)
		return from.unsupported(absent[code] ?? from.fail('a canonical function', `0x${code.toString(16)}`, from.pos - 1));
	const [name, read] = builtin;
	const none = {type: undefined, result: undefined, options: noOptions, async: false, slot: 0};
	return {op: 'builtin', name, ...none, ...read(from, scope)};
}
