import {load} from '@forgeone/wasm';
import test from 'ava';
import {assembled} from '../support/assembly.ts';

const wit = `package t:gc;
world w {
	import keep: func(all: list<string>) -> list<string>;
	import note: func(text: string) -> option<string>;
	export collected: func(all: list<string>) -> list<string>;
	export busy: func(text: string, bytes: list<u8>, pairs: list<tuple<string, option<u32>>>) -> list<tuple<string, option<u32>>>;
}`;

const source = `
import {keep, note} from './bindings/world';
import {Some, Tuple2} from './bindings/wit';

export function collected(all: string[]): string[] {
	__collect();
	const back = keep(all);
	__collect();
	for (let i = 0; i < all.length; i++) assert(all[i] == back[i]);
	return back;
}

export function busy(text: string, bytes: Uint8Array, pairs: Tuple2<string, Some<u32> | null>[]): Tuple2<string, Some<u32> | null>[] {
	const noted = note(text + bytes.length.toString());
	pairs.push(new Tuple2<string, Some<u32> | null>(noted ? noted : '', null));
	return pairs;
}
`;

const host = {keep: (all: string[]) => all, note: (text: string) => text};

type Collected = (all: string[]) => string[];
type Busy = (text: string, bytes: Uint8Array, pairs: [string, number | undefined][]) => [string, number | undefined][];

test('a list of 100,000 strings survives collections that are forced while it is there', async t => {
	const instance = await (await load(await assembled(wit, source))).instantiate(host);
	const all = Array.from({length: 100_000}, (_, i) => `${i} ${'äö😀'.repeat(i % 5)}`);
	t.deepEqual((instance.exports.collected as Collected)(all), all);
	t.deepEqual((instance.exports.collected as Collected)(all), all);
});

for (const runtime of ['incremental', 'minimal'] as const) {
	test(`a million calls leave the memory of a guest as it was (${runtime})`, async t => {
		const instance = await (await load(await assembled(wit, source, {runtime}))).instantiate(host);
		const busy = instance.exports.busy as Busy;
		const bytes = new Uint8Array(100);
		const calls = (count: number): void => {
			for (let i = 0; i < count; i++) busy('a text', bytes, [['b', i]]);
		};
		calls(20_000);
		const before = instance.memoryBytes;
		calls(980_000);
		t.is(instance.memoryBytes, before);
		t.deepEqual(busy('x', bytes, [['b', 1]]), [
			['b', 1],
			['x100', undefined],
		]);
	});
}

/** The first core module of a component: section 1, among sections that each have their size in front, seven bits a byte. */
function firstModule(component: Uint8Array): Uint8Array {
	for (let at = 8; ; ) {
		const id = component[at++];
		let size = 0;
		for (let shift = 0, more = true; more; shift += 7) {
			const byte = component[at++] as number;
			size |= (byte & 0x7f) << shift;
			more = byte > 0x7f;
		}
		if (id === 1) return component.slice(at, at + size);
		at += size;
	}
}

test('a host that asks for a block, for less of it, then for more, finds in it what it wrote', async t => {
	const bytes = await assembled(
		'package t:t;\nworld w { export f: func(text: string) -> u32; }',
		'export function f(text: string): u32 {\n\t__collect();\n\treturn text.length * 1000 + text.charCodeAt(2);\n}',
	);
	const {
		cabi_realloc: realloc,
		f,
		memory,
		_initialize,
	} = new WebAssembly.Instance(new WebAssembly.Module(firstModule(bytes))).exports as {
		cabi_realloc(old: number, oldSize: number, align: number, size: number): number;
		f(at: number, units: number): number;
		memory: WebAssembly.Memory;
		_initialize(): void;
	};
	_initialize();
	const write = (at: number): void => new Uint16Array(memory.buffer, at, 3).set([65, 66, 67]);
	const shrunk = realloc(0, 0, 2, 300);
	write(shrunk);
	t.is(f(realloc(shrunk, 300, 2, 6), 3), 3067);
	const grown = realloc(0, 0, 2, 6);
	write(grown);
	t.is(f(realloc(grown, 6, 2, 200_000), 100_000), 100_000_067);
	t.is(realloc(0, 0, 8, 0), 8);
});
