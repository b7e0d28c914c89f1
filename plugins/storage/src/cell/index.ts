import {constants, openSync} from 'node:fs';
import type {IoError, OpenHalf} from '@forgeone/sdk/cell';
import {type ErrorCode, isErrorCode} from './code.ts';
import {Descriptor} from './descriptor.ts';
import {DirectoryEntryStream} from './streams.ts';
import {Times} from './times.ts';

const {O_DIRECTORY, O_RDONLY} = constants;

/** A folder that a container has. */
export interface MountData {
	/** On this machine. */
	readonly path: string;
	/** As the guest sees it. */
	readonly target: string;
	readonly readOnly: boolean;
}

/** Hosts `wasi:filesystem` over the folders that were attached. Each answers at once; none is opened before the guest asks for it. */
const open: OpenHalf<{readonly mounts: readonly MountData[]}> = ({data, wait}) => {
	const mounts = data.mounts.map(({path, target, readOnly}) => ({path, target, mount: {readOnly, wait, times: new Times()}}));
	return {
		imports: {
			'wasi:filesystem/types@0.2.9': {
				Descriptor,
				DirectoryEntryStream,
				filesystemErrorCode: ({cause}: IoError): ErrorCode | undefined => (isErrorCode(cause) ? cause : undefined),
			},
			'wasi:filesystem/preopens@0.2.9': {
				getDirectories: () =>
					mounts.map(({path, target, mount}) => [new Descriptor(openSync(path, O_RDONLY | O_DIRECTORY), mount, {}), target]),
			},
		},
	};
};

export default open;
