import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {load} from '@forgeone/wasm';
import test from 'ava';

const refusals: readonly (readonly [feature: string, text: string])[] = [
	['context of 64 bits', '(component (core func (canon context.get i64 0)))'],
	['thread.index', '(component (core func (canon thread.index)))'],
	['thread.suspend', '(component (core func (canon thread.suspend)))'],
	['thread.resume-later', '(component (core func (canon thread.resume-later)))'],
	['component imports', '(component (import "c" (component)))'],
	['core module imports', '(component (import "m" (core module)))'],
	['core module imports', '(component (import "i" (instance (export "m" (core module)))))'],
	['memory64', '(component (core module (memory i64 1)))'],
	['memory64', '(component (core module (import "a" "m" (memory i64 1))))'],
	['memory64', '(component (core module (table i64 1 funcref)))'],
	['shared memory', '(component (core module (memory 1 1 shared)))'],
	['garbage collection', '(component (core module (type (struct (field i32)))))'],
	['garbage collection', '(component (core module (rec (type (func)) (type (array (mut i8))))))'],
];

for (const [i, [feature, text]] of refusals.entries()) {
	test(`what needs ${feature} is refused by that name when it is loaded (${i + 1})`, async t => {
		const error = await t.throwsAsync(parse(text).then(bytes => load(bytes)));
		t.like(error, {code: 'FORGE_COMPONENT_UNSUPPORTED'}, error?.message);
		t.true(error?.message.includes(`needs "${feature}"`), error?.message);
	});
}

test('function types in groups are no reason to refuse', async t => {
	const text = '(component (core module (rec (type (func)) (type (func (param i32))))))';
	await t.notThrowsAsync(load(await parse(text)));
});
