import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';

/** As much of Extism's SDK as is used here; it is no dependency that the repository cannot do without. */
interface Sdk {
	default(manifest: unknown, options: unknown): Promise<{call(name: string, input: string): Promise<{text(): string} | null>}>;
}

/** A plugin that gives back what it gets, eight bytes at a time: input and output are memory of Extism's kernel, not its own. */
const echo = `(module
	(import "extism:host/env" "input_length" (func $length (result i64)))
	(import "extism:host/env" "input_load_u8" (func $load8 (param i64) (result i32)))
	(import "extism:host/env" "input_load_u64" (func $load64 (param i64) (result i64)))
	(import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
	(import "extism:host/env" "store_u8" (func $store8 (param i64 i32)))
	(import "extism:host/env" "store_u64" (func $store64 (param i64 i64)))
	(import "extism:host/env" "output_set" (func $output (param i64 i64)))
	(memory (export "memory") 1)
	(func (export "get") (result i32) (local $n i64) (local $p i64) (local $i i64)
		(local.set $n (call $length))
		(local.set $p (call $alloc (local.get $n)))
		(block $done (loop $words
			(br_if $done (i64.gt_u (i64.add (local.get $i) (i64.const 8)) (local.get $n)))
			(call $store64 (i64.add (local.get $p) (local.get $i)) (call $load64 (local.get $i)))
			(local.set $i (i64.add (local.get $i) (i64.const 8)))
			(br $words)))
		(block $done (loop $bytes
			(br_if $done (i64.ge_u (local.get $i) (local.get $n)))
			(call $store8 (i64.add (local.get $p) (local.get $i)) (call $load8 (local.get $i)))
			(local.set $i (i64.add (local.get $i) (i64.const 1)))
			(br $bytes)))
		(call $output (local.get $p) (local.get $n))
		(i32.const 0)))`;

/** A function that sends a string through a plugin and back by Extism's SDK, in this thread; undefined where the SDK is not installed. */
export async function extism(): Promise<((text: string) => Promise<string>) | undefined> {
	const name = '@extism/extism';
	// By a name that is not constant, as it may be absent.
	const sdk: Sdk | undefined = await import(name).catch(() => undefined);
	if (sdk === undefined) return undefined;
	const plugin = await sdk.default({wasm: [{data: await parse(echo)}]}, {useWasi: false, runInWorker: false});
	return async text => (await plugin.call('get', text))?.text() ?? '';
}
