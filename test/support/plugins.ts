import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {
	type AnyPlugin,
	type Contract,
	contract,
	createKernel,
	type Kernel,
	type KernelOptions,
	link,
	type PluginEntry,
} from '@forgeone/core';
import type {ExecutionContext} from 'ava';

/** Functions of an interface `test:demo/counter`, which the tests declare by hand. */
export interface Counter {
	add(n: number): number;
	boom(): void;
}

/** The contract of a counter. */
export const counter = contract<Counter>('test:demo/counter@0.1.0', ['add', 'boom']);

/** A policy that allows every link, and remembers what it was asked. */
export function openPolicy(asked: string[] = []): AnyPlugin {
	return {
		name: 'policy',
		taps: [link],
		setup({hooks}) {
			hooks.tap(link, {
				decide(_, {consumer, provider, contract}) {
					asked.push(`${consumer} -> ${provider} (${contract})`);
					return {tag: 'allowed'} as const;
				},
			});
			return {};
		},
	};
}

/** A plugin that counts, from `from`; its `boom` throws. */
export function counting(from = 0): AnyPlugin {
	let sum = from;
	const functions: Counter = {
		add(n) {
			sum += n;
			return sum;
		},
		boom() {
			throw new TypeError('boom');
		},
	};
	return {name: 'counting', provides: {counter}, setup: () => ({counter: () => functions})};
}

/** A plugin that only uses contracts. */
export function using(name: string, uses: Record<string, Contract>): AnyPlugin {
	return {name, uses, setup: () => ({})};
}

/** A kernel that runs these plugins and is stopped with the test. */
export async function kernelOf(
	t: Pick<ExecutionContext, 'teardown'>,
	plugins: Record<string, PluginEntry>,
	options: KernelOptions = {},
): Promise<Kernel> {
	const kernel = createKernel(options);
	await kernel.boot({plugins});
	t.teardown(() => kernel.stop());
	return kernel;
}

/** The counter as a component: `add` counts in a global, `boom` traps in a function of that name, or does what it is given to do; its module may have more. */
export function countingComponent(boom = 'unreachable', more = ''): Promise<Uint8Array> {
	return parse(`(component
		(core module $m ${more}
			(global $sum (mut i32) (i32.const 0))
			(func (export "add") (param i32) (result i32)
				(global.set $sum (i32.add (global.get $sum) (local.get 0)))
				(global.get $sum))
			(func $boom (export "boom") ${boom}))
		(core instance $i (instantiate $m))
		(func $add (param "n" u32) (result u32) (canon lift (core func $i "add")))
		(func $boom (canon lift (core func $i "boom")))
		(instance $out (export "add" (func $add)) (export "boom" (func $boom)))
		(export "test:demo/counter@0.1.0" (instance $out)))`);
}
