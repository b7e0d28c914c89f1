import {execFile, spawn} from 'node:child_process';
import {globSync, readFileSync, rmSync} from 'node:fs';
import {mkdir, mkdtemp, realpath, rename, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {promisify} from 'node:util';
import type {ExecutionContext} from 'ava';
import {type Outcome, outcome} from '../cli/forge.ts';
import {freePort} from '../support/pages.ts';

const root = join(import.meta.dirname, '../..');
const forge = join(root, 'plugins/cli/bin/forge.js');

/** The packages that are published, by their folders. */
const published = globSync(['core', 'wasm', 'sdk', 'templates', 'plugins/*'], {cwd: root});

/** Packs every package of this repository, as NAME.tgz in one folder, which goes with this process. */
export async function pack(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-packs-'));
	process.once('exit', () => rmSync(folder, {recursive: true}));
	const flags = published.flatMap(workspace => ['--workspace', workspace]);
	await promisify(execFile)('npm', ['pack', ...flags, '--pack-destination', folder], {cwd: root});
	for (const workspace of published) {
		const {name, version} = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8'));
		const file = name.slice(1).replace('/', '-');
		await rename(join(folder, `${file}-${version}.tgz`), join(folder, `${file}.tgz`));
	}
	return folder;
}

/** A folder outside of the repository, in which commands are typed; what they started ends with the test. */
export interface Desk {
	readonly folder: string;
	/** Runs commands one after the other, until one fails. */
	type(commands: string): Promise<Outcome>;
}

/** Where a newcomer sits: npm installs the packed packages, everything else is what it is. 8080 is a port that is free. */
export async function deskOf(t: ExecutionContext, packs: string): Promise<Desk> {
	const folder = await realpath(await mkdtemp(join(tmpdir(), 'forge-desk-')));
	const home = join(folder, '.home');
	await mkdir(home);
	const port = String(await freePort());
	const install = `"${process.execPath}" "${join(import.meta.dirname, 'install.ts')}" "${packs}"`;
	// Node is the one that a project brings along, once it does.
	const path = (process.env.PATH ?? '')
		.split(delimiter)
		.filter(entry => !entry.includes('node_modules'))
		.join(delimiter);
	// What is compiled is kept elsewhere: a command that ends may still write it as this folder goes.
	const own = {HOME: home, FORGE_HOME: join(home, 'forge'), XDG_CACHE_HOME: join(import.meta.dirname, '../../node_modules/.cache')};
	const type = (commands: string) => {
		const script = `npm() { if [ "$1" = install ]; then shift; ${install} "$@"; else command npm "$@"; fi; }\nset -ex\n${commands.replaceAll('8080', port)}`;
		// A forge that is not there must not be fetched: another package has that name.
		return outcome(spawn('bash', ['-c', script], {cwd: folder, env: {PATH: path, npm_config_offline: 'true', ...own}}));
	};
	t.teardown(async () => {
		const {code, err} = await outcome(spawn(process.execPath, [forge, 'down', '--time', '100ms'], {cwd: folder, env: own}));
		if (code !== 0) throw new Error(`a daemon may be left: ${err}`);
		await rm(folder, {recursive: true, force: true});
	});
	return {folder, type};
}
