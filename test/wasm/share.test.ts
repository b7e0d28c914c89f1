import {readFileSync} from 'node:fs';
import {Worker} from 'node:worker_threads';
import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {adopt, load, pack, unpack} from '@forgeone/wasm';
import test from 'ava';
import {component} from './support/guest.ts';

const adding = `(component
	(core module $m (memory 1) (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
	(core instance $i (instantiate $m))
	(func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add"))))`;

const body = `
import {workerData, parentPort} from 'node:worker_threads';
const {adopt} = await import(workerData.wasm);
const {exports} = await adopt(workerData.shared).instantiate();
parentPort.postMessage(exports.add(2, 3));`;

test('another thread adopts a loaded component without decoding or compiling it', async t => {
	const workerData = {shared: (await component(adding)).share(), wasm: import.meta.resolve('@forgeone/wasm')};
	const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(body)}`), {workerData});
	const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
	t.is(answer, 5);
	await worker.terminate();
});

test('an adopted component has the same imports and exports', async t => {
	const loaded = await component(adding);
	const adopted = adopt(structuredClone(loaded.share()));
	t.deepEqual(adopted.exports, loaded.exports);
	t.deepEqual(adopted.exports, [{name: 'add', kind: 'function'}]);
	t.deepEqual(adopted.imports, []);
});

const packable = {
	'a component': readFileSync(new URL('../guests/wat/hello-wat.wat', import.meta.url), 'utf8'),
	'a command for preview1': '(module (memory (export "memory") 1) (func (export "_start")))',
};

for (const [what, text] of Object.entries(packable)) {
	test(`${what} that was packed is, unpacked, what was loaded`, async t => {
		const bytes = await parse(text);
		const [loaded, packed] = [await load(bytes), await pack(bytes)];
		// As it comes out of a socket: anywhere in a larger buffer.
		const unpacked = await unpack(Buffer.concat([Buffer.alloc(3), packed.bytes]).subarray(3));
		const plain = ({node, plan, modules}: ReturnType<typeof loaded.share>) => ({node, plan, modules: modules.map(({node}) => node)});
		t.deepEqual(plain(unpacked.share()), plain(loaded.share()));
		t.deepEqual([packed.imports, packed.exports], [loaded.imports, loaded.exports]);
		t.deepEqual([unpacked.imports, unpacked.exports], [loaded.imports, loaded.exports]);
	});
}

test('what can not be loaded is refused where it is packed, or, where only V8 can tell, unpacked', async t => {
	await t.throwsAsync(pack(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 0xff)), {code: 'FORGE_COMPONENT_INVALID'});
	const {bytes} = await pack(await parse('(module (memory (export "memory") 1))'));
	await t.throwsAsync(unpack(bytes), {code: 'FORGE_PREVIEW1_EXPORT'});
});

test('instances of one component share nothing but code', async t => {
	const loaded = await component(`(component
		(core module $m (global $g (mut i32) (i32.const 0)) (memory 1)
			(func (export "next") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
		(core instance $i (instantiate $m))
		(func (export "next") (result u32) (canon lift (core func $i "next"))))`);
	const one = (await loaded.instantiate()).exports.next as () => number;
	const other = (await loaded.instantiate()).exports.next as () => number;
	t.deepEqual([one(), one(), other(), one()], [1, 2, 1, 3]);
});

test('an instance that was disposed of is not entered again', async t => {
	const instance = await (await component(adding)).instantiate();
	instance.dispose();
	t.true(instance.dead);
	t.throws(() => (instance.exports.add as (a: number, b: number) => number)(1, 2), {code: 'FORGE_INSTANCE_DEAD'});
});

test('the same bytes are decoded and compiled once, also by loads that overlap', async t => {
	const bytes = await parse(adding);
	const [one, two] = await Promise.all([load(bytes), load(Uint8Array.from(bytes))]);
	t.is(one, two);
	t.is(await load(bytes), one);
	t.not(await load(bytes, {metered: true}), one);
});

test('a load that failed is tried again', async t => {
	const broken = (await parse(adding)).slice(0, -3);
	await t.throwsAsync(load(broken), {code: 'FORGE_COMPONENT_INVALID'});
	await t.throwsAsync(load(broken), {code: 'FORGE_COMPONENT_INVALID'});
});
