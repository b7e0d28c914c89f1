import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {load} from '@forgeone/wasm';
import test from 'ava';

/** A component in text with a core function of so many parameters, lifted as a function of a type. */
const lifting = (types: string, params: string, flat: number): string => `(component
	(core module $m (memory (export "m") 1)
		(func (export "f") (param${' i32'.repeat(flat)})))
	(core instance $i (instantiate $m))
	${types}
	(func (export "f") ${params} (canon lift (core func $i "f"))))`;

const refusals: readonly (readonly [feature: string, text: string])[] = [
	['map values', lifting('(type $s (map string u8)) (type $t (result u8 (error $s)))', '(param "s" $t)', 3)],
	['map values', '(component (import "i" (instance (type $s (map string u8)) (export "f" (func (param "s" $s))))))'],
	['map values', '(component (type $m (map string u8)) (type $s (stream $m)) (import "f" (func async (result $s))))'],
	['map values', '(component (type $m (map string u8)) (type $s (future $m)) (core func (canon future.new $s)))'],
	[
		'map values',
		`(component ${lifting('(type $s (map string u8))', '(param "s" $s)', 2).replace('component', 'component $C')} (instance (instantiate $C)))`,
	],
	['context of 64 bits', '(component (core func (canon context.get i64 0)))'],
	['thread.index', '(component (core func (canon thread.index)))'],
	['thread.suspend', '(component (core func (canon thread.suspend)))'],
	['thread.resume-later', '(component (core func (canon thread.resume-later)))'],
	['component imports', '(component (import "c" (component)))'],
	['core module imports', '(component (import "m" (core module)))'],
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

test('types that no function carries, and function types in groups, are no reason to refuse', async t => {
	const text = '(component (type (map string u8)) (core module (rec (type (func)) (type (func (param i32))))))';
	await t.notThrowsAsync(load(await parse(text)));
});
