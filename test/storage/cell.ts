import {lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Descriptor} from '@forgeone/plugin-storage';
import type {OpenHalf} from '@forgeone/sdk/cell';

/** The module that an attachment would name. */
const module = createRequire(import.meta.url)
	.resolve('@forgeone/plugin-storage')
	.replace(/index\.js$/, 'cell/index.js');
const {default: open}: {default: OpenHalf} = await import(pathToFileURL(module).href);

/** For what asks the kernel half nothing. */
function nobody(): never {
	throw new Error('there is no kernel half');
}

export const follow = {symlinkFollow: true};
export const stay = {};

/** A folder `inside` that is mounted, or the one at `path`; beside a folder `outside` that is not. */
export function sandbox({readOnly = false, path}: {readOnly?: boolean; path?: string} = {}) {
	const root = mkdtempSync(join(tmpdir(), 'forge-'));
	const [inside, outside] = [join(root, 'inside'), join(root, 'outside')];
	for (const folder of [inside, outside]) mkdirSync(folder);
	const mounts = [{path: path ?? inside, target: '/data', readOnly}];
	const usage = {read: 0, written: 0, requests: 0};
	const half = open({container: 'c', data: {mounts}, usage, refused: () => undefined, call: nobody});
	/** What one instance of a guest gets. */
	const host = () => {
		const {imports} = half.host();
		const preopens = imports['wasi:filesystem/preopens@0.2.9'] as {getDirectories(): [Descriptor, string][]};
		const types = imports['wasi:filesystem/types@0.2.9'] as {filesystemErrorCode(error: unknown): string | undefined};
		return {preopens, types};
	};
	const {preopens, types} = host();
	const opened = preopens.getDirectories()[0]?.[0] as Descriptor;
	const end = () => {
		opened[Symbol.dispose]();
		rmSync(root, {recursive: true, force: true});
	};
	return {inside, outside, dir: opened, preopens, types, host, usage, [Symbol.dispose]: end};
}

/** What a call throws; undefined where it returns. */
export function thrown(call: () => unknown): unknown {
	try {
		call();
	} catch (error) {
		return error;
	}
	return undefined;
}

/** How many descriptors below a folder this process holds; other tests run in it too. */
export const descriptors = (folder: string): number =>
	readdirSync('/proc/self/fd').filter(fd => {
		try {
			return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
		} catch {
			return false;
		}
	}).length;

/** Every call that takes a path, on one path. */
export const operations: Readonly<Record<string, (dir: Descriptor, path: string) => unknown>> = {
	open: (dir, path) => dir.openAt(follow, path, {}, {read: true})[Symbol.dispose](),
	create: (dir, path) => dir.openAt(follow, path, {create: true}, {write: true})[Symbol.dispose](),
	truncate: (dir, path) => dir.openAt(follow, path, {truncate: true}, {write: true})[Symbol.dispose](),
	unlink: (dir, path) => dir.unlinkFileAt(path),
	mkdir: (dir, path) => dir.createDirectoryAt(path),
	rmdir: (dir, path) => dir.removeDirectoryAt(path),
	renameFrom: (dir, path) => dir.renameAt(path, dir, 'taken'),
	renameTo: (dir, path) => dir.renameAt('victim', dir, path),
	linkFrom: (dir, path) => dir.linkAt(follow, path, dir, 'linked'),
	linkTo: (dir, path) => dir.linkAt(stay, 'victim', dir, path),
	symlink: (dir, path) => dir.symlinkAt('victim', path),
	readlink: (dir, path) => dir.readlinkAt(path),
	stat: (dir, path) => dir.statAt(follow, path),
	setTimes: (dir, path) => dir.setTimesAt(follow, path, {tag: 'now'}, {tag: 'now'}),
	hash: (dir, path) => dir.metadataHashAt(follow, path),
};

/** All there is to see of a tree, through none of its links. */
export function picture(path: string): string[] {
	const stats = lstatSync(path, {bigint: true});
	const content = stats.isFile() ? readFileSync(path, 'utf8') : '';
	const below = stats.isDirectory() ? readdirSync(path).sort() : [];
	return [
		[path, stats.ino, stats.mtimeNs, stats.ctimeNs, stats.mode, content].join(' '),
		...below.flatMap(name => picture(join(path, name))),
	];
}
