import {execFile} from 'node:child_process';
import {copyFile, mkdir, mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What the linter says of files that are planted in a copy of the house: its exit code and its words. */
async function lint(files: Readonly<Record<string, string>>): Promise<{code: number; text: string}> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-rules-'));
	await copyFile(join(root, '.biome.jsonc'), join(folder, '.biome.jsonc'));
	for (const [name, content] of Object.entries(files)) {
		await mkdir(dirname(join(folder, name)), {recursive: true});
		await writeFile(join(folder, name), content);
	}
	const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
	return new Promise(resolve => {
		execFile(process.execPath, [biome, 'lint', '--vcs-enabled=false', '.'], {cwd: folder}, (error, out, err) =>
			resolve({code: error ? Number(error.code) : 0, text: out + err}),
		);
	});
}

const importing = (...names: readonly string[]): string =>
	names.map((name, index) => `import x${index} from '${name}';\nconsole.log(x${index});\n`).join('');

for (const [title, file, name] of [
	['the ABI imports nothing above it', 'wasm/src/x.ts', '@forgeone/core'],
	['the ABI does without the tools', 'wasm/src/x.ts', '@bytecodealliance/jco-transpile'],
	['the kernel imports no library but tapable', 'core/src/x.ts', 'pino'],
	['the kernel imports nothing above it', 'core/src/x.ts', '@forgeone/sdk'],
	['the ABI is imported by its index alone', 'core/src/x.ts', '@forgeone/wasm/dist/load.js'],
	['the SDK imports no plugin', 'sdk/src/x.ts', '@forgeone/plugin-storage'],
	['a plugin imports no plugin by its name', 'plugins/network/src/x.ts', '@forgeone/plugin-storage'],
	['a plugin imports no plugin by its path', 'plugins/network/src/x.ts', '../../storage/src/index.ts'],
	['a plugin imports the kernel by its index alone', 'plugins/network/src/cell/x.ts', '@forgeone/core/dist/kernel.js'],
] as const) {
	test(`${title}: a planted import is refused`, async t => {
		const {code, text} = await lint({[file]: importing(name)});
		t.is(code, 1);
		t.regex(text, /noRestrictedImports/);
	});
}

test('a circle of imports is refused, of types too', async t => {
	const a = "import type {B} from './b.ts';\nexport interface A {\n\treadonly b: B;\n}\n";
	const b = "import type {A} from './a.ts';\nexport interface B {\n\treadonly a: A;\n}\n";
	const {code, text} = await lint({'sdk/src/a.ts': a, 'sdk/src/b.ts': b});
	t.is(code, 1);
	t.regex(text, /noImportCycles/);
});

test('what the house allows is let through', async t => {
	const files = {
		'wasm/src/x.ts': importing('node:fs', './y.js'),
		'core/src/x.ts': importing('node:fs', 'tapable', '@forgeone/wasm'),
		'sdk/src/x.ts': importing('@forgeone/core', '@forgeone/wasm', 'typebox'),
		'plugins/network/src/cell/x.ts': importing('@forgeone/sdk/cell', '@forgeone/core', '../y.js', 'undici'),
	};
	const {code, text} = await lint(files);
	t.is(code, 0, text);
});
