import {execFile, spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {Readable, type Writable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import test, {type ExecutionContext} from 'ava';
import {forgeOf} from '../cli/forge.ts';
import {buildNative, type GuestName, guest, unavailable} from '../support/guests.ts';
import {engineOf, folderOf, runToEnd, specOf} from '../support/runtime.ts';

const lacking = unavailable('files-c');
const compiled = lacking === undefined ? test : test.skip;
const title = (text: string): string => (lacking === undefined ? text : `${text} (skipped: ${lacking})`);

interface Outcome {
	readonly exitCode: number | undefined;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs a program of this machine to its end. */
function native(program: string, args: readonly string[], env: NodeJS.ProcessEnv, input: string): Promise<Outcome> {
	return new Promise(resolve => {
		const child = execFile(program, [...args], {env}, (error, stdout, stderr) =>
			resolve({exitCode: Number(error?.code ?? 0), stdout, stderr}),
		);
		child.stdin?.end(input);
	});
}

async function both(
	t: ExecutionContext,
	name: GuestName,
	words: readonly string[],
	{environment = {}, input = ''}: {environment?: Record<string, string>; input?: string} = {},
) {
	const root = await folderOf(t);
	const [here, there, program] = ['here', 'there', 'program'].map(part => join(root, part)) as [string, string, string];
	for (const folder of [here, there]) mkdirSync(folder);
	await buildNative(name, program);
	const expected = await native(
		program,
		words.map(word => (word === '/data' ? here : word)),
		environment,
		input,
	);
	const {containers} = await engineOf(t, join(root, 'state'));
	const spec = specOf(await guest(name), {
		arguments: [...words],
		environment: Object.entries(environment),
		mounts: [{source: there, target: '/data', readOnly: false}],
	});
	const {exitCode, stdout, stderr} = await runToEnd(containers, spec, input);
	return {expected, found: {exitCode, stdout, stderr}};
}

compiled(title('a C program does with files and folders what it does natively'), async t => {
	const {expected, found} = await both(t, 'files-c', ['/data']);
	t.is(expected.exitCode, 7);
	t.deepEqual(found, expected);
});

compiled(title('a C program has its arguments, environment, time, memory and exit as natively'), async t => {
	const words = ['-a', '-b', 'value', 'two words', 'ümlaut', ''];
	const {expected, found} = await both(t, 'plain-c', words, {environment: {GREETING: 'Hej hå'}, input: 'some input\nand more'});
	t.is(expected.exitCode, 42);
	t.deepEqual(found, expected);
});

const PIECE = 1024 * 1024;

/** 100 MB, none of which is like another piece. */
function* hundred(): Generator<Buffer> {
	for (let i = 0; i < 100; i++) yield Buffer.alloc(PIECE, createHash('sha256').update(`${i}`).digest());
}

/** Sends 100 MB through a process; gives how it ended, a hash of what came out, and what it said. */
async function filtered(child: {
	stdin: Writable;
	stdout: Readable;
	stderr: Readable;
	once(event: 'close', listener: (code: number) => void): unknown;
}) {
	const code = new Promise<number>(resolve => child.once('close', resolve));
	const hash = createHash('sha256');
	let [size, said] = [0, ''];
	child.stdout.on('data', (bytes: Buffer) => {
		hash.update(bytes);
		size += bytes.length;
	});
	child.stderr.on('data', bytes => {
		said += bytes;
	});
	await pipeline(Readable.from(hundred()), child.stdin);
	return {code: await code, size, hash: hash.digest('hex'), said};
}

compiled(title('100 MB go through a C program by standard input and output, as they do natively'), async t => {
	const program = join(await folderOf(t), 'program');
	await buildNative('filter-c', program);
	const expected = await filtered(spawn(program));
	t.deepEqual([expected.code, expected.size], [5, 100 * PIECE]);
	const forge = await forgeOf(t);
	t.deepEqual(await filtered(forge.spawn(['run', await guest('filter-c')])), expected);
});
