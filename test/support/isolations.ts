import {existsSync} from 'node:fs';
import test from 'ava';

/** Why an isolation can not be tried here. */
const lack = (isolation: string): string | undefined =>
	isolation === 'sandbox' && !existsSync('/usr/bin/bwrap') ? 'bubblewrap is not installed' : undefined;

/** All isolations, and what declares a test for each: it skips where this machine lacks what it takes, which `note` says in the title. */
export const isolations = (['inline', 'thread', 'process', 'sandbox'] as const).map(isolation => {
	const missing = lack(isolation);
	return {
		isolation,
		trying: missing === undefined ? test.serial : test.serial.skip,
		note: missing === undefined ? '' : ` (skipped: ${missing})`,
	};
});
