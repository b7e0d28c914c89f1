import type {Volumes as Contract} from '@forgeone/wasm';
import {type Head, type Operations, textOf, wholeOf} from './calls.ts';
import type {Volumes} from './volumes.ts';

function amount(value: unknown): Contract.Usage {
	const {bytes, inodes} = (value ?? {}) as Head;
	return {bytes: BigInt(wholeOf(bytes)), inodes: BigInt(wholeOf(inodes))};
}

/** Grants what containers may write to volumes that have quotas. */
export const allowances = (volumes: Volumes): Operations => ({
	async 'volume.grant'(container, {volume, asked, left}) {
		const {bytes, inodes} = await volumes.grant(container, textOf(volume, 63), amount(asked), amount(left));
		return {head: {bytes: Number(bytes), inodes: Number(inodes)}};
	},
});
