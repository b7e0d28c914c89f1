import {load} from '@forgeone/wasm';
import test from 'ava';
import fc from 'fast-check';
import {transpiled} from './support/jco.ts';
import {type Encoding, passThrough} from './support/pass-through.ts';
import {anyType, anyTypeOrMap, Thing} from './support/types.ts';

/** How many types travel through one guest. */
const together = 15;

type Functions = Readonly<Record<string, (value: unknown) => unknown>>;

/** Sends values of random types through one guest under both linkers, and compares what its import and its caller get. */
async function compare(encoding: Encoding, seed: number, t: {deepEqual(a: unknown, b: unknown, message?: string): unknown}): Promise<void> {
	// Neither compact strings nor maps work in jco: there this linker only has to give back what it got.
	const alone = encoding === 'compact-utf16';
	const types = fc.sample(alone ? anyTypeOrMap : anyType, {numRuns: together, seed});
	const declarations = [...new Set(types.flatMap(type => type.declarations))].join('\n');
	const texts = types.map(type => type.text);
	const bytes = await passThrough(declarations, texts, encoding);
	const seen: unknown[] = [];
	const echo = (value: unknown): unknown => {
		seen.push(value);
		return value;
	};
	const host = Object.fromEntries(texts.map((_, i) => [`f${i}`, echo]));
	const imports = {'t:t/host': host, 't:t/types': {Thing}};
	const ours = (await (await load(bytes)).instantiate(imports)).exports['t:t/api'] as Functions;
	const oracle = alone ? ours : ((await transpiled(bytes, imports))['t:t/api'] as Functions);
	types.forEach((type, i) => {
		for (const value of fc.sample(type.values, {numRuns: 6, seed})) {
			seen.length = 0;
			const back = ours[`f${i}`]?.(value);
			const expected = oracle[`f${i}`]?.(value);
			t.deepEqual(back, expected, `${type.text} seed ${seed}\n${declarations}`);
			t.deepEqual(seen[0], seen[1], `${type.text} at the import, seed ${seed}`);
			t.deepEqual(back, value, `${type.text} there and back, seed ${seed}`);
		}
	});
}

for (const encoding of ['utf8', 'utf16', 'compact-utf16'] as const) {
	const under = encoding === 'compact-utf16' ? 'there and back' : 'under this linker and under jco';
	test(`300 random interfaces give the same values ${under} (${encoding})`, async t => {
		for (let seed = 1; seed <= 20; seed++) await compare(encoding, seed, t);
	});
}
