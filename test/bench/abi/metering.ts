import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {type LoadOptions, load} from '@forgeone/wasm';
import {table} from '../measure.ts';
import {duration, loops} from './loops.ts';

/** Guests that only compute: a sieve with small loops, calls that recurse, and rounds of a hash with a longer body. */
const text = `(component
	(core module $m
		(memory 16)
		(func (export "sieve") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $count i32)
			(memory.fill (i32.const 0) (i32.const 0) (local.get $n))
			(local.set $i (i32.const 2))
			(block $done (loop $outer
				(br_if $done (i32.ge_u (local.get $i) (local.get $n)))
				(if (i32.eqz (i32.load8_u (local.get $i))) (then
					(local.set $count (i32.add (local.get $count) (i32.const 1)))
					(local.set $j (i32.mul (local.get $i) (i32.const 2)))
					(block $end (loop $inner
						(br_if $end (i32.ge_u (local.get $j) (local.get $n)))
						(i32.store8 (local.get $j) (i32.const 1))
						(local.set $j (i32.add (local.get $j) (local.get $i)))
						(br $inner)))))
				(local.set $i (i32.add (local.get $i) (i32.const 1)))
				(br $outer)))
			(local.get $count))
		(func $fib (export "fib") (param $n i32) (result i32)
			(if (result i32) (i32.lt_u (local.get $n) (i32.const 2)) (then (local.get $n))
				(else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
		(func (export "hash") (param $n i32) (result i32) (local $h i32) (local $i i32)
			(local.set $h (i32.const 0x811c9dc5))
			(loop $again
				(local.set $h (i32.mul (i32.xor (local.get $h) (i32.and (local.get $i) (i32.const 255))) (i32.const 16777619)))
				(local.set $h (i32.xor (local.get $h) (i32.shr_u (local.get $h) (i32.const 13))))
				(local.set $h (i32.mul (local.get $h) (i32.const 0x5bd1e995)))
				(local.set $h (i32.xor (local.get $h) (i32.shr_u (local.get $h) (i32.const 15))))
				(i32.store (i32.and (local.get $i) (i32.const 0xfffc)) (local.get $h))
				(local.set $h (i32.add (i32.rotl (local.get $h) (i32.const 5)) (i32.load (i32.and (local.get $h) (i32.const 0xfffc)))))
				(br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
			(local.get $h)))
	(core instance $i (instantiate $m))
	(func (export "sieve") (param "n" u32) (result u32) (canon lift (core func $i "sieve")))
	(func (export "fib") (param "n" u32) (result u32) (canon lift (core func $i "fib")))
	(func (export "hash") (param "n" u32) (result u32) (canon lift (core func $i "hash"))))`;

const rows = [
	['sieve of 1,000,000', 'sieve', 1_000_000],
	['recursion, fib(27)', 'fib', 27],
	['hash of 1,000,000 words', 'hash', 1_000_000],
] as const;

/** What the meter costs a guest that only computes. */
export async function metering(): Promise<void> {
	const bytes = await parse(text);
	const measure = async (options: LoadOptions): Promise<number[]> => {
		const {exports} = await (await load(bytes, options)).instantiate();
		return rows.map(([, name, n]) => duration(loops(`() => exports.${name}(${n})`, {exports})) / 1e6);
	};
	const plain = await measure({});
	const metered = await measure({metered: true});
	const cells = rows.map(([title], i) => {
		const [a, b] = [plain[i] as number, metered[i] as number];
		return [title, `${a.toFixed(2)} ms`, `${b.toFixed(2)} ms`, `${((b / a - 1) * 100).toFixed(0)} %`];
	});
	table(['compute', 'plain', 'metered', 'overhead'], cells);
}
