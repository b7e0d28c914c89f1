import {load} from '@forgeone/wasm';
import test from 'ava';
import {guest} from './support/guest.ts';

/** Bytes of the binary format, by hand: the text format refuses some names before they reach the linker. */
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const vec = (...entries: readonly (readonly number[])[]): number[] => [...leb(entries.length), ...entries.flat()];
const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body];
const text = (name: string): number[] => {
	const bytes = [...Buffer.from(name)];
	return [...leb(bytes.length), ...bytes];
};

/** A component that imports an instance with one function, calls nothing and exports both again. */
const renamed = (label: string, from: string, to: string): Uint8Array =>
	Uint8Array.from([
		...[0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0],
		...section(7, vec([0x42, ...vec([1, 0x40, 0, 1, 0], [4, 0, ...text(label), 1, 0])])),
		...section(10, vec([0, ...text(from), 5, 0])),
		...section(6, vec([1, 0, 0, ...text(label)])),
		...section(11, vec([0, ...text('again'), 1, 0, 0], [0, ...text(to), 5, 0, 0])),
	]);

/** The label as every sort of name that a component can have. */
const everywhere = (label: string): (readonly [bytes: Uint8Array, from: string, to: string])[] =>
	[
		[label, 'a:b/c', 'a:b/c'],
		['f', label, 'a:b/c'],
		['f', 'a:b/c', label],
		['f', `${label}:b/c`, `a:${label}/c@1.0.0`],
		['f', `a:${label}/c`, `a:b/${label}`],
	].map(([inner = '', from = '', to = '']) => [renamed(inner, from, to), from, to]);

const camel = (label: string): string => label.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const long = 'a'.repeat(65_536);

test('A13, A14: names that objects have by themselves, and one of 64 KiB, are kept exactly, and no prototype is touched', async t => {
	const before = Reflect.ownKeys(Object.prototype);
	for (const label of ['constructor', 'prototype', 'to-string', 'value-of', 'has-own-property', 'then', long]) {
		for (const [i, [bytes, from, to]] of everywhere(label).entries()) {
			const component = await load(bytes);
			t.is(component.imports[0]?.name, from);
			t.is(component.exports[1]?.name, to);
			const key = i === 0 ? camel(label) : 'f';
			let calls = 0;
			const host = (): void => void calls++;
			const {exports} = await component.instantiate({[from]: {[key]: host}});
			t.is(Object.getPrototypeOf(exports), null);
			t.deepEqual(Object.keys(exports).sort(), ['again', /:/.test(to) ? to : camel(to)].sort());
			for (const part of Object.values(exports))
				(typeof part === 'object' ? (part as Record<string, () => void>)[key] : (part as () => void))?.();
			t.is(calls, 2, `${from} ${to}`.slice(0, 80));
			for (const none of [{}, {[from]: {}}]) await t.throwsAsync(component.instantiate(none), {code: 'FORGE_IMPORT_MISSING'});
		}
	}
	t.deepEqual(Reflect.ownKeys(Object.prototype), before);
});

const refused: readonly string[] = [
	'__proto__',
	'hasOwnProperty',
	'../x',
	'"',
	"'; process.exit(1); '",
	// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the name
	'`${1}`',
	'*/ throw 1 /*',
	'a\nb',
	'\u2028',
	'日本語',
	'😀',
	'',
	`${long}_`,
	// A pattern that tried two ways to read each number would take 2^20,000 steps.
	`a${'-1'.repeat(20_000)}_`,
];

test('A13, A14: names with quotes, newlines, other alphabets or underscores are refused wherever they stand, and no prototype is touched', async t => {
	const before = Reflect.ownKeys(Object.prototype);
	for (const label of refused) {
		for (const [bytes] of everywhere(label)) {
			await t.throwsAsync(load(bytes), {code: 'FORGE_COMPONENT_INVALID', message: /expected a name in kebab-case or of an interface/});
		}
	}
	t.deepEqual(Reflect.ownKeys(Object.prototype), before);
});

test('A13, A14: core modules may import and export by any name, and no prototype is touched', async t => {
	const before = Reflect.ownKeys(Object.prototype);
	for (const name of [...refused, 'constructor', long]) {
		const quoted = `"${[...Buffer.from(name)].map(byte => `\\${byte.toString(16).padStart(2, '0')}`).join('')}"`;
		const {exports} = await guest(`(component
			(core module $A (func (export ${quoted}) (result i32) (i32.const 7)))
			(core module $B (import ${quoted} ${quoted} (func $f (result i32))) (func (export "f") (result i32) (call $f)))
			(core instance $a (instantiate $A))
			(core instance $b (instantiate $B (with ${quoted} (instance (export ${quoted} (func $a ${quoted}))))))
			(func (export "f") (result u32) (canon lift (core func $b "f"))))`);
		t.is(exports.f(), 7, name.slice(0, 40));
	}
	t.deepEqual(Reflect.ownKeys(Object.prototype), before);
});

test('A13, A14: a name that is not UTF-8 is refused with its offset', async t => {
	const bytes = renamed('abc', 'a:b/c', 'a:b/c');
	const at = Buffer.from(bytes).indexOf('abc');
	bytes[at] = 0xff;
	await t.throwsAsync(load(bytes), {code: 'FORGE_COMPONENT_INVALID', message: new RegExp(`at byte ${at}: expected a name in UTF-8`)});
});
