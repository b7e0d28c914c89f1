import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {build, generate, resolveWorld, witOf} from '@forgeone/sdk/bindgen';
import {load} from '@forgeone/wasm';
import test from 'ava';
import fc from 'fast-check';
import {anyBoundType, type Generated} from '../wasm/support/types.ts';

/** Worlds that are compiled at a time: starting the compiler costs more than compiling. */
const together = 25;

interface Echo {
	readonly params: readonly Generated[];
	/** Which of the parameters comes back. */
	readonly back: number;
}

interface RandomWorld {
	readonly functions: readonly Echo[];
	/** A function of the world itself. */
	readonly own: Echo;
	/** Whether it exports the types too, so that what it takes is not what its imports take. */
	readonly apart: boolean;
}

const echo: fc.Arbitrary<Echo> = fc
	.array(anyBoundType, {minLength: 1, maxLength: 5})
	.chain(params => fc.nat({max: params.length - 1}).map(back => ({params, back})));

const anyWorld: fc.Arbitrary<RandomWorld> = fc.record({
	functions: fc.array(echo, {minLength: 1, maxLength: 3}),
	own: echo,
	apart: fc.nat({max: 3}).map(n => n === 0),
});

const signature = ({params, back}: Echo): string =>
	`func(${params.map(({text}, i) => `p${i}: ${text}`).join(', ')}) -> ${(params[back] as Generated).text}`;

/** The names of the types that functions mention, which they have to be told of. */
const uses = (echoes: readonly Echo[], from: string): string => {
	const names = new Set(echoes.flatMap(({params}) => params.flatMap(({text}) => text.match(/\bt\d+\b/g) ?? [])));
	return names.size === 0 ? '' : `use ${from}.{${[...names].join(', ')}};`;
};

function witOfWorld({functions, own, apart}: RandomWorld, index: number): string {
	const declarations = [...functions, own].flatMap(({params}) => params.flatMap(of => of.declarations));
	const body = functions.map((of, i) => `f${i}: ${signature(of)};`).join('\n');
	return `package r:w${index}@0.${index}.1 {
	interface types { ${declarations.join('\n')} }
	interface host { ${uses(functions, 'types')} ${body} }
	interface api { ${uses(functions, 'types')} ${body} }
	world w {
		${uses([own], 'types')}
		import host;
		import g${index}: ${signature(own)};
		${apart ? 'export types;' : ''}
		export api;
		${apart ? '' : `export h${index}: ${signature(own)};`}
	}
}`;
}

/** The author's file: every function asks the host, or answers by itself where the types are its own. */
function authored(skeleton: string, worlds: readonly RandomWorld[]): string {
	let world = -1;
	const lines = skeleton.split('\n').map((line, i, all) => {
		const [, namespace] = /^export namespace w?(\d+)?/.exec(line) ?? [];
		if (namespace !== undefined) world = Number(namespace);
		if (!line.includes('is not written yet')) return line;
		const head = all[i - 1] as string;
		const [, letter, index] = /export function ([fh])(\d+)\(/.exec(head) as RegExpExecArray;
		const args = [...head.matchAll(/\bp(\d+): /g)].map(([, n]) => `p${n}`);
		if (letter === 'h') return `return World.g${index}(${args.join(', ')});`;
		const {apart, functions} = worlds[world] as RandomWorld;
		return apart ? `return p${functions[Number(index)]?.back};` : `return W${world}_.f${index}(${args.join(', ')});`;
	});
	const hosts = worlds.map((_, i) => `import * as W${i}_ from './bindings/imports/w${i}-host';`);
	return ["import * as World from './bindings/world';", ...hosts, ...lines].join('\n');
}

type Functions = Readonly<Record<string, (...values: readonly unknown[]) => unknown>>;

interface Asserts {
	deepEqual(actual: unknown, expected: unknown, message?: string): unknown;
}

async function compiled(worlds: readonly RandomWorld[], text: string, optimized: boolean): Promise<Uint8Array> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-bindgen-'));
	const source = join(folder, 'app.ts');
	const wit = witOf(text);
	const {skeleton} = generate(await resolveWorld(wit, 'all'));
	await writeFile(source, authored(skeleton, worlds));
	return build({wit, world: 'all', source, ...(optimized ? {} : {options: []})});
}

function call(t: Asserts, {params, back}: Echo, run: (...values: unknown[]) => unknown, seen: unknown[][] | undefined, seed: number): void {
	const texts = params.map(({text}) => text).join(', ');
	for (const values of fc.sample(fc.tuple(...params.map(of => of.values)), {numRuns: 4, seed})) {
		const answer = run(...values);
		t.deepEqual(answer, values[back], `${texts} there and back, seed ${seed}`);
		if (seen !== undefined) t.deepEqual(seen.pop(), values, `${texts} at the import, seed ${seed}`);
	}
}

for (let seed = 1; seed <= 8; seed++) {
	test(`${together} random worlds compile and echo random values exactly (seed ${seed})`, async t => {
		const worlds = fc.sample(anyWorld, {numRuns: together, seed});
		const includes = worlds.map((_, i) => `include r:w${i}/w@0.${i}.1;`);
		const text = ['package t:t;', `world all { ${includes.join(' ')} }`, ...worlds.map(witOfWorld)].join('\n');
		const component = await load(await compiled(worlds, text, seed === 1));
		const seen: unknown[][] = [];
		const answer =
			({back}: Echo) =>
			(...values: unknown[]) => {
				seen.push(values);
				return values[back];
			};
		const imports: Record<string, unknown> = {};
		for (const [i, {functions, own}] of worlds.entries()) {
			imports[`r:w${i}/host@0.${i}.1`] = Object.fromEntries(functions.map((of, k) => [`f${k}`, answer(of)]));
			imports[`g${i}`] = answer(own);
		}
		const instance = await component.instantiate(imports as never);
		for (const [i, {functions, own, apart}] of worlds.entries()) {
			const api = instance.interface(`r:w${i}/api@0.${i}.1`) as Functions;
			for (const [k, of] of functions.entries()) call(t, of, (...values) => api[`f${k}`]?.(...values), apart ? undefined : seen, seed);
			if (!apart) call(t, own, instance.exports[`h${i}`] as (...values: unknown[]) => unknown, seen, seed);
		}
	});
}
