import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {preview1AdapterCommandPath} from '@bytecodealliance/jco';
import {componentNew, componentWit as wit} from '@bytecodealliance/jco-transpile/wasm-tools';
import test from 'ava';
import {type GuestName, guest, guestNames, preview1, unavailable} from './support/guests.ts';

const template = (name: string) => join(import.meta.dirname, '../templates', name, 'build', `${name}.wasm`);

const adapted = async (file: string) =>
	componentNew(await readFile(file), [['wasi_snapshot_preview1', await readFile(preview1AdapterCommandPath())]]);

const jco = join(import.meta.dirname, '../node_modules/.bin/jco');

const http = /export wasi:http\/incoming-handler@0\.2\./;

/** What a guest exports that is no command. */
const claims: Partial<Record<GuestName, RegExp>> = {
	...{'http-js': http, 'fetch-js': http, 'relay-js': http, 'asker-as': http, 'counter-as': http},
	guard: /export forgeone:network\/middleware@/,
	rule: /export forgeone:runtime\/admission@/,
	sink: /export forgeone:runtime\/log-sink@/,
};

for (const name of guestNames) {
	const reason = unavailable(name);
	const run = reason === undefined ? test : test.skip;
	run(`the guest "${name}" builds and is what it claims to be${reason === undefined ? '' : ` (skipped: ${reason})`}`, async t => {
		const file = await guest(name);
		t.regex(await wit(preview1(name) ? await adapted(file) : await readFile(file)), claims[name] ?? /export wasi:cli\/run@0\.2\./);
	});
}

test('a guest that is asked for twice is built once', async t => {
	t.is(await guest('trap'), await guest('trap'));
});

test('the template for commands imports no more than arguments, environment and standard streams', async t => {
	const imports = [...(await wit(await readFile(template('app-cli')))).matchAll(/import (\S+)@/g)].map(([, name]) => name);
	t.deepEqual(imports.sort(), [
		'wasi:cli/environment',
		'wasi:cli/stderr',
		'wasi:cli/stdin',
		'wasi:cli/stdout',
		'wasi:io/error',
		'wasi:io/streams',
	]);
});

test('the template for HTTP exports an incoming handler', async t => {
	t.regex(await wit(await readFile(template('app-http-assemblyscript'))), /export wasi:http\/incoming-handler@0\.2\.0;/);
});

test('the template for commands greets its first argument under another host too', async t => {
	const {stdout} = await promisify(execFile)(process.execPath, [jco, 'run', template('app-cli'), 'Ada', 'Grace'], {
		env: {PATH: process.env.PATH, GREETING: 'Hej'},
	});
	t.is(stdout, 'Hej from Ada!\narguments: Grace\n');
});
