import {spawn} from 'node:child_process';
import {mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Descriptor} from '@forgeone/plugin-storage';
import test, {type ExecutionContext} from 'ava';
import {operations, picture, sandbox} from './cell.ts';

/** What a second process does to the tree, without an end: it makes it anew, and puts links that lead outside in the place of a folder and of a file. */
const flips = `
	const {mkdirSync, renameSync: mv, rmSync, symlinkSync, writeFileSync} = require('fs');
	process.chdir(process.argv[1]);
	console.log();
	const quietly = work => { try { work(); } catch {} };
	for (;;) {
		for (const name of ['turn', 'flip', 'folder', 'link', 'file', 'file-link', 'taken', 'linked', 'victim']) quietly(() => rmSync(name, {recursive: true, force: true}));
		for (const name of ['turn', 'turn/empty']) quietly(() => mkdirSync(name));
		for (const [name, target] of [['turn/alias', 'inside'], ['link', '../outside/there'], ['file-link', '../outside/there/canary']]) quietly(() => symlinkSync(target, name));
		for (const name of ['turn/canary', 'flip', 'victim']) quietly(() => writeFileSync(name, 'inside'));
		for (let i = 0; i < 20; i++) {
			quietly(() => mv('turn', 'folder')); quietly(() => mv('link', 'turn')); quietly(() => mv('turn', 'link')); quietly(() => mv('folder', 'turn'));
			quietly(() => mv('flip', 'file')); quietly(() => mv('file-link', 'flip')); quietly(() => mv('flip', 'file-link')); quietly(() => mv('file', 'flip'));
		}
	}`;

/** Where each operation is tried; what is not here is tried where a file is. */
const places: Readonly<Record<string, readonly string[]>> = {
	create: ['turn/new', 'turn/canary', 'flip'],
	mkdir: ['turn/new'],
	rmdir: ['turn/empty'],
	renameTo: ['turn/new', 'turn/canary'],
	linkTo: ['turn/new'],
	symlink: ['turn/new'],
	readlink: ['turn/alias'],
};
const files = ['turn/canary', 'flip'];

/** How often each is tried at the least, and for how long in a long test, in milliseconds. */
const TIMES = 4_000;
const LONG = process.env.FORGE_TEST_LONG ? 60_000 : 0;

/** How long it may take until both sides of the race were seen, in milliseconds. */
const PATIENCE = 15_000;

/** Runs one operation again and again, and gives what it gave and what it threw, as text. */
async function race(dir: Descriptor, name: string): Promise<Set<string>> {
	const call = operations[name] as (typeof operations)[string];
	const paths = places[name] ?? files;
	const told = new Set<string>();
	const begun = Date.now();
	const enough = () => told.has('not-permitted') && [...told].some(text => text.startsWith('done'));
	for (let i = 0; i < TIMES || Date.now() - begun < (enough() ? LONG : PATIENCE); i++) {
		try {
			const result = call(dir, paths[i % paths.length] as string);
			told.add(
				`done ${name === 'stat' ? (result as {size: bigint}).size : (JSON.stringify(result, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? '')}`,
			);
		} catch (error) {
			told.add(String(error));
		}
		if (i % 500 === 0) await new Promise(resolve => setImmediate(resolve));
	}
	return told;
}

async function against(t: ExecutionContext, name: string): Promise<void> {
	using box = sandbox();
	const there = join(box.outside, 'there');
	mkdirSync(join(there, 'empty'), {recursive: true});
	writeFileSync(join(there, 'canary'), 'this is outside');
	symlinkSync('outside', join(there, 'alias'));
	const before = picture(box.outside);
	const hash = JSON.stringify(operations.hash?.(sandboxOf(t, there), 'canary'), (_, part) =>
		typeof part === 'bigint' ? String(part) : part,
	);
	const child = spawn(process.execPath, ['-e', flips, box.inside], {stdio: ['ignore', 'pipe', 'inherit']});
	const gone = new Promise(resolve => child.once('exit', resolve));
	await new Promise(resolve => child.stdout.once('data', resolve));
	const told = await race(box.dir, name);
	child.kill('SIGKILL');
	await gone;
	t.deepEqual(picture(box.outside), before);
	t.is(readFileSync(join(there, 'canary'), 'utf8'), 'this is outside');
	for (const found of [`done ${hash}`, 'done "outside"', `done ${'this is outside'.length}`]) t.false(told.has(found), found);
	t.true(told.has('not-permitted') && [...told].some(text => text.startsWith('done')), [...told].slice(0, 10).join());
}

/** A folder as a guest that may see it does. */
function sandboxOf(t: ExecutionContext, path: string): Descriptor {
	const box = sandbox({path});
	t.teardown(() => box[Symbol.dispose]());
	return box.dir;
}

for (const name of Object.keys(operations)) {
	test.serial(`A8: ${name} leads nowhere else while another process swaps folders and files for links that do`, async t => {
		t.timeout(LONG + 2 * PATIENCE);
		await against(t, name);
	});
}
