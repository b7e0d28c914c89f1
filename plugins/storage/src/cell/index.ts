import {closeSync, constants, openSync} from 'node:fs';
import type {Hosted, IoError, OpenHalf} from '@forgeone/sdk/cell';
import {Allowance, type Grant} from './allowance.ts';
import {type Ask, asking} from './asking.ts';
import {blobstore} from './blobstore.ts';
import {type ErrorCode, isErrorCode} from './code.ts';
import {Descriptor} from './descriptor.ts';
import {Handles} from './handles.ts';
import {keyvalue} from './keyvalue.ts';
import {bounded, remote} from './remote.ts';
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
	/** The volume, where it has a quota: what is written there has to be granted. */
	readonly quota?: string;
}

/** Asks the kernel half for more of a volume's quota. */
const granting =
	(ask: Ask, volume: string): Grant =>
	async (asked, left) =>
		(await ask({op: 'volume.grant', volume, asked, left})).head;

/**
 * Hosts `wasi:filesystem` over the folders that were attached, which are opened at once, before the cell is sealed; `wasi:keyvalue` and
 * `wasi:blobstore` by calls.
 */
const open: OpenHalf<{readonly mounts: readonly MountData[]}> = ({data, usage, call, refused}) => {
	const ask = asking(call);
	const allowances = new Map<string, Allowance>();
	const allowanceOf = (volume: string): Allowance => {
		const allowance = allowances.get(volume) ?? new Allowance(granting(ask, volume));
		allowances.set(volume, allowance);
		return allowance;
	};
	const mounts = data.mounts.map(({path, target, readOnly, quota}) => {
		const root = openSync(path, O_RDONLY | O_DIRECTORY);
		const allowance = quota === undefined ? undefined : allowanceOf(quota);
		return {
			root,
			target,
			mount: {target, refused, readOnly, times: new Times(), usage, allowance, remote: bounded() ? remote(ask, target, root) : undefined},
		};
	});

	function host(): Hosted {
		const handles = new Handles();
		const own = mounts.map(({root, target, mount}) => ({root, target, mount: {...mount, handles}}));
		const preopen = ({root, target, mount}: (typeof own)[number]) =>
			[new Descriptor(openSync(held(root), O_RDONLY | O_DIRECTORY), mount, {}), target] as const;
		const imports = {
			'wasi:filesystem/types@0.2.9': {
				Descriptor,
				DirectoryEntryStream,
				filesystemErrorCode: ({cause}: IoError): ErrorCode | undefined => (isErrorCode(cause) ? cause : undefined),
			},
			'wasi:filesystem/preopens@0.2.9': {getDirectories: () => own.map(preopen)},
		};
		return {imports: {...imports, ...keyvalue(ask, refused), ...blobstore(call, refused)}};
	}
	return {
		host,
		close() {
			for (const {root} of mounts) closeSync(root);
		},
	};
};

export default open;
