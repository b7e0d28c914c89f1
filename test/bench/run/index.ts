import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {median, table, times} from '../measure.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const forge = join(root, 'plugins/cli/bin/forge.js');
const jco = join(root, 'node_modules/@bytecodealliance/jco/dist/jco.js');
const image = join(root, 'templates/app-cli/build/app-cli.wasm');

/** How long a whole process takes, in milliseconds; it must say hello. */
function whole(args: readonly string[], env: NodeJS.ProcessEnv): number {
	const start = performance.now();
	const {stdout, stderr, status} = spawnSync(process.execPath, args, {env: {...process.env, ...env}, encoding: 'utf8'});
	const time = performance.now() - start;
	if (status !== 0 || !stdout.includes('Hello')) throw new Error(`${args.join(' ')} failed: ${stderr}`);
	return time;
}

/** `forge run` of the hello component as a whole process, with and without a daemon, beside `jco run` and a bare Node. */
export default async function bench(): Promise<void> {
	const home = mkdtempSync(join(tmpdir(), 'forge-bench-'));
	const cold = {FORGE_HOME: home, NODE_DISABLE_COMPILE_CACHE: '1'};
	const warm = {FORGE_HOME: home};
	const run = [forge, 'run', '--rm', image];
	const rows: [string, number[]][] = [
		['forge run, without the compile cache', []],
		['forge run', []],
		['forge run, with a daemon', []],
		['the same, one right after the other', []],
		['jco run', []],
		['node -p', []],
	];
	const node = ['-p', '"Hello"'];
	whole(run, warm);
	for (let round = 0; round < 7; round++) {
		rows[0]?.[1].push(whole(run, cold));
		rows[1]?.[1].push(whole(run, warm));
		rows[4]?.[1].push(whole([jco, 'run', image], {}));
		rows[5]?.[1].push(whole(node, {}));
	}
	spawnSync(process.execPath, [forge, 'up', '-d'], {env: {...process.env, ...warm}, cwd: home});
	try {
		for (let round = 0; round < 8; round++) {
			// By then a cell is warm again.
			await pause(500);
			rows[2]?.[1].push(whole(run, warm));
		}
		for (let round = 0; round < 8; round++) rows[3]?.[1].push(whole(run, warm));
	} finally {
		spawnSync(process.execPath, [forge, 'down'], {env: {...process.env, ...warm}, cwd: home});
		rmSync(home, {recursive: true, force: true});
	}
	const own = median(rows[1]?.[1] ?? []);
	table(
		['whole process', 'milliseconds', 'beside forge run'],
		rows.map(([name, values]) => [name, median(values).toFixed(0), times(median(values) / own)]),
	);
}
