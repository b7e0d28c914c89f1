/** `node soak.ts instances|calls|tasks COUNT`: does so much after a tenth of it to warm up, and prints as JSON the bytes by which heap and process grew. */
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {forwarding} from './async.ts';
import {component, options} from './guest.ts';

const [what, count = ''] = process.argv.slice(2);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A guest whose allocator has one place for all; it hands a string and a resource to the host and frees them: whatever an instance and a call can leave behind. */
const text = `(component
	(import "host" (func $host (param "s" string) (result u32)))
	(import "echo" (func $echo (param "n" u64) (result u64)))
	(core module $Libc (memory (export "memory") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096)))
	(core instance $libc (instantiate $Libc))
	(type $R (resource (rep i32)))
	(export $r "r" (type $R))
	(core func $h (canon lower (func $host) ${options}))
	(core func $e (canon lower (func $echo)))
	(core func $new (canon resource.new $R))
	(core func $drop (canon resource.drop $R))
	(core module $m
		(import "" "h" (func $h (param i32 i32) (result i32)))
		(import "" "e" (func $e (param i64) (result i64)))
		(import "" "new" (func $new (param i32) (result i32)))
		(import "" "drop" (func $drop (param i32)))
		(func (export "f") (param i32 i32) (result i32) (call $drop (call $new (i32.const 1))) (call $h (local.get 0) (local.get 1)))
		(func (export "g") (param i64) (result i64) (call $e (local.get 0)))
		(func (export "make") (param i32) (result i32) (call $new (local.get 0)))
		(func (export "value") (param i32) (result i32) (local.get 0)))
	(core instance $i (instantiate $m (with "" (instance
		(export "h" (func $h)) (export "e" (func $e)) (export "new" (func $new)) (export "drop" (func $drop))))))
	(func (export "f") (param "s" string) (result u32) (canon lift (core func $i "f") ${options}))
	(func (export "g") (param "n" u64) (result u64) (canon lift (core func $i "g")))
	(func (export "[constructor]r") (param "n" u32) (result (own $r)) (canon lift (core func $i "make")))
	(func (export "[method]r.value") (param "self" (borrow $r)) (result u32) (canon lift (core func $i "value"))))`;

interface Exports {
	f(text: string): number;
	g(n: bigint): bigint;
	R: new (n: number) => {value(): number; [Symbol.dispose](): void};
}

const loaded = await component(text);
const host = {host: (text: string): number => text.length, echo: (n: bigint): bigint => n};
const made = async (): Promise<Exports> => (await loaded.instantiate(host)).exports as unknown as Exports;

function use({f, g, R}: Exports, i: number): void {
	const resource = new R(i);
	if (f('hello') !== 5 || g(7n) !== 7n || resource.value() !== i) throw new Error('the guest answered wrong');
	resource[Symbol.dispose]();
}

const runs: Readonly<Record<string, (count: number) => Promise<void>>> = {
	async instances(count) {
		for (let i = 0; i < count; i++) {
			use(await made(), i);
			if (i % 200 === 0) collect();
		}
	},
	async tasks(count) {
		const loaded = await component(forwarding('stackful'));
		for (let i = 0; i < count; i++) {
			const instance = await loaded.instantiate({f: () => new Promise(() => {})});
			const run = instance.exports.run as (n: number) => Promise<number>;
			const calls = Array.from({length: 1_000}, () => run(1));
			instance.dispose();
			await Promise.allSettled(calls);
			collect();
		}
	},
	async calls(count) {
		const exports = await made();
		for (let i = 0n; i < count; i++) exports.g(i);
		for (let i = 0; i < count / 10; i++) use(exports, i);
	},
};

const run = runs[what ?? ''];
if (run === undefined) throw new Error('usage: node soak.ts instances|calls|tasks COUNT');
await run(Number(count) / 10);
collect();
const before = process.memoryUsage();
await run(Number(count));
collect();
const after = process.memoryUsage();
console.log(JSON.stringify({heap: after.heapUsed - before.heapUsed, rss: after.rss - before.rss}));
