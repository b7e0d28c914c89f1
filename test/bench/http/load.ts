import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createServer} from 'node:net';
import {promisify} from 'node:util';

/** What wrk says of one run. */
export interface Load {
	/** Requests in a second. */
	readonly rate: number;
	/** Microseconds within which 99 of 100 were answered. */
	readonly p99: number;
}

const units: Readonly<Record<string, number>> = {us: 1, ms: 1e3, s: 1e6};

/** Loads a server from so many connections, with wrk on a core of its own where there is one. Throws where anything but 2xx came back. */
export async function load(url: string, connections: number, seconds: number): Promise<Load> {
	const {stdout} = await promisify(execFile)('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url]);
	const failed = /Non-2xx.*|Socket errors.*/.exec(stdout)?.[0];
	if (failed) throw new Error(`${url}: ${failed}`);
	const [, late = '', unit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
	return {rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]), p99: Number(late) * (units[unit] ?? Number.NaN)};
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const found = server.address();
	server.close();
	return found && typeof found === 'object' ? found.port : 0;
}

/** Starts a server as a process of its own, and waits until it answers. */
export async function served(args: (port: number) => readonly string[]): Promise<{url: string; end(): void}> {
	const port = await freePort();
	const child = spawn(process.execPath, args(port), {stdio: 'ignore'});
	const url = `http://127.0.0.1:${port}/`;
	for (let tries = 0; ; tries++) {
		try {
			await (await fetch(url)).text();
			return {url, end: () => child.kill()};
		} catch (error) {
			if (tries > 300) throw error;
			await new Promise(resolve => setTimeout(resolve, 100));
		}
	}
}
