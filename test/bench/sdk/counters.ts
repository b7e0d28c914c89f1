import {randomUUID} from 'node:crypto';
import {mkdir, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {contract} from '@forgeone/core';
import {type BuildProjectOptions, buildProject} from '@forgeone/sdk/build';

const id = 'bench:sdk/counter@0.1.0';

/** The contract of a counter: numbers only, so that little but the way to it is measured. */
export const counter = contract<{add(n: number): number}>(id, ['add']);

const wit = `package bench:sdk@0.1.0;

interface counter {
	add: func(n: u32) -> u32;
}

world small {
	export counter;
}
`;

const sources = {
	typescript: {
		'src/index.ts': `import {contract, definePlugin} from '@forgeone/sdk';
const counter = contract<{add(n: number): number}>('${id}', ['add']);
let sum = 0;
export default definePlugin({name: 'counter', provides: {counter}, setup: () => ({counter: () => ({add: n => (sum = (sum + n) >>> 0)})})});
`,
	},
	assemblyscript: {
		'wit/world.wit': wit,
		'assembly/index.ts': 'let sum: u32 = 0;\n\nexport function add(n: u32): u32 {\n\treturn (sum += n);\n}\n',
	},
	javascript: {'wit/world.wit': wit, 'src/index.js': 'let sum = 0;\n\nexport const counter = {add: n => (sum = (sum + n) >>> 0)};\n'},
} as const;

/** The counter in a language, built: a file that a plugin is loaded from, and how to remove it. */
export async function counterOf(language: keyof typeof sources, options: BuildProjectOptions = {}) {
	const folder = join(import.meta.dirname, '../../.cache', `counter-${randomUUID()}`);
	const files = {'package.json': '{"name": "counter", "type": "module"}', ...sources[language]};
	for (const [path, text] of Object.entries<string>(files)) {
		await mkdir(dirname(join(folder, path)), {recursive: true});
		await writeFile(join(folder, path), text);
	}
	return {...(await buildProject(folder, options)), [Symbol.asyncDispose]: () => rm(folder, {recursive: true})};
}
