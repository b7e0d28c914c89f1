import {statSync} from 'node:fs';
import {isAbsolute, resolve} from 'node:path';
import {reasonOf} from '@forgeone/core';
import type {RuntimeTypes} from '@forgeone/wasm';
import type {MountData} from './cell/index.ts';
import {errors} from './errors.ts';
import {checkName, type Volumes} from './volumes.ts';

function checkTargets(mounts: readonly RuntimeTypes.Mount[]): void {
	const seen = new Set<string>();
	for (const {target} of mounts) {
		const wrong = (reason: string) => errors.FORGE_MOUNT_TARGET({target, reason});
		if (!isAbsolute(target) || target.includes('\0')) throw wrong('it is not an absolute path');
		const path = resolve(target);
		if (seen.has(path)) throw wrong('something else is mounted there');
		seen.add(path);
	}
}

function checkFolder(source: string): void {
	const wrong = (reason: string, cause?: unknown) => errors.FORGE_MOUNT_FOLDER({source, reason}, {cause});
	let folder: boolean;
	try {
		folder = statSync(source).isDirectory();
	} catch (error) {
		throw wrong(reasonOf(error), error);
	}
	if (!folder) throw wrong('it is not a folder');
}

/**
 * Prepares what a container was granted: a volume is made on first use, a folder of this machine must be there.
 * Throws FORGE_MOUNT_TARGET, FORGE_MOUNT_FOLDER, FORGE_VOLUME_NAME; then nothing is made or mounted.
 */
export function mountAll(container: string, mounts: readonly RuntimeTypes.Mount[], volumes: Volumes): MountData[] {
	checkTargets(mounts);
	const named = mounts.filter(({source}) => !isAbsolute(source)).map(({source}) => source);
	for (const {source} of mounts) (isAbsolute(source) ? checkFolder : checkName)(source);
	const made = new Map(named.map(name => [name, volumes.create(name)]));
	volumes.mount(container, named);
	return mounts.map(({source, target, readOnly}) => {
		const volume = made.get(source);
		const bounded = volume?.quota.bytes !== undefined || volume?.quota.inodes !== undefined;
		return {path: volume?.path ?? source, target, readOnly, ...(bounded ? {quota: source} : {})};
	});
}
