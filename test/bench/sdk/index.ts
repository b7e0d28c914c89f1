import {load} from '@forgeone/wasm';
import {median, perCall, table, times} from '../measure.ts';
import {ofBindings, ofHand} from './bindings.ts';
import {benchPlugins} from './plugins.ts';

interface Small {
	add(a: number, b: number): number;
	find(key: string): string | undefined;
	keep(note: {id: number; text: string; tags: string[]}): unknown;
	say(line: string): number;
}

const open = async (bytes: Uint8Array): Promise<Small> =>
	(await (await load(bytes)).instantiate({log: (line: string) => line.length} as never)).exports as unknown as Small;

const note = (tags: number) => ({id: 1, text: 'a note of some length', tags: Array.from({length: tags}, (_, i) => `tag number ${i}`)});
const long = 'x'.repeat(10_000);

const calls: Readonly<Record<string, (of: Small) => unknown>> = {
	'`add(u32, u32)`': of => of.add(1, 2),
	'`find(string) -> option<string>`, 11 characters': of => of.find('hello world'),
	'the same, 10,000 characters': of => of.find(long),
	'`keep(record) -> record` with 3 strings in a list': of => of.keep(note3),
	'the same with 100': of => of.keep(note100),
	'guest calls host with a string': of => of.say('hello world'),
};
const [note3, note100] = [note(3), note(100)];

/** Plugins in each language; and generated bindings beside glue by hand, in AssemblyScript: the time of a call, and the size. */
export default async function bench(): Promise<void> {
	await benchPlugins();
	console.log();
	const built = {hand: await ofHand(), incremental: await ofBindings('incremental'), minimal: await ofBindings('minimal')};
	const [hand, incremental, minimal] = await Promise.all(Object.values(built).map(open));
	const columns = [hand, incremental, minimal] as readonly Small[];
	const rows: string[][] = [];
	for (const [name, call] of Object.entries(calls)) {
		const found = columns.map((): number[] => []);
		// In turns, so that a busy machine is busy for all of them.
		for (let round = 0; round < 9; round++) {
			for (const [i, of] of columns.entries()) found[i]?.push(await perCall(() => call(of), 1));
		}
		const [first = 0, second = 0, third = 0] = found.map(median);
		rows.push([name, `${first.toFixed(1)} ns`, `${second.toFixed(1)} ns`, times(second / first), times(third / first)]);
	}
	table(['call', 'by hand', 'generated', 'generated / by hand', 'with the minimal collector / by hand'], rows);
	console.log();
	table(
		['the component', 'bytes'],
		[
			['by hand', String(built.hand.length)],
			['generated', String(built.incremental.length)],
			['generated, with the minimal collector', String(built.minimal.length)],
		],
	);
}
