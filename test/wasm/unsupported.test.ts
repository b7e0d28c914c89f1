import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {load} from '@forgeone/wasm';
import test from 'ava';

/** A component in text with a core function of so many parameters, lifted as a function of a type. */
const lifting = (types: string, params: string, options = '', flat = 1): string => `(component
	(core module $m (memory (export "m") 1)
		(func (export "f") (param${' i32'.repeat(flat)}))
		(func (export "r") (param i32 i32 i32 i32) (result i32) unreachable))
	(core instance $i (instantiate $m))
	${types}
	(func (export "f") ${params} (canon lift (core func $i "f") ${options})))`;

const heap = '(memory (core memory $i "m")) (realloc (core func $i "r"))';

const refusals: readonly (readonly [feature: string, text: string])[] = [
	['stream values', lifting('(type $s (stream u8))', '(param "s" $s)')],
	['future values', lifting('(type $s (future)) (type $t (tuple u8 (option $s)))', '(param "s" $t)', '', 3)],
	['map values', lifting('(type $s (map string u8)) (type $t (result u8 (error $s)))', '(param "s" $t)', heap, 3)],
	['error-context values', lifting('', '(param "s" (list error-context))', heap, 2)],
	['stream values', '(component (type $s (stream)) (import "f" (func (result $s))))'],
	['future values', '(component (import "i" (instance (type $s (future u8)) (export "f" (func (param "s" $s))))))'],
	[
		'future values',
		`(component ${lifting('(type $s (future))', '(param "s" $s)').replace('component', 'component $C')} (instance (instantiate $C)))`,
	],
	['the async ABI', lifting('', 'async (param "s" u32)', 'async')],
	['task.cancel', '(component (core func (canon task.cancel)))'],
	['stream.new', '(component (type $s (stream u8)) (core func (canon stream.new $s)))'],
	['waitable-set.new', '(component (core func (canon waitable-set.new)))'],
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
	const text =
		'(component (type (stream u8)) (type (func (param "e" error-context))) (core module (rec (type (func)) (type (func (param i32))))))';
	await t.notThrowsAsync(load(await parse(text)));
});
