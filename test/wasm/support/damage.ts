/**
 * `node damage.ts FILE SEED FLIPS CUTS`: loads and instantiates FILE with bits flipped and with its end cut, all by chance from the seed, and
 * prints as JSON what came of it: how often each verdict, the milliseconds of the slowest, and the bytes that the process grew by at its peak.
 */
import {readFile} from 'node:fs/promises';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import fc from 'fast-check';
import {attempt} from './attempt.ts';

const [file = '', seed = '', flips = '', cuts = ''] = process.argv.slice(2);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const original = await readFile(file);
await attempt(original);
collect();
const before = process.memoryUsage().rss;
const verdicts: Record<string, number> = {};
let slowest = 0;
let peak = before;

async function judge(bytes: Uint8Array): Promise<void> {
	const start = performance.now();
	const verdict = await attempt(bytes);
	slowest = Math.max(slowest, performance.now() - start);
	verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
	peak = Math.max(peak, process.memoryUsage().rss);
}

const bit = fc.nat(original.length * 8 - 1);
const pairs = fc.sample(fc.tuple(bit, bit), {seed: Number(seed), numRuns: Number(flips)});
for (const [i, pair] of pairs.entries()) {
	const bytes = Uint8Array.from(original);
	for (const at of pair) bytes[at >> 3] = (bytes[at >> 3] as number) ^ (1 << (at & 7));
	await judge(bytes);
	if (i % Math.ceil(2 ** 24 / original.length) === 0) collect();
}
for (const length of fc.sample(fc.nat(original.length - 1), {seed: Number(seed), numRuns: Number(cuts)}))
	await judge(original.subarray(0, length));
console.log(JSON.stringify({verdicts, slowest, grown: peak - before}));
