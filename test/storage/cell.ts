import {mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync} from 'node:fs';
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

export const follow = {symlinkFollow: true};
export const stay = {};

/** A folder `inside` that is mounted, beside a folder `outside` that is not. */
export function sandbox({readOnly = false} = {}) {
	const root = mkdtempSync(join(tmpdir(), 'forge-'));
	const [inside, outside] = [join(root, 'inside'), join(root, 'outside')];
	for (const folder of [inside, outside]) mkdirSync(folder);
	const mounts = [{path: inside, target: '/data', readOnly}];
	const usage = {read: 0, written: 0, requests: 0};
	const call = () => {
		throw new Error('storage calls nobody');
	};
	const {imports} = open({container: 'c', data: {mounts}, usage, call}).host();
	const preopens = imports['wasi:filesystem/preopens@0.2.9'] as {getDirectories(): [Descriptor, string][]};
	const types = imports['wasi:filesystem/types@0.2.9'] as {filesystemErrorCode(error: unknown): string | undefined};
	const opened = preopens.getDirectories()[0]?.[0] as Descriptor;
	const end = () => {
		opened[Symbol.dispose]();
		rmSync(root, {recursive: true, force: true});
	};
	return {inside, outside, dir: opened, preopens, types, [Symbol.dispose]: end};
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
