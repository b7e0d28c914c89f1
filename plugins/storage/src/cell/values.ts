import {hash} from 'node:crypto';
import type {BigIntStats, Dirent} from 'node:fs';

/** `wasi:filesystem/types` in the shape that jco documents. */
export type DescriptorType =
	| 'unknown'
	| 'block-device'
	| 'character-device'
	| 'directory'
	| 'fifo'
	| 'symbolic-link'
	| 'regular-file'
	| 'socket';

export interface DescriptorFlags {
	readonly read?: boolean;
	readonly write?: boolean;
	readonly fileIntegritySync?: boolean;
	readonly dataIntegritySync?: boolean;
	readonly requestedWriteSync?: boolean;
	readonly mutateDirectory?: boolean;
}

export interface PathFlags {
	readonly symlinkFollow?: boolean;
}

export interface OpenFlags {
	readonly create?: boolean;
	readonly directory?: boolean;
	readonly exclusive?: boolean;
	readonly truncate?: boolean;
}

interface Datetime {
	readonly seconds: bigint;
	readonly nanoseconds: number;
}

export type NewTimestamp = {readonly tag: 'no-change'} | {readonly tag: 'now'} | {readonly tag: 'timestamp'; readonly val: Datetime};

/** When a file was used and changed, in nanoseconds since 1970. */
export interface FileTimes {
	readonly access: bigint;
	readonly modification: bigint;
}

export interface DescriptorStat {
	readonly type: DescriptorType;
	readonly linkCount: bigint;
	readonly size: bigint;
	readonly dataAccessTimestamp: Datetime;
	readonly dataModificationTimestamp: Datetime;
	readonly statusChangeTimestamp: Datetime;
}

export function typeOf(found: BigIntStats | Dirent<Buffer>): DescriptorType {
	if (found.isFile()) return 'regular-file';
	if (found.isDirectory()) return 'directory';
	if (found.isSymbolicLink()) return 'symbolic-link';
	if (found.isFIFO()) return 'fifo';
	if (found.isSocket()) return 'socket';
	if (found.isBlockDevice()) return 'block-device';
	return found.isCharacterDevice() ? 'character-device' : 'unknown';
}

const BILLION = 1_000_000_000n;

/** What is before 1970 can not be said, and counts as 1970. */
function datetime(nanoseconds: bigint): Datetime {
	const time = nanoseconds > 0n ? nanoseconds : 0n;
	return {seconds: time / BILLION, nanoseconds: Number(time % BILLION)};
}

export function statOf(stats: BigIntStats, {access, modification}: FileTimes): DescriptorStat {
	return {
		type: typeOf(stats),
		linkCount: stats.nlink,
		size: stats.size,
		dataAccessTimestamp: datetime(access),
		dataModificationTimestamp: datetime(modification),
		statusChangeTimestamp: datetime(stats.ctimeNs),
	};
}

/** The same for the same file, whatever it is called; it changes when another takes its place, not when its content does. */
export function metadataHash({dev, ino}: BigIntStats): {lower: bigint; upper: bigint} {
	const digest = hash('sha256', `${dev}:${ino}`, 'buffer');
	return {lower: digest.readBigUInt64LE(0), upper: digest.readBigUInt64LE(8)};
}
