import {globSync, readFileSync} from 'node:fs';
import {defineConfig, type RolldownOptions} from 'rolldown';

/**
 * Makes `lib` from `dist` in every package: one file for each of its entries, since a process that lives for a tenth of a second must not
 * open three hundred. What lives in one process must be there once, so packages stay apart; only what is below is taken in.
 */
const taken = ['tapable', '@oclif/core', 'typebox'];

/** What the taken packages need goes with them; what the house imports by name does not. */
function outside(id: string, importer: string | undefined): boolean {
	if (/^(\.|\/)/.test(id)) return false;
	if (importer?.includes('/node_modules/')) return id.startsWith('node:');
	return !taken.some(name => id === name || id.startsWith(`${name}/`));
}

/** The entries of a package: what it exports, and what is loaded by its file name. */
function entriesOf(folder: string): Record<string, string> {
	const {exports = {}} = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
	const exported = Object.values<{default?: string}>(exports).map(({default: file}) => file);
	const names = exported.flatMap(file => /^\.\/lib\/(.+)\.js$/.exec(file ?? '')?.[1] ?? []);
	const loaded = globSync(['cell/{index,thread,process}.js', 'commands/**/*.js', 'program.js', 'builders/{componentize,snapshot}.js'], {
		cwd: `${folder}/dist`,
	}).map(file => file.slice(0, -3));
	return Object.fromEntries([...new Set([...names, ...loaded])].map(name => [name, `${folder}/dist/${name}.js`]));
}

const packages = globSync(['wasm', 'core', 'sdk', 'plugins/*']).filter(folder => Object.keys(entriesOf(folder)).length > 0);

export default defineConfig(
	packages.map(
		(folder): RolldownOptions => ({
			input: entriesOf(folder),
			platform: 'node',
			external: outside,
			logLevel: 'warn',
			output: {dir: `${folder}/lib`, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', sourcemap: true, cleanDir: true},
		}),
	),
);
