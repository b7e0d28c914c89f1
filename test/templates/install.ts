/**
 * What `npm install` does, quickly and without a registry: `node install.ts PACKS [NAME...]` installs into this folder what is named, or else what its
 * `package.json` asks for. Packages of ForgeOne are unpacked from the folder PACKS. What others they and the project ask for is linked
 * from this repository, beside whoever asks, so that nothing is found by luck.
 */
import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync} from 'node:fs';
import {findPackageJSON} from 'node:module';
import {basename, dirname, join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

interface Manifest {
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly devDependencies?: Readonly<Record<string, string>>;
	readonly bin?: string | Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '../..');
const [packs = '', ...named] = process.argv.slice(2);
const modules = resolve('node_modules');

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const ours = (name: string): boolean => name.startsWith('@forgeone/');

/** Unpacks a package of ForgeOne into the project, and those that it needs. */
function unpack(name: string): void {
	const folder = join(modules, name);
	if (existsSync(folder)) return;
	mkdirSync(folder, {recursive: true});
	execFileSync('tar', ['-xzf', join(packs, `${name.slice(1).replace('/', '-')}.tgz`), '--strip-components=1', '-C', folder]);
	for (const needed of Object.keys(manifestOf(folder).dependencies ?? {})) {
		if (ours(needed)) unpack(needed);
		else link(needed, join(root, 'node_modules', name), join(folder, 'node_modules'));
	}
}

/** Links a package, as who asks for it finds it in this repository, into a folder of modules. */
function link(name: string, asks: string, into: string): void {
	const found = findPackageJSON(name, pathToFileURL(join(asks, 'package.json')));
	if (found === undefined) throw new Error(`${asks} asks for ${name}, which is not installed`);
	mkdirSync(dirname(join(into, name)), {recursive: true});
	symlinkSync(dirname(found), join(into, name));
}

function linkBins(name: string): void {
	const folder = join(modules, name);
	const {bin = {}} = manifestOf(folder);
	for (const [command, file] of Object.entries(typeof bin === 'string' ? {[basename(name)]: bin} : bin)) {
		if (ours(name)) chmodSync(join(folder, file), 0o755);
		symlinkSync(join('..', name, file), join(modules, '.bin', command));
	}
}

const {dependencies, devDependencies} = named.length > 0 ? {dependencies: {}, devDependencies: {}} : manifestOf('.');
const asked = [...named.map(word => word.replace(/(?<=.)@.*/, '')), ...Object.keys({...dependencies, ...devDependencies})];
mkdirSync(join(modules, '.bin'), {recursive: true});
for (const name of asked) {
	if (ours(name)) unpack(name);
	else link(name, root, modules);
	linkBins(name);
}
