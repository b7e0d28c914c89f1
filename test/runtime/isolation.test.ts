import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {mkdir, readdir, readFile, readlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {audit} from '@forgeone/sdk';
import test, {type ExecutionContext} from 'ava';
import {cells, processes} from '../support/cells.ts';
import {guest} from '../support/guests.ts';
import {isolations} from '../support/isolations.ts';
import {type ContainersClient, engineOf, folderOf, runToEnd, specOf} from '../support/runtime.ts';

async function mounted(t: ExecutionContext, note: string) {
	const folder = join(await folderOf(t), 'data');
	await mkdir(folder);
	await writeFile(join(folder, 'note'), note);
	return [{source: folder, target: '/data', readOnly: false}];
}

for (const {isolation, trying, note} of isolations) {
	const title = (text: string) => `${isolation}: ${text}${note}`;

	trying(title('a command is given its words and its input, and its code and output come back'), async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		const spec = specOf(await guest('hello-js'), {isolation, arguments: ['exit', '7'], environment: [['GREETING', 'Hej']]});
		const done = await runToEnd(containers, spec, 'through the channel');
		t.is(done.exitCode, 7, done.reason);
		t.regex(done.stdout, /through the channel/);
		t.is(done.grants.isolation, isolation);
	});

	trying(title('two containers see their own folder each, and nothing of the machine'), async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		const image = await guest('files-as');
		const cat = async (note: string, file: string) => {
			const mounts = await mounted(t, note);
			return runToEnd(containers, specOf(image, {isolation, mounts, arguments: ['cat', file]}));
		};
		const [one, two, outside] = await Promise.all([cat('one', '/data/note'), cat('two', '/data/note'), cat('three', '/etc/passwd')]);
		t.like(one, {exitCode: 0, stdout: 'one'}, one.reason);
		t.like(two, {exitCode: 0, stdout: 'two'}, two.reason);
		t.not(outside.exitCode, 0);
	});

	trying(title('what a guest is refused is on record, with the flag that would have granted it'), async t => {
		const {kernel, containers} = await engineOf(t, await folderOf(t));
		const mounts = (await mounted(t, 'note')).map(mount => ({...mount, readOnly: true}));
		const run = async (...words: string[]) => runToEnd(containers, specOf(await guest('files-as'), {isolation, mounts, arguments: words}));
		const [out, change] = [await run('cat', '/data/../../etc/passwd'), await run('write', '/data/note', 'new')];
		t.deepEqual([out.exitCode, change.exitCode], [1, 1]);
		const entries = await (await kernel.link(audit))().recent(1_000);
		const told = (id: string) => entries.filter(({subject, allowed}) => subject === `container:${id}` && !allowed);
		t.like(told(out.id)[0], {action: 'file', reason: 'not granted: --volume SOURCE:TARGET'});
		t.like(told(change.id)[0], {
			action: 'file',
			object: 'a change below "/data"',
			reason: 'not granted: --volume SOURCE:/data, without :ro',
		});
	});

	trying(title('A4: endless recursion is a trap, and the next container is none the worse'), async t => {
		const {containers} = await engineOf(t, await folderOf(t));
		t.is((await runToEnd(containers, specOf(await guest('recurse'), {isolation}))).exitCode, 134);
		t.is((await runToEnd(containers, specOf(await guest('exit-seven'), {isolation}))).exitCode, 7);
	});
}

test.serial('inline: a guest that loops spends its fuel, and the kernel has its thread again', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const {exitCode, reason} = await runToEnd(containers, specOf(await guest('loop-run'), {isolation: 'inline'}));
	t.is(exitCode, 134);
	t.regex(reason ?? '', /FORGE_FUEL_EXHAUSTED/);
});

/** Starts a container and gives the process of its cell. */
async function looping(t: ExecutionContext, containers: ContainersClient, state: string): Promise<{id: string; pid: number}> {
	const {id} = await containers.create(specOf(await guest('loop-run')));
	await containers.start(id);
	for (let i = 0; i < 200; i++) {
		const busy = (await cells(state)).find(({cpu}) => cpu > 20);
		if (busy) return {id, pid: busy.pid};
		await new Promise(resolve => setTimeout(resolve, 50));
	}
	return t.fail('no cell is busy') as never;
}

