import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';

/** Why this user can make no devices. */
function lack(): string | undefined {
	const folder = mkdtempSync(join(tmpdir(), 'forge-'));
	try {
		execFileSync('mknod', [join(folder, 'zero'), 'c', '1', '5'], {stdio: 'ignore'});
		return undefined;
	} catch {
		return 'this user may make no devices';
	} finally {
		rmSync(folder, {recursive: true});
	}
}

const missing = lack();

/** What can be in a folder and is neither a file nor a folder: what WASI calls it, what makes it, and what declares a test where it can be made. */
export const nodes = [
	{
		node: 'a FIFO',
		type: 'fifo',
		make: async (_: ExecutionContext, path: string) => void execFileSync('mkfifo', [path]),
		trying: test.serial,
		note: '',
	},
	{
		node: 'a socket',
		type: 'socket',
		async make(t: ExecutionContext, path: string) {
			const server = createServer().listen(path);
			t.teardown(() => server.close());
			await once(server, 'listening');
		},
		trying: test.serial,
		note: '',
	},
	{
		node: 'a device that gives zeroes without end',
		type: 'character-device',
		make: async (_: ExecutionContext, path: string) => void execFileSync('mknod', [path, 'c', '1', '5']),
		trying: missing === undefined ? test.serial : test.serial.skip,
		note: missing === undefined ? '' : ` (skipped: ${missing})`,
	},
] as const;
