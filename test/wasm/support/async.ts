import {libc, options} from './guest.ts';

/** A promise for a value, some milliseconds later. */
export async function later<T>(value: T | Promise<T>, milliseconds = 2): Promise<T> {
	await new Promise(resolve => setTimeout(resolve, milliseconds));
	return value;
}

const memory = '(memory (core memory $libc "memory"))';

/** What the built-ins are in core code, and how a component defines them, but for those over streams and futures. */
const builtins: Readonly<Record<string, readonly [type: string, canon: string]>> = {
	'task.return': ['(param i32)', 'task.return (result u32)'],
	'task.cancel': ['', 'task.cancel'],
	'backpressure.inc': ['', 'backpressure.inc'],
	'backpressure.dec': ['', 'backpressure.dec'],
	'context.get': ['(result i32)', 'context.get i32 0'],
	'context.set': ['(param i32)', 'context.set i32 0'],
	'subtask.cancel': ['(param i32) (result i32)', 'subtask.cancel async'],
	'subtask.drop': ['(param i32)', 'subtask.drop'],
	'thread.yield': ['(result i32)', 'thread.yield'],
	'waitable-set.new': ['(result i32)', 'waitable-set.new'],
	'waitable-set.wait': ['(param i32 i32) (result i32)', `waitable-set.wait ${memory}`],
	'waitable-set.poll': ['(param i32 i32) (result i32)', `waitable-set.poll ${memory}`],
	'waitable-set.drop': ['(param i32)', 'waitable-set.drop'],
	'waitable.join': ['(param i32 i32)', 'waitable.join'],
};

/** What the built-ins over a stream `$T` are, or over a future; with `sync`, those that wait. */
function over(kind: 'stream' | 'future', sync = false): Readonly<Record<string, readonly [type: string, canon: string]>> {
	const copy = kind === 'stream' ? '(param i32 i32 i32) (result i32)' : '(param i32 i32) (result i32)';
	const async = sync ? '' : 'async';
	return {
		[`${kind}.new`]: ['(result i64)', `${kind}.new $T`],
		[`${kind}.read`]: [copy, `${kind}.read $T ${async} ${options}`],
		[`${kind}.write`]: [copy, `${kind}.write $T ${async} ${memory}`],
		[`${kind}.cancel-read`]: ['(param i32) (result i32)', `${kind}.cancel-read $T ${async}`],
		[`${kind}.cancel-write`]: ['(param i32) (result i32)', `${kind}.cancel-write $T ${async}`],
		[`${kind}.drop-readable`]: ['(param i32)', `${kind}.drop-readable $T`],
		[`${kind}.drop-writable`]: ['(param i32)', `${kind}.drop-writable $T`],
	};
}

/** What a guest is made of. */
interface Parts {
	/** Component definitions before the built-ins: imports and types. */
	readonly before?: string;
	/** Names of built-ins, which core code calls by the same names. */
	readonly imports: readonly string[];
	/** Others, as core types and canonical definitions. */
	readonly more?: Readonly<Record<string, readonly [type: string, canon: string]>>;
	/** The fields of the core module. */
	readonly fields: string;
	/** Component definitions after it, over the core instance `$i`. */
	readonly after: string;
}

