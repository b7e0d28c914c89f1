import {constants, openSync} from 'node:fs';
import type {IoError, OpenHalf} from '@forgeone/sdk/cell';
import {type ErrorCode, isErrorCode} from './code.ts';
import {Descriptor} from './descriptor.ts';
import {DirectoryEntryStream} from './streams.ts';
import {Times} from './times.ts';
import {held} from './walk.ts';

const {O_DIRECTORY, O_RDONLY} = constants;

/** A folder that a container has. */
export interface MountData {
	/** On this machine. */
	readonly path: string;
	/** As the guest sees it. */
	readonly target: string;
	readonly readOnly: boolean;
}

/** Hosts `wasi:filesystem` over the folders that were attached; they are opened at once, before the cell is sealed. */
const open: OpenHalf<{readonly mounts: readonly MountData[]}> = ({data}) => {
	const mounts = data.mounts.map(({path, target, readOnly}) => ({
		root: openSync(path, O_RDONLY | O_DIRECTORY),
		target,
		mount: {readOnly, times: new Times()},
	}));
	const imports = {
		'wasi:filesystem/types@0.2.9': {
			Descriptor,
			DirectoryEntryStream,
			filesystemErrorCode: ({cause}: IoError): ErrorCode | undefined => (isErrorCode(cause) ? cause : undefined),
		},
		'wasi:filesystem/preopens@0.2.9': {
			getDirectories: () =>
				mounts.map(({root, target, mount}) => [new Descriptor(openSync(held(root), O_RDONLY | O_DIRECTORY), mount, {}), target]),
		},
	};
	return {host: () => ({imports})};
};

export default open;