test.serial('process: a cell has no environment, an empty folder, and neither files nor network once its guest is there', async t => {
	const state = await folderOf(t);
	const {containers} = await engineOf(t, state);
	const {pid} = await looping(t, containers, state);
	t.is(await readFile(`/proc/${pid}/environ`, 'utf8').then(text => text.replace(/NODE_CHANNEL_\w+=[^\0]*\0/g, '')), '');
	t.deepEqual(await readdir(`/proc/${pid}/cwd`), []);
});

test.serial('A1: a guest that holds its thread is ended at its deadline, while the engine answers others', async t => {
	const {containers} = await engineOf(t, await folderOf(t));
	const loop = await guest('loop-run');
	const timeout = 1_000n;
	const limits = {memory: 64n * 2n ** 20n, timeout};
	const ids = await Promise.all(Array.from({length: 4}, async () => (await containers.create(specOf(loop, {limits}))).id));
	await Promise.all(ids.map(id => containers.start(id)));
	for (let i = 0; i < 20; i++) t.is((await containers.list()).length, 4);
	const ended = await Promise.all(ids.map(id => containers.wait(id, 20_000)));
	for (const container of ended) t.like(container, {exitCode: 124, reason: 'deadline of 1000 ms exceeded'});
});

const whereSetpriv = existsSync('/usr/bin/setpriv') ? test.serial : test.serial.skip;

whereSetpriv('a cell whose engine was killed ends too, though its guest holds its thread', async t => {
	const state = await folderOf(t);
	const image = await guest('loop-run');
	const script = `
		import {createKernel, link, definePlugin, admission, audit, containers} from '@forgeone/sdk';
		import runtime from '@forgeone/plugin-runtime';
		const trust = {integrity: 2, authenticity: 2, provenance: 2, freshness: 2, configuration: 2, executables: 2, isolation: 2, behaviour: 2};
		const grants = {mounts: [], publish: [], egress: [], routes: [], networks: [], stores: [], isolation: 'process'};
		const policy = definePlugin({name: 'policy', provides: {audit}, taps: [link, admission], setup({hooks}) {
			hooks.tap(link, {decide: () => ({tag: 'allowed'})});
			hooks.tap(admission, {admit: () => ({tag: 'allowed', val: {grants, trust}})});
			return {audit: () => ({append() {}, appendAll() {}, recent: () => []})};
		}});
		const kernel = createKernel({state: ${JSON.stringify(state)}});
		await kernel.boot({plugins: {policy, runtime}});
		const engine = (await kernel.link(containers))();
		const {id} = await engine.create({image: ${JSON.stringify(image)}, arguments: [], environment: [], config: [], mounts: [], publish: [], egress: [], routes: [], networks: [],
			limits: {memory: 67108864n}, restart: 'no', attached: false, interactive: false, remove: false});
		await engine.start(id);
		setInterval(() => {}, 1000);`;
	const engine = spawn(process.execPath, ['--input-type=module', '--eval', script], {cwd: import.meta.dirname, stdio: 'inherit'});
	let pids: {pid: number}[] = [];
	for (let i = 0; i < 200 && !pids.some(({pid}) => pid); i++) {
		await new Promise(resolve => setTimeout(resolve, 50));
		pids = (await cells(state)).filter(({cpu}) => cpu > 20);
	}
	t.is(pids.length, 1);
	engine.kill('SIGKILL');
	await once(engine, 'exit');
	for (let i = 0; i < 100 && (await cells(state)).length > 0; i++) await new Promise(resolve => setTimeout(resolve, 50));
	t.deepEqual(await cells(state), []);
});

const whereSandbox = isolations.find(({isolation}) => isolation === 'sandbox')?.trying ?? test.serial.skip;

whereSandbox('sandbox: a cell has no network but its own, and sees no process but itself', async t => {
	const state = await folderOf(t);
	const {containers} = await engineOf(t, state);
	const {id} = await containers.create(specOf(await guest('sleep-forever'), {isolation: 'sandbox'}));
	await containers.start(id);
	const net = await readlink('/proc/self/ns/net');
	const elsewhere = async () => {
		const spaces = await Promise.all((await processes('cell/process.js')).map(pid => readlink(`/proc/${pid}/ns/net`).catch(() => net)));
		return spaces.some(space => space !== net);
	};
	let found = false;
	for (let i = 0; i < 100 && !found; i++) {
		await new Promise(resolve => setTimeout(resolve, 50));
		found = await elsewhere();
	}
	t.true(found);
	await containers.kill(id);
});
