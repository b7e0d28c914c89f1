import {readdir, readFile, readlink} from 'node:fs/promises';

/** The processes whose command line has `text`. */
export async function processes(text: string): Promise<number[]> {
	const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
	const lines = await Promise.all(pids.map(async pid => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const));
	return lines.filter(([, line]) => line.includes(text)).map(([pid]) => Number(pid));
}

/** The cells of the engine whose state is in this folder: they live in a folder of it. */
export async function cells(state: string): Promise<{pid: number; cpu: number}[]> {
	const found = await Promise.all(
		(await processes('cell/process.js')).map(async pid => {
			const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
			const fields = (await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')).split(') ').at(-1)?.split(' ') ?? [];
			return {pid, cpu: Number(fields[11]), cwd};
		}),
	);
	return found.filter(({cwd}) => cwd.startsWith(state));
}

/** The processes that a process has started, and what those have started, with their command lines. */
export async function descendants(pid: number): Promise<{pid: number; line: string}[]> {
	const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
	const found = children
		.split(' ')
		.filter(Boolean)
		.map(async child => {
			const line = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
			return [{pid: Number(child), line}, ...(await descendants(Number(child)))];
		});
	return (await Promise.all(found)).flat();
}