/** A component of libc, built-ins, one core module and what is exported. */
export function built({before = '', imports, more = {}, fields, after}: Parts): string {
	const all = [
		...imports.map(name => [name, ...(builtins[name] as [string, string])] as const),
		...Object.entries(more).map(([name, parts]) => [name, ...parts] as const),
	];
	return `(component ${libc} ${before}
	${all.map(([name, , canon]) => `(core func $${name}' (canon ${canon}))`).join('\n')}
	(core module $M (import "libc" "memory" (memory 1))
		${all.map(([name, type]) => `(import "" "${name}" (func $${name} ${type}))`).join('\n')}
		${fields})
	(core instance $i (instantiate $M (with "libc" (instance $libc))
		(with "" (instance ${all.map(([name]) => `(export "${name}" (func $${name}'))`).join(' ')}))))
	${after})`;
}

const lifted = (abi: string, type: string): string => `(func (export "run") async ${type} (canon lift (core func $i "run") ${abi}))`;

/** A guest with an async export `run` of a number, which runs code, and then other code for each event. */
export const callback = ({
	imports,
	code,
	then,
	declarations,
}: {
	imports: string[];
	code: string;
	then: string;
	declarations: string;
}): string =>
	built({
		imports,
		fields: `${declarations}
		(func (export "run") (param i32) (result i32) (local i32 i32 i64) ${code})
		(func (export "cb") (param i32 i32 i32) (result i32) (local i32 i32 i64) ${then})`,
		after: lifted('async (callback (core func $i "cb"))', '(param "n" u32) (result u32)'),
	});

/** A guest whose export `run` passes a number to its import `f`, and on what that gives: a number, or a result of two. */
export function forwarding(abi: 'callback' | 'stackful' | 'sync', result = 'u32'): string {
	const wide = result !== 'u32';
	const before = `(type $R ${wide ? result.replace('(result', '(result') : 'u32'}) (import "f" (func $f async (param "n" u32) (result $R)))`;
	const type = '(param "n" u32) (result $R)';
	if (abi === 'sync') {
		return built({
			before,
			imports: [],
			more: {f: ['(param i32) (result i32)', 'lower (func $f)']},
			fields: '(func (export "run") (param i32) (result i32) (call $f (local.get 0)))',
			after: lifted('', type),
		});
	}
	const more = {
		f: ['(param i32 i32) (result i32)', `lower (func $f) async ${memory}`],
		return: [wide ? '(param i32 i32)' : '(param i32)', `task.return (result $R) ${memory}`],
	} as const;
	const done = wide ? '(call $return (i32.load8_u (i32.const 64)) (i32.load (i32.const 68)))' : '(call $return (i32.load (i32.const 64)))';
	// What was called had ended, or is a subtask to wait for.
	const begin = `(local.set 1 (call $f (local.get 0) (i32.const 64)))
		(if (i32.eq (local.get 1) (i32.const 2)) (then ${done} (return ${abi === 'callback' ? '(i32.const 0)' : ''})))
		(local.set 2 (call $waitable-set.new))
		(call $waitable.join (i32.shr_u (local.get 1) (i32.const 4)) (local.get 2))`;
	const imports = ['waitable-set.new', 'waitable-set.wait', 'waitable.join', 'subtask.drop'];
	if (abi === 'stackful') {
		return built({
			before,
			imports,
			more,
			fields: `(func (export "run") (param i32) (local i32 i32) ${begin}
			(loop $again
				(if (i32.ne (call $waitable-set.wait (local.get 2) (i32.const 80)) (i32.const 1)) (then unreachable))
				(br_if $again (i32.ne (i32.load (i32.const 84)) (i32.const 2))))
			(call $subtask.drop (i32.shr_u (local.get 1) (i32.const 4))) ${done})`,
			after: lifted(`async ${memory}`, type),
		});
	}
	return built({
		before,
		imports,
		more,
		// The context of each task holds where its result goes; results lie apart, since tasks overlap.
		fields: `(func (export "run") (param i32) (result i32) (local i32 i32) ${begin.replaceAll('(i32.const 64)', '(i32.const 64)')}
			(i32.or (i32.const 2) (i32.shl (local.get 2) (i32.const 4))))
		(func (export "cb") (param i32 i32 i32) (result i32)
			(if (i32.ne (local.get 0) (i32.const 1)) (then unreachable))
			(if (i32.ne (local.get 2) (i32.const 2)) (then unreachable))
			(call $subtask.drop (local.get 1)) ${done} (i32.const 0))`,
		after: lifted(`async ${memory} (callback (core func $i "cb"))`, type),
	});
}

const counted = (kind: string): string => (kind === 'stream' ? '(local.get 0)' : '');

/** A guest that keeps an end to read from, and reads into address 1024. What it reads it shows as bytes, or as a string. */
export const sink = (kind: 'stream' | 'future', element: string, sync = true): string =>
	built({
		before: `(type $T (${kind}${element === '' ? '' : ` ${element}`}))`,
		imports: [],
		more: over(kind, sync),
		fields: `(global $end (mut i32) (i32.const 0))
		(func (export "keep") (param i32) (global.set $end (local.get 0)))
		(func (export "give") (result i32) (global.get $end))
		(func (export "read") (param i32) (result i32) (call $${kind}.read (global.get $end) (i32.const 1024) ${counted(kind)}))
		(func (export "byte") (param i32) (result i32) (i32.load8_u (i32.add (i32.const 1024) (local.get 0))))
		(func (export "text") (result i32) (i32.const 1024))
		(func (export "drop") (call $${kind}.drop-readable (global.get $end)))
		(func (export "cancel") (result i32) (call $${kind}.cancel-read (global.get $end)))`,
		after: `(func (export "keep") (param "e" $T) (canon lift (core func $i "keep")))
		(func (export "give") (result $T) (canon lift (core func $i "give")))
		(func (export "read") async (param "n" u32) (result u32) (canon lift (core func $i "read")))
		(func (export "byte") (param "n" u32) (result u32) (canon lift (core func $i "byte")))
		(func (export "text") (result string) (canon lift (core func $i "text") ${memory}))
		(func (export "drop") (canon lift (core func $i "drop")))
		(func (export "cancel") async (result u32) (canon lift (core func $i "cancel")))`,
	});

/** A guest that makes a stream or future, gives its readable end away, and writes from address 1024: bytes that are set, or the string "hi". */
export const spring = (kind: 'stream' | 'future', element: string, sync = true): string =>
	built({
		before: `(type $T (${kind}${element === '' ? '' : ` ${element}`}))`,
		imports: [],
		more: over(kind, sync),
		fields: `(global $end (mut i32) (i32.const 0))
		(data (i32.const 512) "hi")
		(func (export "make") (result i32) (local i64)
			(local.set 0 (call $${kind}.new))
			(global.set $end (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 32))))
			(i32.wrap_i64 (local.get 0)))
		(func (export "put") (param i32 i32) (i32.store8 (i32.add (i32.const 1024) (local.get 0)) (local.get 1)))
		(func (export "hi") (i32.store (i32.const 1024) (i32.const 512)) (i32.store (i32.const 1028) (i32.const 2)))
		(func (export "write") (param i32) (result i32) (call $${kind}.write (global.get $end) (i32.const 1024) ${counted(kind)}))
		(func (export "close") (call $${kind}.drop-writable (global.get $end)))
		(func (export "cancel") (result i32) (call $${kind}.cancel-write (global.get $end)))`,
		after: `(func (export "make") (result $T) (canon lift (core func $i "make")))
		(func (export "put") (param "at" u32) (param "byte" u32) (canon lift (core func $i "put")))
		(func (export "hi") (canon lift (core func $i "hi")))
		(func (export "write") async (param "n" u32) (result u32) (canon lift (core func $i "write")))
		(func (export "close") (canon lift (core func $i "close")))
		(func (export "cancel") async (result u32) (canon lift (core func $i "cancel")))`,
	});
